"""What was landed, read again: the bytes of an object as they were before anybody compressed them."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

from contactlake.landing.objects import Frame, LandedObject

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_ZSTD_INPUT = 1 << 10  # a kilobyte can become 32 MiB: what is read at once bounds the memory


class Damaged(Exception):
    """A compressed stream ends early or is broken; what came before it was delivered."""


def read(obj: LandedObject, frames: tuple[Frame, ...] | None = None) -> Iterator[bytes]:
    """The decompressed bytes of an object, or of some of its consecutive frames, in chunks of bounded size.

    Raises ``Damaged`` after the last good byte where a delivered compressed stream is broken.
    """
    if obj.kind in ("frames", "plain"):
        yield from _read_frames(obj, obj.frames if frames is None else frames)
    elif obj.kind == "gzip":
        yield from _read_gzip(Path(obj.path))
    else:
        yield from _read_zstd(Path(obj.path))


def read_range(obj: LandedObject, offset: int, length: int) -> Iterator[bytes]:
    """The bytes ``offset … offset + length`` of an object's input."""
    chosen = tuple(f for f in obj.frames if f.offset < offset + length and offset < f.offset + f.length)
    position = chosen[0].offset if chosen else 0
    for chunk in read(obj, chosen if obj.frames else None):
        begin, end = max(offset - position, 0), min(offset + length - position, len(chunk))
        if begin < end:
            yield chunk[begin:end]
        position += len(chunk)
        if position >= offset + length:
            return


def _read_frames(obj: LandedObject, frames: tuple[Frame, ...]) -> Iterator[bytes]:
    decompressor = zstandard.ZstdDecompressor()
    with open(obj.path, "rb") as stored:
        for frame in frames:
            stored.seek(frame.start)
            data = stored.read(frame.size)
            yield decompressor.decompress(data, max_output_size=frame.length) if obj.kind == "frames" else data


def _read_gzip(path: Path) -> Iterator[bytes]:
    """What is compressed in a file: a log subscription is compressed before a delivery stream compresses it again."""
    with path.open("rb") as stored:
        outer = _gunzip(iter(lambda: stored.read(_CHUNK), b""))
        first = b""
        while len(first) < len(_GZIP) and (part := next(outer, b"")):
            first += part
        whole = itertools.chain([first] if first else [], outer)
        yield from _gunzip(whole) if first.startswith(_GZIP) else whole


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=31)
    fresh = True
    data = next(chunks, b"")
    while data:
        try:
            part = member.decompress(data, _CHUNK)
        except zlib.error as error:
            raise Damaged(f"the gzip stream is broken ({error})") from None
        fresh = False
        if part:
            yield part
        if member.eof:
            rest = member.unused_data or next(chunks, b"")
            while rest and not rest.strip(b"\0"):  # padding
                rest = next(chunks, b"")
            member, fresh, data = zlib.decompressobj(wbits=31), True, rest
        else:
            data = member.unconsumed_tail or next(chunks, b"")
    if not fresh:
        raise Damaged("the gzip stream ends early")


def _read_zstd(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stored:
        frame = zstandard.ZstdDecompressor().decompressobj()
        fresh = True
        parts: list[bytes] = []
        size = 0
        data = stored.read(_ZSTD_INPUT)
        while data:
            try:
                part = frame.decompress(data)
            except zstandard.ZstdError as error:
                yield b"".join(parts)
                raise Damaged(f"the zstd stream is broken ({error})") from None
            fresh = False
            parts.append(part)
            if (size := size + len(part)) >= _CHUNK:
                yield b"".join(parts)
                parts, size = [], 0
            if frame.eof:
                data = frame.unused_data or stored.read(_ZSTD_INPUT)
                frame, fresh = zstandard.ZstdDecompressor().decompressobj(), True
            else:
                data = stored.read(_ZSTD_INPUT)
        yield b"".join(parts)
        if not fresh:
            raise Damaged("the zstd stream ends early")
