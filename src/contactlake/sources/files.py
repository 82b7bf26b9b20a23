"""Collect: what the user named → sources of bytes. Files, folders, globs and standard input.

What a file holds is told from its first bytes, never from its name.
"""

from __future__ import annotations

import glob
import gzip
import io
import json
import os
import re
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import zstandard

from contactlake.errors import UsageError

STDIN = "-"
_HEAD = 1 << 16
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_PROSE_LINES = 3
_OBJECT_LINE = re.compile(rb'(?:^|[\x00\r\n])[ \t]*\{[ \t\r\n]*"[ -~]+"[ \t\r\n]*:')
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b\x08")


@dataclass(frozen=True)
class Source:
    """Something to ingest.

    name  as the user (or the folder's walk) named it; ``-`` for standard input
    path  the file; None for standard input
    """

    name: str
    path: Path | None

    @property
    def is_file(self) -> bool:
        """Whether it can be read again from the start: no pipe, no standard input."""
        return self.path is not None and stat.S_ISREG(self.path.stat().st_mode)

    def open(self) -> io.BufferedIOBase:
        """The bytes as they were delivered."""
        if self.path is None:
            return cast(io.BufferedIOBase, sys.stdin.buffer)
        return self.path.open("rb")


def collect(arguments: Iterable[str], lake: Path) -> list[Source]:
    """All files that the arguments name, in a fixed order, each once; the lake's own folder is never read.

    Raises ``UsageError`` for an argument that names nothing.
    """
    sources: list[Source] = []
    seen: set[Path] = set()
    own = lake.resolve()
    for argument in arguments:
        if argument == STDIN:
            sources.append(Source(STDIN, None))
            continue
        for path in _files(argument):
            real = path.resolve()
            if real not in seen and own != real and own not in real.parents:
                seen.add(real)
                sources.append(Source(_spoken(path), path))
    return sources


def size_of(sources: Iterable[Source]) -> int:
    """Bytes of the files among the sources."""
    return sum(source.path.stat().st_size for source in sources if source.path is not None)


def _files(argument: str) -> Iterator[Path]:
    path = Path(argument)
    if path.is_dir():
        yield from _walk(path)
    elif path.exists():
        yield path
    else:
        matches = sorted(glob.glob(argument, recursive=True))
        if not matches:
            raise UsageError(f"{argument}: there is no such file or folder. Check the path, or quote a glob pattern.")
        for match in matches:
            yield from _walk(Path(match)) if Path(match).is_dir() else [Path(match)]


def _spoken(path: Path) -> str:
    """A path as text that can be stored anywhere: bytes that are no UTF-8 are spelled as escapes."""
    return os.fsencode(path).decode(errors="backslashreplace")


def _walk(folder: Path, walked: set[Path] | None = None) -> Iterator[Path]:
    walked = set() if walked is None else walked
    real = folder.resolve()
    if real in walked:  # a link that leads back
        return
    walked.add(real)
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _walk(path, walked)
        elif path.is_file():
            yield path


def compression(head: bytes) -> str:
    """``gzip``, ``zstd`` or ``plain``, from a file's first bytes."""
    if head.startswith(_GZIP):
        return "gzip"
    return "zstd" if head.startswith(_ZSTD) else "plain"


def why_not_text(head: bytes, kind: str) -> str | None:
    """Why a file with these first bytes is no JSON text (a recording, an archive); None if it may be."""
    text = peek(head, kind)
    if text.lstrip()[:1] in (b"{", b"["):
        return None
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "it is UTF-16 text; JSON is delivered as UTF-8"
    if _OBJECT_LINE.search(text):  # whatever else is in it: its records are wanted
        return None
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in text[:4096])
    if controls > max(8, len(text[:4096]) // 50):
        return "it is binary data, not JSON text"
    return None


def is_prose(path: Path) -> bool:
    """Whether a plain file is text of several lines without a single object in it, and its first line is no JSON value:
    notes or a table."""
    lines = 0
    with path.open("rb") as stream:
        first = stream.read(_HEAD)
        if first.lstrip()[:1] in (b"{", b"[") or _is_json(first.lstrip().partition(b"\n")[0]):
            return False
        while first:
            if b"{" in first:
                return False
            lines += first.count(b"\n")
            first = stream.read(_HEAD << 4)
    return lines >= _PROSE_LINES


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def peek(head: bytes, kind: str) -> bytes:
    """A file's first bytes, decompressed; nothing where that fails."""
    try:
        if kind == "gzip":
            text = zlib.decompressobj(wbits=31).decompress(head, _HEAD)
            return zlib.decompressobj(wbits=31).decompress(text, _HEAD) if text.startswith(_GZIP) else text
        if kind == "zstd":
            return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(head)).read(_HEAD)
    except (zlib.error, zstandard.ZstdError, gzip.BadGzipFile):
        return b""
    return head


def head_of(stream: io.BufferedIOBase) -> bytes:
    """The first bytes of a stream, enough to tell what it holds."""
    parts = []
    wanted = _HEAD
    while wanted > 0 and (part := stream.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)
