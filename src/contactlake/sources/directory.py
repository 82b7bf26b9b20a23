"""Collect from the vendor's API: an instance's users, routing profiles and hierarchy groups, as documents.

What the API answers is passed on as it is, each resource in a document of its own with the instant and the instance it
was asked of. Resources that did not change since they were last described are not asked for again; a list of all ids
closes each kind. Throttling is botocore's business: it slows down and tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contactlake.errors import ContactlakeError, UsageError

ATTEMPTS = 10
_SAID_EVERY = 250
Known = Mapping[tuple[str, str], datetime | None]
"""By kind and id of a resource that is stored: when it had last been changed."""


@dataclass(frozen=True)
class Kind:
    """A kind of resource, and how the API is asked for it.

    name      what documents call it
    lists     the operation that lists all, and the key of its answer under which they are
    describes the operation that tells all about one, its parameter for the id, and the key of the answer
    """

    name: str
    lists: tuple[str, str]
    describes: tuple[str, str, str]

    @property
    def spoken(self) -> str:
        """What people call one."""
        return self.name.replace("-", " ")


KINDS = (
    Kind(
        "hierarchy-group",
        ("list_user_hierarchy_groups", "UserHierarchyGroupSummaryList"),
        ("describe_user_hierarchy_group", "HierarchyGroupId", "HierarchyGroup"),
    ),
    Kind(
        "routing-profile",
        ("list_routing_profiles", "RoutingProfileSummaryList"),
        ("describe_routing_profile", "RoutingProfileId", "RoutingProfile"),
    ),
    Kind("user", ("list_users", "UserSummaryList"), ("describe_user", "UserId", "User")),
)
"""In the order in which they are asked for: what others belong to comes first, and what there is most of last."""


@dataclass(frozen=True)
class Instance:
    """An instance to ask: its id, and the region where that is known."""

    id: str
    region: str | None

    @classmethod
    def of(cls, text: str, region: str | None) -> Instance:
        """From an id or an ARN, which names its region, too."""
        if not text.startswith("arn:"):
            return cls(text, region)
        parts = text.split(":", 5)
        if len(parts) < 6 or not parts[5].startswith("instance/"):
            raise UsageError(f"{text} is no ARN of an instance: arn:aws:connect:REGION:ACCOUNT:instance/ID")
        return cls(parts[5].split("/")[1], region or parts[3])


class Directory:
    """The API of one instance."""

    def __init__(self, instance: Instance, endpoint_url: str | None = None) -> None:
        self.instance = instance
        try:
            import boto3
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
        except ModuleNotFoundError:
            raise ContactlakeError("Asking the API needs boto3: pip install 'contactlake[aws]'") from None
        retries = {"mode": "adaptive", "total_max_attempts": ATTEMPTS}
        config = Config(retries=retries, user_agent_extra="contactlake")
        try:
            self.client = boto3.session.Session().client(
                "connect", region_name=instance.region, endpoint_url=endpoint_url, config=config
            )
        except (BotoCoreError, ValueError) as error:
            raise _explained(error, instance) from None

    def documents(self, at: datetime, known: Known, say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
        """A document for every resource that is new or has changed, and a list for every kind."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            for kind in KINDS:
                ids: list[str] = []
                described = 0
                for summary in self._listed(kind):
                    if _is_known(kind, summary, known):
                        ids.append(summary["Id"])
                    elif (resource := self._described(kind, summary["Id"])) is not None:
                        ids.append(summary["Id"])
                        described += 1
                        if described % _SAID_EVERY == 0:
                            say(f"{described:,} {kind.spoken}s described so far")
                        yield self._document(kind.name, at, resource)
                yield self._document(f"{kind.name}-list", at, {"Ids": ids})
                say(f"{len(ids):,} {kind.spoken}s, {described:,} of them new or changed")
        except (BotoCoreError, ClientError) as error:
            raise _explained(error, self.instance) from None

    def _listed(self, kind: Kind) -> Iterator[dict[str, Any]]:
        operation, key = kind.lists
        for page in self.client.get_paginator(operation).paginate(InstanceId=self.instance.id):
            yield from page.get(key, ())

    def _described(self, kind: Kind, id_: str) -> dict[str, Any] | None:
        """All about one; None where it was removed since it was listed."""
        operation, parameter, key = kind.describes
        try:
            answer = getattr(self.client, operation)(InstanceId=self.instance.id, **{parameter: id_})
        except self.client.exceptions.ResourceNotFoundException:
            return None
        resource: dict[str, Any] = answer[key]
        return resource

    def _document(self, kind: str, at: datetime, resource: dict[str, Any]) -> dict[str, Any]:
        return {
            "contactlakeSnapshot": kind,
            "fetchedAt": spelled(at),
            "instanceId": self.instance.id,
            "resource": _plain(resource),
        }


def spelled(instant: datetime) -> str:
    """An instant as documents spell it."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _is_known(kind: Kind, summary: Mapping[str, Any], known: Known) -> bool:
    before, changed = known.get((kind.name, summary["Id"])), summary.get("LastModifiedTime")
    return before is not None and changed is not None and bool(changed <= before)


def _plain(value: Any) -> Any:
    """A value as JSON has it; the API's instants become text."""
    match value:
        case datetime():
            return spelled(value)
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
    return value


_REFUSED = {
    "AccessDeniedException": "may not do this",
    "UnrecognizedClientException": "are not known",
    "InvalidSignatureException": "are not valid",
    "ExpiredTokenException": "have expired",
}


def _explained(error: Exception, instance: Instance) -> ContactlakeError:
    """A sentence for what went wrong, and what to do."""
    from botocore import exceptions

    if isinstance(error, exceptions.NoRegionError):
        return UsageError("Which region is the instance in? Say --region, or give the instance's ARN.")
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return ContactlakeError(
            "There are no AWS credentials. Give them as for the AWS command line: "
            "$AWS_PROFILE, or $AWS_ACCESS_KEY_ID and $AWS_SECRET_ACCESS_KEY."
        )
    if not isinstance(error, exceptions.ClientError):
        return ContactlakeError(f"The API cannot be asked: {str(error).rstrip('.')}.")
    answer = error.response.get("Error", {})
    code, message = answer.get("Code", ""), str(answer.get("Message") or answer.get("message") or "").rstrip(".")
    said = f": {message}" if message else ""
    if code in _REFUSED:
        return ContactlakeError(f"The API refused {error.operation_name}, these credentials {_REFUSED[code]}{said}.")
    if code == "ResourceNotFoundException":
        where = f" in {instance.region}" if instance.region else ""
        return ContactlakeError(f"There is no instance {instance.id}{where}. Check --instance and --region.")
    if code in ("ThrottlingException", "TooManyRequestsException"):
        return ContactlakeError(f"The API is too busy; it was asked {ATTEMPTS} times. Try later.")
    return ContactlakeError(f"The API did not answer {error.operation_name}: {code}{said}.")
