"""How documents reach a reader: in time order, in files as a delivery stream splits and names them.

Some files are concatenated without a line break, some have one per document, some are gzip (one or more members).
The gzip members are stored blocks, written here: another machine's compressor would make other bytes.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from contactlake.testing.simulator.chance import uuid4
from contactlake.testing.simulator.clock import MINUTE, day_text, iso_seconds

if TYPE_CHECKING:
    from contactlake.testing.simulator.mess import Mess

WINDOW = 5 * MINUTE
"""Documents are held back and ordered for so long."""
ROLL_AGE = 15 * MINUTE
ROLL_SIZE = 5_000_000
FRESH, FINAL, BROKEN = 0, 1, 2
Entry = list[Any]
"""[time of arrival, sequence, text, FRESH | FINAL | BROKEN]; the text may change until its window is flushed."""


def gzip_member(data: bytes) -> bytes:
    """A gzip member of stored blocks, the same bytes everywhere."""
    blocks = [data[i : i + 65535] for i in range(0, len(data), 65535)] or [b""]
    body = b"".join(
        struct.pack("<BHH", i == len(blocks) - 1, len(b), len(b) ^ 0xFFFF) + b for i, b in enumerate(blocks)
    )
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


class Delivery:
    """One stream of one centre on its way into files."""

    def __init__(self, root: Path, stream: str, tag: str, rng: Random, mess: Mess | None = None) -> None:
        self.documents = 0
        self.bytes = 0
        self._root, self._stream, self._tag, self._rng, self._mess = root, stream, tag, rng, mess
        self._pending: dict[int, list[Entry]] = {}
        self._sequence = 0
        self._open: list[Entry] = []
        self._size = 0
        self._folders: set[Path] = set()

    def put(self, at: int, text: str, kind: int = FRESH) -> Entry:
        """Take a document that arrives at this time."""
        self._sequence += 1
        entry: Entry = [at, self._sequence, text, kind]
        window = self._pending.get(at // WINDOW)
        if window is None:
            self._pending[at // WINDOW] = [entry]
        else:
            window.append(entry)
        return entry

    def flush(self, before: int | None = None) -> None:
        """Write everything that arrives before this time; without a time: everything."""
        while self._pending:
            window = min(self._pending)
            if before is not None and (window + 1) * WINDOW > before:
                return
            self._write_window(window)

    def close(self) -> None:
        """Write everything and close the last file."""
        self.flush()
        self._roll()

    def _write_window(self, window: int) -> None:
        entries = self._pending.pop(window)
        if self._mess is not None:
            fresh = [e for e in entries if e[3] == FRESH]
            entries = [e for e in entries if e[3] != FRESH]
            self._pending[window] = entries
            for entry in sorted(fresh):
                self._mess.stir(self, entry)
            entries = self._pending.pop(window)
        entries.sort()
        for entry in entries:
            if self._open and (entry[0] - self._open[0][0] >= ROLL_AGE or self._size >= ROLL_SIZE):
                self._roll()
            self._open.append(entry)
            self._size += len(entry[2])

    def _roll(self) -> None:
        """Write the open file."""
        if not self._open:
            return
        entries, self._open, self._size = self._open, [], 0
        chance = self._rng.random()
        lines = chance >= 0.6
        parts = [e[2].encode("utf-8", "surrogateescape") for e in entries]
        if lines:
            data = b"\n".join(parts) + b"\n"
        else:
            data = b"".join([p if e[3] != BROKEN else b"\n" + p + b"\n" for p, e in zip(parts, entries, strict=True)])
        self.documents += len(entries)
        self.bytes += len(data)
        stamp = iso_seconds(entries[0][0]).translate({ord("T"): "-", ord(":"): "-", ord("Z"): None})
        year, month, day, hour, _ = stamp.split("-", 4)
        name = f"{self._stream}-{self._tag}-1-{stamp}-{uuid4(self._rng)}"
        if chance >= 0.9:
            name += ".gz"
            # Two members: a reader that stops after the first one loses documents. They are cut between bytes, not
            # between documents, as writers that compress on the fly do.
            half = len(data) // 2 if chance >= 0.95 else len(data)
            data = gzip_member(data[:half]) + (gzip_member(data[half:]) if half < len(data) else b"")
        self.write_file(f"{year}/{month}/{day}/{hour}/{name}", data)

    def write_file(self, name: str, data: bytes) -> None:
        """Write a whole file into the stream's folder."""
        path = self._root / self._stream / name
        if path.parent not in self._folders:
            if len(self._folders) > 100:
                self._folders.clear()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        with open(path, "wb") as file:
            file.write(data)

    def document_file(self, name: str, text: str) -> None:
        """Write a document that is a file of its own."""
        data = text.encode()
        self.documents += 1
        self.bytes += len(data)
        self.write_file(name, data)


def dated(prefix: str, at: int, name: str) -> str:
    """``prefix/YYYY/MM/DD/name``."""
    return f"{prefix}/{day_text(at // 86_400_000).replace('-', '/')}/{name}"
