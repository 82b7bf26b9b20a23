"""A stream of bytes → the rows of a CSV file, as RFC 4180 has them.

Owns where a row begins and ends, and how far a broken one reaches: to the end of its first line, so that its
neighbours are saved. A cell of nothing is null, a quoted cell of nothing is empty text. Every byte but those of blank
lines belongs to exactly one piece; the result does not depend on how the bytes are chunked. Knows no table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contactlake.decode.framing import KEEP_BYTES, Piece
from contactlake.model.reason import Reason, Reject

DELIMITERS = (",", ";", "\t", "|")
_BOM = b"\xef\xbb\xbf"
_QUOTED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')

Cells = list[str | None]


@dataclass(frozen=True)
class Header:
    """The first row: the names of the columns, what parts the cells, and how many bytes it takes (line break too)."""

    names: tuple[str, ...]
    delimiter: str
    length: int


def header(head: bytes, delimiter: str) -> Header | None:
    """The header of a file with these first bytes, if ``delimiter`` parts its cells; None if there is none."""
    start = len(_BOM) if head.startswith(_BOM) else 0
    framer = _Framer(Header((), delimiter, 0), len(head))
    framer.buffer, framer.final = head, True
    position, piece = start, None
    while piece is None and position < len(head):
        piece, position = framer.row(position)
    if piece is None or piece.reject is not None:
        return None
    return Header(tuple((name or "").strip() for name in piece.value), delimiter, min(position, len(head)))


def rows(chunks: Iterable[bytes], header: Header, limit: int, skip: bool = True) -> Iterator[Piece]:
    """All rows of a file, in order; their values are cells. ``skip``: the bytes begin with the header."""
    framer = _Framer(header, limit)
    skipping = header.length if skip else 0
    framer.base = skipping
    for chunk in chunks:
        taken = min(skipping, len(chunk))
        skipping -= taken
        yield from framer.feed(chunk[taken:])
    yield from framer.finish()


class _Incomplete(Exception):
    """The row goes on after the buffered bytes."""


class _Framer:
    def __init__(self, header: Header, limit: int) -> None:
        self.delimiter, self.width, self.limit = header.delimiter, len(header.names), limit
        self.buffer = b""
        self.base = 0
        self.final = False
        self.overlong: Piece | None = None  # a line that is too large, running to its end
        mark = re.escape(header.delimiter.encode())
        self.cell = re.compile(
            rb'(?:"([^"]*+(?:""[^"]*+)*+)"|((?:[^"\n' + mark + rb"][^\n" + mark + rb"]*+)?+))(" + mark + rb"|\r?\n|\Z)"
        )

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        self.buffer += chunk
        position = 0
        try:
            while position < len(self.buffer):
                piece, position = self.row(position)
                if piece is not None:
                    yield piece
        except _Incomplete:
            pass
        self.buffer = self.buffer[position:]
        self.base += position

    def finish(self) -> Iterator[Piece]:
        self.final = True
        yield from self.feed(b"")
        if self.overlong is not None:
            yield self.overlong

    def row(self, position: int) -> tuple[Piece | None, int]:
        """The row (or broken piece, or None for a blank line) at ``position``, and where the next one begins."""
        eol = self.buffer.find(b"\n", position)
        if self.overlong is not None:
            return self._go_on(position, eol)
        if eol < 0 and not self.final:
            if len(self.buffer) - position > self.limit:
                return self._too_large(position)
            raise _Incomplete
        end = len(self.buffer) if eol < 0 else eol
        line = self.buffer[position:end].removesuffix(b"\r")
        if not line:
            return None, end + 1
        if b'"' not in line:
            return self._piece(position, line, line.split(self.delimiter.encode())), end + 1
        try:
            cells, stop, after = self._cells(position)
            piece = self._piece(position, self.buffer[position:stop], cells)
            if piece.reject is None or stop <= end:
                return piece, after
            reject = piece.reject
        except Reject as found:
            reject = found
        return Piece(self.base + position, line, len(line), reject=reject), end + 1

    def _cells(self, position: int) -> tuple[list[bytes | None], int, int]:
        """The cells of a row with quotes, where it ends, and where the next begins."""
        cells: list[bytes | None] = []
        at = position
        while True:
            match = self.cell.match(self.buffer, at)
            if match is None or (match.end() == len(self.buffer) and not match[3] and not self.final):
                self._wait(position, at)
                raise Reject(Reason.INVALID_CSV, f"After the quotes of cell {len(cells) + 1} the cell goes on.")
            quoted, plain, mark = match.groups()
            if quoted is not None:
                cells.append(quoted.replace(b'""', b'"'))
            else:
                cells.append((plain if mark == self.delimiter.encode() else plain.removesuffix(b"\r")) or None)
            if mark != self.delimiter.encode():
                return cells, match.start(3), max(match.end(), match.start(3) + 1)
            at = match.end()

    def _wait(self, position: int, at: int) -> None:
        """The row cannot be taken apart at ``at``: wait where what follows can still put that right."""
        quoted = _QUOTED.match(self.buffer, at)
        end = len(self.buffer) if quoted is None else quoted.end()
        if end - position > self.limit:
            message = f"The row is larger than the limit of {self.limit:,} bytes, or a quote is not closed."
            raise Reject(Reason.TOO_LARGE, message)
        if not self.final and (quoted is None or self.buffer[end:] in (b"", b"\r")):
            raise _Incomplete
        if quoted is None:
            raise Reject(Reason.INVALID_CSV, "A quote is opened and not closed.")

    def _piece(self, position: int, raw: bytes, cells: list[bytes] | list[bytes | None]) -> Piece:
        piece = Piece(self.base + position, raw, len(raw))
        if len(raw) > self.limit:
            piece.reject = Reject(Reason.TOO_LARGE, f"The record is larger than the limit of {self.limit:,} bytes.")
        elif self.width and len(cells) != self.width:
            message = f"The row has {len(cells)} cells, the header {self.width}."
            piece.reject = Reject(Reason.INVALID_CSV, message)
        else:
            try:
                if b'"' in raw:
                    piece.value = [None if cell is None else cell.decode() for cell in cells]
                else:
                    piece.value = [cell.decode() if cell else None for cell in cells]
            except UnicodeDecodeError as error:
                piece.reject = Reject(Reason.INVALID_UNICODE, f"The bytes are not valid UTF-8: {error.reason}.")
        return piece

    def _too_large(self, position: int) -> tuple[Piece | None, int]:
        reject = Reject(Reason.TOO_LARGE, f"The record is larger than the limit of {self.limit:,} bytes.")
        self.overlong = Piece(self.base + position, b"", 0, reject=reject)
        return self._go_on(position, -1)

    def _go_on(self, position: int, eol: int) -> tuple[Piece | None, int]:
        piece = self.overlong
        assert piece is not None
        data = self.buffer[position : eol if eol >= 0 else len(self.buffer)]
        piece.length += len(data)
        piece.raw = piece.raw + data if piece.raw is not None and piece.length <= KEEP_BYTES else None
        if eol < 0:
            return None, len(self.buffer)
        self.overlong = None
        if piece.raw is not None:
            piece.raw = piece.raw.removesuffix(b"\r")
            piece.length = len(piece.raw)
        return piece, eol + 1
