"""contactlake fetch, against a local server that speaks the vendor's protocol; no network."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import contactlake
from contactlake.cli import main
from contactlake.errors import ContactlakeError, UsageError
from contactlake.sources import directory
from contactlake.sources.directory import Instance
from tests.connect_api import Api, serving
from tests.lakes import Clock, write
from tests.test_configuration import LOOKS

INSTANCE = "11111111-2222-3333-4444-555555555555"
ARN = f"arn:aws:connect:eu-west-2:111122223333:instance/{INSTANCE}"
CHANGED = 1_690_000_000.5
AT = "2023-11-14"


@pytest.fixture(autouse=True)
def credentials(monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")


@pytest.fixture
def api():
    with serving(Api(INSTANCE)) as api:
        api.group(CHANGED, "g1")
        api.group(CHANGED, "g1", "g2")
        api.profile("p1", CHANGED, "Voice", Description="Calls", DefaultOutboundQueueId="q1",
                    AgentAvailabilityTimer="TIME_SINCE_LAST_INBOUND", Tags={"a": "b"})  # fmt: skip
        for n in range(5):
            api.user(
                f"u{n}", CHANGED, RoutingProfileId="p1", HierarchyGroupId="g2", SecurityProfileIds=["s1", "s2"],
                IdentityInfo={"FirstName": "Ana", "LastName": f"N{n}", "Email": "a@example.com", "Mobile": "+440000"},
                PhoneConfig={"PhoneType": "DESK_PHONE", "AutoAccept": True, "AfterContactWorkTimeLimit": 30,
                             "DeskPhoneNumber": "+441111"},
                VoiceEnhancementConfigs=[{"Channel": "VOICE", "VoiceEnhancementMode": "VOICE_ISOLATION"}],
            )  # fmt: skip
        yield api


@pytest.fixture
def lake(tmp_path):
    return contactlake.open(tmp_path / "lake", now=Clock())


def agent_event(user: str, at: str, look: tuple, id_: str = "e") -> dict:
    username, (profile, name), groups = look
    return {
        "AWSAccountId": "111122223333",
        "AgentARN": f"{ARN}/agent/{user}",
        "InstanceARN": ARN,
        "EventId": f"{id_}-{user}-{at}",
        "EventTimestamp": at,
        "EventType": "HEART_BEAT",
        "Version": "2019-05-25",
        "CurrentAgentSnapshot": {
            "Configuration": {
                "Username": username,
                "FirstName": "Seen",
                "LastName": "Later",
                "RoutingProfile": {"ARN": f"{ARN}/routing-profile/{profile}", "Name": name},
                "AgentHierarchyGroups": {
                    f"Level{n}": {"ARN": f"{ARN}/agent-group/{g}", "Name": name}
                    for n, (g, name) in enumerate(groups, 1)
                },
            }
        },
    }


def user(lake, id_: str) -> dict:
    (row,) = lake.query(f"SELECT * FROM users WHERE user_id = '{id_}'").rows()
    return row


def test_everything_that_the_api_says_is_there(lake, api):
    api.refuse = [None, (429, "ThrottlingException"), None, (500, "InternalServiceException")]
    summary = lake.fetch(ARN, endpoint_url=api.url)
    assert (summary.records, summary.stored, summary.quarantined) == (11, 11, 0)
    assert api.regions == {"eu-west-2"}
    assert sum(path.startswith("/users-summary/") for path in api.asked) == 3
    found = user(lake, "u3")
    assert found.pop("data_lake_last_processed_timestamp") is not None
    assert found.pop("last_modified_timestamp").timestamp() == CHANGED
    assert found == {
        "user_id": "u3",
        "user_arn": f"{ARN}/agent/u3",
        "directory_user_id": None,
        "agent_hierarchy_group_id": "g2",
        "agent_hierarchy_group_arn": f"{ARN}/agent-group/g2",
        "agent_hierarchy_group_level_1_id": "g1",
        "agent_hierarchy_group_level_2_id": "g2",
        "agent_hierarchy_group_level_3_id": None,
        "agent_hierarchy_group_level_4_id": None,
        "agent_hierarchy_group_level_5_id": None,
        "agent_email": "a@example.com",
        "agent_secondary_email": None,
        "first_name": "Ana",
        "last_name": "N3",
        "mobile": "+440000",
        "agent_username": "u3.name",
        "instance_id": INSTANCE,
        "instance_arn": ARN,
        "agent_routing_profile_id": "p1",
        "agent_routing_profile_arn": f"{ARN}/routing-profile/p1",
        "agent_security_profile_ids": ["s1", "s2"],
        "agent_security_profile_arns": [f"{ARN}/security-profile/s1", f"{ARN}/security-profile/s2"],
        "last_modified_region": "eu-west-2",
        "after_contact_work_time_limit": 30,
        "auto_accept": True,
        "desk_phone_number": "+441111",
        "phone_type": "DESK_PHONE",
        "is_active": True,
        "agent_voice_enhancement_mode": "VOICE_ISOLATION",
    }
    (profile,) = lake.query("SELECT * FROM routing_profiles").rows()
    assert (profile["routing_profile_name"], profile["routing_profile_description"]) == ("Voice", "Calls")
    assert (profile["default_outbound_queue_id"], profile["is_active"]) == ("q1", True)
    groups = lake.query("SELECT * FROM agent_hierarchy_groups ORDER BY agent_hierarchy_group_id").rows()
    assert [g["agent_hierarchy_group_name"] for g in groups] == ["Group g1", "Group g2"]
    assert {(g["instance_arn"], g["aws_account_id"], g["is_active"]) for g in groups} == {(ARN, "111122223333", True)}
    assert lake.status()["unknown_fields"] == []


def test_only_what_changed_is_asked_for_again_and_who_left_is_known(lake, api):
    lake.fetch(INSTANCE, region="eu-west-2", endpoint_url=api.url)
    before = user(lake, "u1")
    api.asked.clear()
    del api.resources["users"]["u0"]
    api.user("u2", CHANGED + 1, IdentityInfo={"FirstName": "New"})
    api.user("u9", CHANGED)
    api.gone.add("u9")
    lake.fetch(INSTANCE, region="eu-west-2", endpoint_url=api.url)
    assert [path for path in api.asked if "summary" not in path] == [f"/users/{INSTANCE}/u2", f"/users/{INSTANCE}/u9"]
    assert user(lake, "u1") == before
    found = {r["user_id"]: (r["is_active"], r["first_name"]) for r in lake.query("SELECT * FROM users").rows()}
    assert found == {
        "u0": (False, "Ana"), "u1": (True, "Ana"), "u2": (True, "New"), "u3": (True, "Ana"), "u4": (True, "Ana")
    }  # fmt: skip
    assert user(lake, "u2")["agent_hierarchy_group_id"] is None
    api.asked.clear()
    lake.fetch(INSTANCE, region="eu-west-2", endpoint_url=api.url, everything=True)
    assert f"/users/{INSTANCE}/u1" in api.asked
    assert lake.build().tables == {}


def test_the_newer_of_stream_and_api_wins(lake, api, tmp_path):
    """The clock says 14 November 2023, 22:13 UTC."""
    ann = LOOKS[2]
    early, late = f"{AT}T08:00:00.000Z", f"{AT}T23:59:00.000Z"
    events = [agent_event("u1", early, ann), agent_event("u2", late, ann), agent_event("u8", early, ann)]
    lake.ingest(write(tmp_path / "events.jsonl", [*events, agent_event("u7", late, ann)]))
    lake.fetch(ARN, endpoint_url=api.url)
    names = "agent_username, first_name, agent_routing_profile_id, agent_hierarchy_group_id, is_active, agent_email"
    found = {
        r["user_id"]: tuple(r.values())[1:]
        for r in lake.query(f"SELECT user_id, {names} FROM users WHERE user_id IN ('u1', 'u2', 'u7', 'u8')").rows()
    }
    assert found == {
        "u1": ("u1.name", "Ana", "p1", "g2", True, "a@example.com"),
        "u2": ("ann", "Seen", "p1", "g1", True, "a@example.com"),
        "u7": ("ann", "Seen", "p1", "g1", True, None),
        "u8": ("ann", "Seen", "p1", "g1", False, None),
    }
    (profile,) = lake.query("SELECT * FROM routing_profiles").rows()
    assert (profile["routing_profile_name"], profile["routing_profile_description"]) == ("Voice 2", "Calls")
    everything = {t: lake.query(f"SELECT * FROM {t} ORDER BY 1, 2").rows() for t in ("users", "agent_hierarchy_groups")}
    other = contactlake.open(tmp_path / "other", now=Clock())
    other.fetch(ARN, endpoint_url=api.url)
    other.ingest(tmp_path / "events.jsonl")
    again = {t: other.query(f"SELECT * FROM {t} ORDER BY 1, 2").rows() for t in everything}
    assert [
        {k: v for k, v in row.items() if k != "data_lake_last_processed_timestamp"} for t in again for row in again[t]
    ] == [
        {k: v for k, v in row.items() if k != "data_lake_last_processed_timestamp"}
        for t in everything
        for row in everything[t]
    ]


# what can go wrong ----------------------------------------------------------------------------------------------------


def asked(lake, *words):
    result = CliRunner().invoke(main, ["fetch", *words, "--lake", str(lake.folder)])
    assert "Traceback" not in result.output
    return result


def test_the_command_says_what_it_did(lake, api):
    result = asked(lake, "--instance", ARN, "--endpoint-url", api.url, "--format", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["stored"] == 11
    assert "5 users, 5 of them new or changed" in result.stderr
    again = asked(lake, "--instance", ARN, "--endpoint-url", api.url)
    assert "3 records = 3 stored" in again.stdout


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (
            (403, "AccessDeniedException"),
            "The API refused ListUserHierarchyGroups, these credentials may not do this: no.",
        ),
        ((403, "UnrecognizedClientException"), "these credentials are not known"),
        ((404, "ResourceNotFoundException"), f"There is no instance {INSTANCE} in eu-west-2."),
        (
            (400, "InvalidParameterException"),
            "The API did not answer ListUserHierarchyGroups: InvalidParameterException: no.",
        ),
    ],
)
def test_a_refusal_is_a_sentence(lake, api, refusal, sentence):
    api.refuse = [refusal]
    result = asked(lake, "--instance", ARN, "--endpoint-url", api.url)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert lake.query("SELECT * FROM directory_resource").rows() == []


def test_an_api_that_stays_too_busy_is_told(lake, api, monkeypatch):
    monkeypatch.setattr(directory, "ATTEMPTS", 2)
    api.refuse = [(429, "ThrottlingException")] * 2
    with pytest.raises(ContactlakeError, match=r"too busy; it was asked 2 times\."):
        lake.fetch(ARN, endpoint_url=api.url)
    assert not api.refuse


def test_what_was_said_before_a_refusal_is_stored_and_not_asked_for_again(lake, api):
    api.refuse = [*[None] * 9, (403, "AccessDeniedException")]
    with pytest.raises(ContactlakeError, match="What it said until then is stored"):
        lake.fetch(ARN, endpoint_url=api.url)
    stored = {r["resource_id"] for r in lake.query("SELECT * FROM directory_resource").rows()}
    before = {path.rsplit("/", 1)[1] for path in api.asked if "summary" not in path}
    assert before < stored  # and the instance, whose id lists have
    assert {r["is_active"] for r in lake.query("SELECT is_active FROM users").rows()} == {None}
    api.asked.clear()
    lake.fetch(ARN, endpoint_url=api.url)
    assert {path.rsplit("/", 1)[1] for path in api.asked if "summary" not in path} == {
        *("g1", "g2", "p1", "u0", "u1", "u2", "u3", "u4")
    } - before
    assert {r["is_active"] for r in lake.query("SELECT is_active FROM users").rows()} == {True}


def test_without_credentials_region_or_server_there_is_a_sentence(lake, monkeypatch, api):
    with pytest.raises(UsageError, match="--region"):
        lake.fetch(INSTANCE)
    with pytest.raises(UsageError, match="is no ARN of an instance"):
        lake.fetch("arn:aws:s3:::bucket")
    with pytest.raises(ContactlakeError, match="cannot be asked: Invalid endpoint"):
        lake.fetch(ARN, endpoint_url="nowhere")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    result = asked(lake, "--instance", ARN, "--endpoint-url", api.url)
    assert result.exit_code == 1
    assert "There are no AWS credentials." in result.stderr


def test_without_boto3_the_extra_is_named(lake, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(ContactlakeError, match=r"pip install 'contactlake\[aws\]'"):
        lake.fetch(ARN)


def test_an_arn_names_instance_and_region():
    assert Instance.of(ARN, None) == Instance(INSTANCE, "eu-west-2")
    assert Instance.of(ARN, "us-east-1") == Instance(INSTANCE, "us-east-1")
    assert Instance.of(f"{ARN}/agent/x", None).id == INSTANCE
