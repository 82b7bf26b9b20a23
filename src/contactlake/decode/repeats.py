"""Sub-documents that stand unchanged in many records are parsed once.

Most bytes of an agent event are the agent's configuration, twice, and it changes a few times a day. Where a stream
declares such paths, their text is cut out of the record (a JSON object delimits itself, so the same bytes at a value's
place are the same value), parsed when first seen, and stands in the parsed record as a *token*: a string that names the
sub-document by the digest of its value. What comes out does not depend on whether the text was met before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import msgspec

from contactlake.decode.parse import MAX_DEPTH, digest, parse
from contactlake.model.reason import Reject

_NUL = "\x00"
_EDGE = 12
_REMEMBERED_BYTES = 24 << 20


class Repeats:
    """Parses records of streams that declare repeating sub-documents."""

    def __init__(self, paths: Sequence[tuple[str, ...]]) -> None:
        self.paths = tuple(path for path in paths if not any(_inside(path, other) for other in paths))
        inner = {path[len(outer) :] for path in paths for outer in self.paths if _inside(path, outer)}
        self._inner = Repeats(sorted(inner)) if inner else None
        self._documents: dict[str, Any] = {}
        self._tokens: dict[bytes, str] = {}
        self._bytes = 0
        self._envelope: msgspec.json.Decoder[Any] | None = None
        if self.paths:
            self._envelope = msgspec.json.Decoder(_envelope(self.paths))
        self._edges: list[tuple[bytes, bytes]] = []
        self._readers = tuple(_reader(path) for path in self.paths)

    @property
    def is_full(self) -> bool:
        """Whether so much is remembered that it should be forgotten."""
        return self._bytes > _REMEMBERED_BYTES

    def release(self) -> dict[str, Any]:
        """The objects and arrays behind the tokens met since the last call, by token."""
        documents, self._documents = self._documents, {}
        return documents | self._inner.release() if self._inner else documents

    def forget(self) -> None:
        """Drop what is remembered; every sub-document is released again when it is met again."""
        self._documents.clear()
        self._tokens.clear()
        self._bytes = 0
        if self._inner:
            self._inner.forget()

    def parse(self, raw: bytes) -> Any:
        """Like ``parse.parse``; objects at the declared paths are replaced by their tokens."""
        if self._envelope is not None and (short := self._cut(raw, self._envelope)) is not None:
            try:
                value = parse(short)
            except Reject:  # the whole text says where
                return parse(raw)
            if all(isinstance(_at(value, path), str | None) for path in self.paths):
                return value
        return self.tokenise(parse(raw))

    def _cut(self, raw: bytes, decoder: msgspec.json.Decoder[Any]) -> bytes | None:
        """The record with the sub-documents' text replaced by tokens; None where that cannot be said surely."""
        if b"\\" in raw and b"\\u0000" in raw:  # the record could itself spell a token
            return None
        if (short := self._cut_known(raw)) is not None:
            return short
        try:
            envelope = decoder.decode(raw)
            pieces = [text for read in self._readers if (text := bytes(read(envelope)))[:1] in (b"{", b"[")]
            tokens = [self._tokens.get(text) or self._remember(text) for text in pieces]
        except (msgspec.DecodeError, RecursionError, Reject):  # broken: the whole text says how
            return None
        places: list[tuple[int, int, str]] = []
        for text, token in zip(pieces, tokens, strict=True):
            after = max((start + length for start, length, other in places if other == token), default=0)
            start = _find(raw, text, after)
            if start < 0 or any(start < s + n and s < start + len(text) for s, n, _ in places):
                return None
            places.append((start, len(text), token))
        self._learn(raw, places)
        return _replace(raw, sorted(places)) if places else None

    def _cut_known(self, raw: bytes) -> bytes | None:
        """The same, much faster, where the sub-documents stand between the same texts as in the record before."""
        places = []
        position = 0
        for before, after in self._edges:
            start = raw.find(before, position) + len(before)
            position = raw.find(after, start)
            token = self._tokens.get(raw[start:position])
            if token is None:
                return None
            places.append((start, position - start, token))
        return _replace(raw, places) if places else None

    def _learn(self, raw: bytes, places: list[tuple[int, int, str]]) -> None:
        """Remember between which texts the sub-documents stood."""
        self._edges = [
            (raw[max(0, start - _EDGE) : start], raw[start + length : start + length + _EDGE])
            for start, length, _ in sorted(places)
        ]

    def _remember(self, text: bytes) -> str:
        if text.count(b"{") + text.count(b"[") > MAX_DEPTH // 2:  # may be too deep where it stands in the record
            parse(b'[{"":' + text + b"}]")
        token = self._name(self._inner.parse(text) if self._inner else parse(text))
        self._tokens[text] = token
        self._bytes += len(text)
        return token

    def _name(self, value: Any) -> str:
        token = _NUL + digest(value).hex()
        self._documents[token] = value
        return token

    def tokenise(self, value: Any) -> Any:
        """Replace the objects at the declared paths of a parsed record by their tokens."""
        for path in self.paths:
            parent = _at(value, path[:-1])
            if isinstance(parent, dict) and path[-1] in parent:
                here = parent[path[-1]]
                if isinstance(here, dict | list):
                    parent[path[-1]] = self._name(self._inner.tokenise(here) if self._inner else here)
                elif isinstance(here, str) and here.startswith(_NUL):
                    parent[path[-1]] = True  # text that only looks like a token: neither an object nor an array
        return value


def _inside(path: tuple[str, ...], outer: tuple[str, ...]) -> bool:
    return len(path) > len(outer) and path[: len(outer)] == outer


def is_token(value: Any) -> bool:
    """Whether a parsed value stands for a repeating sub-document."""
    return isinstance(value, str) and value.startswith(_NUL)


def _at(value: Any, path: tuple[str, ...]) -> Any:
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


def _replace(raw: bytes, places: list[tuple[int, int, str]]) -> bytes:
    parts = []
    done = 0
    for position, length, token in places:
        parts += [raw[done:position], b'"\\u0000', token[1:].encode(), b'"']
        done = position + length
    parts.append(raw[done:])
    return b"".join(parts)


def _envelope(paths: tuple[tuple[str, ...], ...]) -> type:
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


def _reader(path: tuple[str, ...]) -> Any:
    def read(envelope: Any) -> Any:
        for key in path:
            if envelope is None:
                return b""
            envelope = getattr(envelope, key)
        return envelope

    return read
