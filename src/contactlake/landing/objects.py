"""Land: bytes as they arrived, append-only, content-addressed, compressed.

An object is named by the SHA-256 of the file as it was delivered, so the same bytes twice are one object. Plain input
is stored as a row of independent zstd frames (one valid ``.zst`` file), so that any stretch of it can be read alone.
Nothing is parsed here.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from io import BufferedIOBase
from itertools import cycle
from pathlib import Path
from typing import BinaryIO

import zstandard

from contactlake.landing.durable import name_also, sync

FRAME_BYTES = 1 << 20  # what is read and parsed at once stays in the processor's cache
_CHUNK = 1 << 20
_UNFINISHED = "landing-"
_CUTS = (b"}\n{", b"}\r\n{")


@dataclass(frozen=True)
class Frame:
    """A stretch of an object: ``start`` and ``size`` in the stored file, ``offset`` and ``length`` in the input.

    ``safe`` says that a document certainly begins here (``}`` line break ``{`` stands inside no valid document).
    """

    start: int
    size: int
    offset: int
    length: int
    safe: bool


@dataclass(frozen=True)
class LandedObject:
    """A landed file.

    id      SHA-256 of the delivered bytes, hex; of an export a dot and its table's name follow: the same bytes may be
            rows of one table and records of a stream
    source  the name under which it was delivered
    path    where it is stored; the source file itself where it was registered in place
    kind    ``frames`` (ours), or as delivered: ``plain``, ``gzip``, ``zstd``
    bytes   size as delivered
    frames  stretches that can be read alone (kinds ``frames`` and ``plain``)
    landed_at  when its landing began (µs since 1970), where known: it does not change when decoding is done again
    """

    id: str
    source: str
    path: str
    kind: str
    bytes: int
    frames: tuple[Frame, ...] = ()
    landed_at: int | None = None

    @property
    def table(self) -> str | None:
        """The table whose rows the file holds, where it was imported."""
        return self.id.partition(".")[2] or None

    @property
    def short(self) -> str:
        """Enough of the id to name what was in the object."""
        return short_of(self.id)


def short_of(id_: str) -> str:
    """Enough of an object's id to name what was in the object."""
    digest, dot, table = id_.partition(".")
    return digest[:16] + dot + table


def import_id(digest: str, table: str) -> str:
    """The id of an export of a table, from the SHA-256 of its bytes."""
    return f"{digest}.{table}"


Progress = Callable[[int], None]
"""Called with the number of bytes just taken."""

Told = Callable[[LandedObject, Frame], None]
"""Called with each frame that can be read already, of an object that is under way: it has a passing id and path."""


def sha256_of(stream: BufferedIOBase, progress: Progress | None = None) -> str:
    """The id that the bytes of ``stream`` have."""
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        if progress:
            progress(len(chunk))
    return digest.hexdigest()


class Landing:
    """Writes a lake's landed objects."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def land(
        self,
        head: bytes,
        stream: BufferedIOBase,
        source: str,
        kind: str,
        step: Progress,
        known: Callable[[str], LandedObject | None],
        id_: str | None = None,
        told: Told | None = None,
    ) -> LandedObject:
        """Store ``head`` and the rest of ``stream``; durable when it returns.

        ``known`` tells of a path whether an object stands there already: it stays as it is, with its frames (another
        version of the compressor would cut the same bytes otherwise). ``id_`` is the object's id, where it was computed
        before. What ``told`` was told can be read until ``clean``, also after this returned.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=self.root)
        try:
            with os.fdopen(handle, "wb") as out, _Digest() as digest:
                under_way = LandedObject(Path(name).name, source, name, "frames", 0)
                writer = _FrameWriter(out, told and partial(told, under_way)) if kind == "plain" else _CopyWriter(out)
                total = 0
                for chunk in _chunks(head, stream):
                    if id_ is None:
                        digest.update(chunk)
                    writer.write(chunk)
                    total += len(chunk)
                    step(len(chunk))
                frames = writer.finish()
                out.flush()
                os.fsync(out.fileno())
                id_ = id_ or digest.hex()
            suffix = {"plain": "zst", "gzip": "gz", "zstd": "delivered.zst"}[kind]
            path = self.root / id_[:2] / f"{id_}.{suffix}"
            path.parent.mkdir(exist_ok=True)
            if (there := known(str(path))) is not None and path.exists():
                Path(name).unlink()
                frames = there.frames
            else:
                (os.replace if told is None else name_also)(name, path)
                sync(path.parent)
            return LandedObject(id_, source, str(path), "frames" if kind == "plain" else kind, total, frames)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def clean(self) -> None:
        """Remove what unfinished landings left under temporary names."""
        for path in self.root.glob(f"{_UNFINISHED}*"):
            path.unlink(missing_ok=True)

    def holds(self, obj: LandedObject) -> bool:
        """Whether an object's bytes stand here, where nobody changes them."""
        return Path(obj.path).is_relative_to(self.root.resolve())

    @staticmethod
    def register(path: Path, source: str, kind: str, step: Progress, told: Told | None = None) -> LandedObject:
        """An object that stays where it is; ``told`` as in ``land``."""
        frames: list[Frame] = []
        cutter = _Cutter()
        under_way = LandedObject(f"{_UNFINISHED}{uuid.uuid4().hex}", source, str(path.resolve()), kind, 0)

        def take(pieces: Iterable[_Piece]) -> None:
            for offset, data, safe in pieces:
                frames.append(Frame(offset, len(data), offset, len(data), safe))
                if told:
                    told(under_way, frames[-1])

        with path.open("rb") as stream, _Digest() as digest:
            for chunk in _chunks(b"", stream):
                digest.update(chunk)
                if kind == "plain":
                    take(cutter.add(chunk))
                step(len(chunk))
            take(cutter.finish())
            id_ = digest.hex()
        return replace(under_way, id=id_, bytes=path.stat().st_size, frames=tuple(frames))


