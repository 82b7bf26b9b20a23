"""Sub-documents that stand unchanged in many records are parsed once.

Most bytes of an agent event are two snapshots of the agent. One of them is nearly always known from the event before,
and most of a new one is the agent's configuration, which changes a few times a day. Where a stream declares such
sub-documents, their text is cut out of the record (a JSON object delimits itself, so the same bytes at a value's place
are the same value), parsed when first seen, and stands in the parsed record as a *token*: a string that names the
sub-document by the digest of its value. What comes out does not depend on whether the text was met before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

import msgspec

from contactlake.decode.parse import MAX_DEPTH, digest, parse
from contactlake.model.reason import Reject
from contactlake.model.stream import Repeat

_NUL = "\x00"
_EDGE = 12
_REMEMBERED_BYTES = 24 << 20
_MANY_HEADS = 4_000
_OPENING = (b"{", b"[")

Keys = tuple[str, ...]
Documents = dict[Repeat, dict[str, Any]]
"""The objects and arrays behind tokens, by what repeats."""


class _Kind:
    """The distinct sub-documents of one declared kind. They stand below ``depth`` levels of the document."""

    def __init__(self, repeat: Repeat, depth: int) -> None:
        self.repeat = repeat
        self.paths: list[Keys] = [tuple(path.split(".")) for path in repeat.paths]
        self.depth = depth + len(self.paths[0])
        self.inner = Repeats(repeat.within, self.depth)
        self.spelled: dict[bytes, bytes] = {}  # by text: its token as JSON
        self.documents: dict[str, Any] = {}

    def remember(self, text: bytes) -> bytes:
        """The token, as JSON, of a text that was not met before."""
        spelled = b'"\\u0000%b"' % self.name(self.inner.parse(text))[1:].encode()
        self.spelled[text] = spelled
        return spelled

    def name(self, value: Any) -> str:
        """The token of a value."""
        token = _NUL + digest(value).hex()
        self.documents[token] = value
        return token


class Repeats:
    """Parses documents in which the given sub-documents repeat; the documents stand below ``depth`` levels."""

    def __init__(self, repeats: Iterable[Repeat], depth: int = 0) -> None:
        self.depth = depth
        self.parsed = 0  # bytes that were parsed, all in all
        self._kinds = [_Kind(repeat, depth) for repeat in repeats]
        self._places = [(path, kind) for kind in self._kinds for path in kind.paths]
        self._remembered = 0
        self._envelope: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_envelope([path for path, _ in self._places]))
        self._edges: list[tuple[bytes, bytes, _Kind]] = []
        self._latest: dict[bytes, bytes] = {}

    @property
    def is_full(self) -> bool:
        """Whether so much is remembered that it should be forgotten."""
        return self.remembered > _REMEMBERED_BYTES

    @property
    def remembered(self) -> int:
        """Bytes that are remembered."""
        return self._remembered + sum(kind.inner.remembered for kind in self._kinds)

    def release(self) -> Documents:
        """What is behind the tokens that were met first since the last call."""
        released: Documents = {}
        for kind in self._kinds:
            released |= {kind.repeat: kind.documents} | kind.inner.release()
            kind.documents = {}
        return released

    def forget(self) -> None:
        """Drop what is remembered; every sub-document is released again when it is met again."""
        self._latest.clear()
        self._remembered = 0
        for kind in self._kinds:
            kind.documents.clear()
            kind.spelled.clear()
            kind.inner.forget()

    def parse(self, raw: bytes) -> Any:
        """Like ``parse.parse``; sub-documents at the declared paths are replaced by their tokens."""
        if self._places:
            cut = self._cut_usual(raw) or self._cut(raw)
            if cut is not None:
                short, tokens = cut
                try:
                    value = self._parse(short)
                except Reject:  # the whole text says where
                    return self._parse(raw)
                if self._tokens_in(value) == tokens:
                    return value
                self._edges = []
        return self.tokenise(self._parse(raw))

    def _parse(self, raw: bytes) -> Any:
        """The value of a text, no deeper than it may be where it stands."""
        self.parsed += len(raw)
        if self.depth == 0 or raw.count(b"{") + raw.count(b"[") < MAX_DEPTH - self.depth:
            return parse(raw)
        value = parse(b"".join((b"[" * self.depth, raw, b"]" * self.depth)))
        for _ in range(self.depth):
            value = value[0]
        return value

    def _tokens_in(self, value: Any) -> int:
        """How many tokens stand at the declared paths; -1 where something else stands at one of them."""
        found = 0
        for path, _ in self._places:
            here = value
            for key in path:
                here = here.get(key) if type(here) is dict else None
            if type(here) is str:
                found += here[:1] == _NUL
            elif here is not None:
                return -1
        return found

    # cutting ----------------------------------------------------------------------------------------------------------

    def _cut_usual(self, raw: bytes) -> tuple[bytes, int] | None:
        """The record with its sub-documents' texts replaced by tokens, and how many; quickly, where they stand between
        the same texts as in the record before. None where that cannot be said surely."""
        parts: list[bytes] = []
        done = 0  # up to here it stands in the parts
        position = 0
        text = latest = None
        for before, after, kind in self._edges:
            found = raw.find(before, position)
            if found < 0:
                continue
            start = found + len(before)
            between = raw[done:start]
            if not parts:  # records that begin alike (with the same agent) often go on alike
                latest = self._latest.get(between)
            if text is not None and raw.startswith(text, start):
                position = start + len(text)
            elif latest is not None and raw.startswith(latest, start):
                text = latest
                position = start + len(text)
            elif raw.startswith(_OPENING, start):
                position = raw.find(after, start)
                if position < 0:
                    return None
                text = raw[start:position]
            else:  # null, or something odd
                position = start
                continue
            token = kind.spelled.get(text) or self._remember(kind, text)
            if token is None:
                return None
            if not parts and text is not latest:
                if len(self._latest) > _MANY_HEADS:
                    self._latest.clear()
                self._latest[between] = text
            parts += (between, token)
            done = position
        parts.append(raw[done:])
        return _joined(parts)

    def _cut(self, raw: bytes) -> tuple[bytes, int] | None:
        """The same for any record, and learn where they stand."""
        try:
            envelope = self._envelope.decode(raw)
        except (msgspec.DecodeError, RecursionError):  # broken: the whole text says how
            return None
        found: list[tuple[int, int, _Kind]] = []
        places: list[tuple[int, int, bytes]] = []
        for path, kind in self._places:
            text = bytes(_text_at(envelope, path))
            if not text.startswith(_OPENING):
                continue
            token = kind.spelled.get(text) or self._remember(kind, text)
            after = max((start + length for start, length, other in places if other == token), default=0)
            start = _find(raw, text, after)
            if token is None or start < 0 or any(start < s + n and s < start + len(text) for s, n, _ in places):
                return None
            places.append((start, len(text), token))
            found.append((start, start + len(text), kind))
        if len(found) >= len(self._edges):
            self._edges = [
                (raw[max(0, start - _EDGE) : start], raw[end : end + _EDGE], kind)
                for start, end, kind in sorted(found, key=lambda place: place[0])
            ]
        parts: list[bytes] = []
        done = 0
        for start, length, token in sorted(places):
            parts += (raw[done:start], token)
            done = start + length
        return _joined([*parts, raw[done:]])

    def _remember(self, kind: _Kind, text: bytes) -> bytes | None:
        try:
            spelled = kind.remember(text)
        except Reject:
            return None
        self._remembered += len(text)
        self.parsed += len(text)
        return spelled

    def tokenise(self, value: Any) -> Any:
        """Replace the sub-documents at the declared paths of a parsed document by their tokens."""
        for path, kind in self._places:
            parent = _at(value, path[:-1])
            if isinstance(parent, dict) and path[-1] in parent:
                here = parent[path[-1]]
                if isinstance(here, dict | list):
                    parent[path[-1]] = kind.name(kind.inner.tokenise(here))
                elif is_token(here):
                    parent[path[-1]] = True  # text that only looks like a token: neither an object nor an array
        return value


def is_token(value: Any) -> bool:
    """Whether a parsed value stands for a repeating sub-document."""
    return isinstance(value, str) and value.startswith(_NUL)


def _at(value: Any, path: Keys) -> Any:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _find(raw: bytes, text: bytes, start: int) -> int:
    """Where ``text`` stands in ``raw`` at or after ``start``; -1 if nowhere (finding by a prefix is much faster)."""
    prefix = text[:48]
    position = raw.find(prefix, start)
    while position >= 0 and not raw.startswith(text, position):
        position = raw.find(prefix, position + 1)
    return position


def _joined(parts: list[bytes]) -> tuple[bytes, int] | None:
    """The text of which every second part is a token; None where there is none, or the other parts could spell one."""
    tokens = len(parts) // 2
    if not tokens:
        return None
    text = b"".join(parts)
    spelled_alone = text.count(b"\\") == tokens or text.count(b"\\u0000") == tokens
    return (text, tokens) if spelled_alone else None


def _envelope(paths: Sequence[Keys]) -> type:
    """A msgspec type that keeps the text at ``paths`` and skips the rest."""
    tree: dict[str, Any] = {}
    for path in paths:
        reduce(lambda node, key: node.setdefault(key, {}), path, tree)

    def build(name: str, node: dict[str, Any]) -> type:
        fields: list[tuple[str, Any, Any]] = []
        for key, child in node.items():
            if child:
                fields.append((key, build(key, child) | None, None))
            else:
                fields.append((key, msgspec.Raw, msgspec.Raw()))
        return msgspec.defstruct(name, fields)

    return build("Envelope", tree)


def _text_at(envelope: Any, path: Keys) -> Any:
    for key in path:
        if envelope is None:
            return b""
        envelope = getattr(envelope, key)
    return envelope
