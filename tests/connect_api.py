"""A server that speaks the vendor's protocol for one instance: lists in pages, descriptions, throttling, refusals."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 2
_LISTS = {
    "users-summary": ("users", "UserSummaryList"),
    "routing-profiles-summary": ("routing-profiles", "RoutingProfileSummaryList"),
    "user-hierarchy-groups-summary": ("user-hierarchy-groups", "UserHierarchyGroupSummaryList"),
}
_DESCRIBED = {"users": "User", "routing-profiles": "RoutingProfile", "user-hierarchy-groups": "HierarchyGroup"}


@dataclass
class Api:
    """What the instance has, and how the server behaves.

    refuse  (status, error code) for the next answers; None: a proper answer
    asked   path of every request that was answered properly, with the region that it was signed for
    """

    instance: str
    resources: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {"users": {}, "routing-profiles": {}, "user-hierarchy-groups": {}}
    )
    refuse: list[tuple[int, str] | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    regions: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)  # listed, but removed before it is described
    url: str = ""

    def arn(self, kind: str, id_: str) -> str:
        return f"arn:aws:connect:eu-west-2:111122223333:instance/{self.instance}/{kind}/{id_}"

    def user(self, id_: str, changed: float, **more: Any) -> None:
        self.resources["users"][id_] = {
            "Id": id_, "Arn": self.arn("agent", id_), "Username": f"{id_}.name", "LastModifiedTime": changed,
            "LastModifiedRegion": "eu-west-2", **more,
        }  # fmt: skip

    def profile(self, id_: str, changed: float, name: str, **more: Any) -> None:
        self.resources["routing-profiles"][id_] = {
            "RoutingProfileId": id_, "RoutingProfileArn": self.arn("routing-profile", id_), "Name": name,
            "InstanceId": self.instance, "LastModifiedTime": changed, "LastModifiedRegion": "eu-west-2", **more,
        }  # fmt: skip

    def group(self, changed: float, *path: str) -> None:
        levels = ("LevelOne", "LevelTwo", "LevelThree", "LevelFour", "LevelFive")
        named = {
            level: {"Id": id_, "Arn": self.arn("agent-group", id_), "Name": f"Group {id_}"}
            for level, id_ in zip(levels, path, strict=False)
        }
        self.resources["user-hierarchy-groups"][path[-1]] = {
            **named[levels[len(path) - 1]], "LevelId": str(len(path)), "HierarchyPath": named,
            "LastModifiedTime": changed, "LastModifiedRegion": "eu-west-2",
        }  # fmt: skip

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any], str]:
        """Status, body and the error's kind."""
        behave = self.refuse.pop(0) if self.refuse else None
        if behave is not None:
            return behave[0], {"message": "no"}, behave[1]
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if parts[1] != self.instance:
            return 404, {"message": "no such instance"}, "ResourceNotFoundException"
        self.asked.append(path)
        if parts[0] in _LISTS:
            return 200, self._page(*_LISTS[parts[0]], int(query.get("nextToken", ["0"])[0])), ""
        found = self.resources[parts[0]].get(parts[2])
        if found is None or parts[2] in self.gone:
            return 404, {"message": "no such resource"}, "ResourceNotFoundException"
        return 200, {_DESCRIBED[parts[0]]: found}, ""

    def _page(self, kind: str, key: str, first: int) -> dict[str, Any]:
        every = [
            {
                "Id": id_,
                "Arn": r.get("Arn") or r["RoutingProfileArn"],
                "LastModifiedTime": r["LastModifiedTime"],
            }
            for id_, r in self.resources[kind].items()
        ]
        more = {"NextToken": str(first + PAGE)} if first + PAGE < len(every) else {}
        return {key: every[first : first + PAGE], **more}


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """The server, for as long as it is needed; ``api.url`` says where."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            signed = self.headers.get("Authorization", "")
            assert signed.startswith("AWS4-HMAC-SHA256 Credential=")
            api.regions.add(signed.split("/")[2])
            status, body, kind = api.answer(url.path, parse_qs(url.query))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if kind:
                self.send_header("x-amzn-ErrorType", kind)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