class _Digest:
    """The SHA-256 of what is being read, computed beside what else is done with it. Use as a context manager."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._helper: ThreadPoolExecutor | None = None
        self._under_way: Future[None] | None = None

    def __enter__(self) -> _Digest:
        return self

    def __exit__(self, *_: object) -> None:
        if self._helper is not None:
            self._helper.shutdown()

    def update(self, chunk: Chunk) -> None:
        """Take a chunk. One before it is computed then: no more is held than two."""
        if len(chunk) < _CHUNK:  # not worth a thread, and mostly the last
            self._wait()
            self._digest.update(chunk)
            return
        self._helper = self._helper or ThreadPoolExecutor(1)
        self._wait()
        self._under_way = self._helper.submit(self._digest.update, chunk)

    def hex(self) -> str:
        """The digest of all chunks."""
        self._wait()
        return self._digest.hexdigest()

    def _wait(self) -> None:
        if self._under_way is not None:
            self._under_way.result()
        self._under_way = None


class _CopyWriter:
    def __init__(self, out: BinaryIO) -> None:
        self.write = out.write

    def finish(self) -> tuple[Frame, ...]:
        return ()


class _FrameWriter:
    def __init__(self, out: BinaryIO, told: Callable[[Frame], None] | None) -> None:
        self.out, self.told = out, told
        self.cutter = _Cutter()
        self.compressor = zstandard.ZstdCompressor(level=1)
        self.frames: list[Frame] = []
        self.position = 0

    def write(self, chunk: Chunk) -> None:
        self._write(self.cutter.add(chunk))

    def finish(self) -> tuple[Frame, ...]:
        self._write(self.cutter.finish())
        return tuple(self.frames)

    def _write(self, pieces: Iterable[_Piece]) -> None:
        for offset, data, safe in pieces:
            packed = self.compressor.compress(data)
            self.out.write(packed)
            frame = Frame(self.position, len(packed), offset, len(data), safe)
            self.position += len(packed)
            self.frames.append(frame)
            if self.told:
                self.out.flush()
                self.told(frame)


Chunk = bytes | memoryview
"""Some of what is read."""

_Piece = tuple[int, memoryview, bool]
"""A stretch: its offset, its bytes (until the next is asked for), and whether a document certainly begins with it."""


class _Cutter:
    """Cuts a stream into stretches of about ``FRAME_BYTES``, where possible between two documents."""

    def __init__(self) -> None:
        self.buffer = bytearray(FRAME_BYTES + _CHUNK)
        self.size = 0  # of what the buffer holds
        self.offset = 0
        self.safe = True

    def add(self, chunk: Chunk) -> Iterator[_Piece]:
        end = self.size + len(chunk)
        if end > len(self.buffer):
            self.buffer = self.buffer + bytes(end - len(self.buffer))
        memoryview(self.buffer)[self.size : end] = chunk
        self.size = end
        if self.size >= FRAME_BYTES:
            yield from self._cut()

    def finish(self) -> Iterator[_Piece]:
        if self.size:
            yield self.offset, memoryview(self.buffer)[: self.size], self.safe
        self.size = 0

    def _cut(self) -> Iterator[_Piece]:
        end, safe = 0, True
        for cut in _CUTS:  # the last place of any: the usual one first, for the other then only little is searched
            found = self.buffer.rfind(cut, end, self.size)
            if found >= 0:
                end = found + len(cut) - 1
        if end == 0:
            end, safe = self.size, False
        view = memoryview(self.buffer)
        yield self.offset, view[:end], self.safe
        rest = self.size - end
        view[:rest] = view[end : self.size]
        self.size = rest
        self.offset += end
        self.safe = safe


def _chunks(head: bytes, stream: BufferedIOBase) -> Iterator[Chunk]:
    """What is read. A chunk stays until the next but one is asked for: no memory is taken for each."""
    if head:
        yield head
    for buffer in cycle((bytearray(_CHUNK), bytearray(_CHUNK))):
        if not (size := stream.readinto(buffer)):
            return
        yield memoryview(buffer)[:size]
