"""A stream of bytes → the documents in it, whatever separates them.

Owns where a document begins and ends: newline-delimited, concatenated with nothing between, arrays, pretty-printed, any
mixture; and how far a broken piece reaches. Every byte that is not white space or array punctuation belongs to exactly
one piece. The result does not depend on how the bytes are chunked. Knows no stream and no table: what a whole known
record is, the caller says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contactlake.decode.parse import is_incomplete
from contactlake.decode.window import Incomplete, Known, Window
from contactlake.model.reason import Reason, Reject

KEEP_BYTES = 16 << 20
"""A broken piece of up to this size keeps its bytes; of a larger one its place in the landed object is kept."""

_WAIT = 1 << 20
_CARRY = 64 << 10
_SPACE = re.compile(rb"[ \t\r\n]*(?:\xef\xbb\xbf[ \t\r\n]*)*")


@dataclass(slots=True)
class Piece:
    """One document, or one broken piece.

    offset  where it begins in the (decompressed) input
    raw     its bytes; None where it is larger than ``KEEP_BYTES``
    length  its length in bytes
    value   the parsed document, where it is one
    reject  why it is not
    """

    offset: int
    raw: bytes | None
    length: int
    value: Any = None
    reject: Reject | None = None


def documents(
    chunks: Iterable[bytes],
    parse: Callable[[bytes], Any],
    known: Known,
    max_record_bytes: int,
    offset: int = 0,
) -> Iterator[Piece]:
    """All pieces of ``chunks`` in order.

    ``parse`` turns one document's bytes into its value or raises ``Reject``; ``offset`` is the place of the first byte
    in the input.
    """
    framer = _Framer(parse, known, max_record_bytes, offset)
    for chunk in chunks:
        yield from framer.feed(chunk)
    yield from framer.finish()


Pieces = Generator[Piece, None, int]
"""Pieces as they are found, and in the end the position after them."""


class _Framer(Window):
    def __init__(self, parse: Callable[[bytes], Any], known: Known, limit: int, offset: int) -> None:
        super().__init__(parse, known, limit, offset)
        self.array: int | None = None  # place of the "[" that is open …
        self.due = ""  # … and what may stand next in it: v(alue), comma, ]
        self.skipping: Piece | None = None  # a piece that is too large, running to the next line break
        self._waiting: list[bytes] = []  # chunks that come before it is worth while to look again
        self._missing = 0

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        self._waiting.append(chunk)
        self._missing -= len(chunk)
        if self._missing <= 0:
            self._take_waiting()
            yield from self._run()

    def finish(self) -> Iterator[Piece]:
        self.final = True
        self._take_waiting()
        yield from self._run()
        yield from self._unclosed_array()

    def _take_waiting(self) -> None:
        self._set(b"".join([self.buffer, *self._waiting]), self.base)
        self._waiting, self._missing = [], 0

    def _run(self) -> Iterator[Piece]:
        passed_over = True
        while passed_over:
            if self.skipping is not None:
                yield from self._skip(self.skipping)
                if self.skipping is not None:
                    return
            passed_over = yield from self._pieces()

    def _pieces(self) -> Generator[Piece, None, bool]:
        """What the buffer holds, up to its end or to a piece beyond the limit; returns whether it was such a piece."""
        position = 0
        buffer = self.buffer
        while True:
            if self.array is None:
                position = yield from self._lines(position)
            position = _SPACE.match(buffer, position).end()  # type: ignore[union-attr]
            if position == len(buffer):
                break
            is_new_line = self._find_eol(position)
            eol = self._eol
            if self._open and not self.final and len(buffer) - position < min(_WAIT, self.limit):
                break
            if is_new_line and self.array is None and buffer[position] == 0x7B:  # the common case: the line is it
                raw = buffer[position:eol].rstrip()
                if raw[-1] == 0x7D and len(raw) <= self.limit:
                    try:
                        value = self.parse(raw)
                    except Reject:
                        pass
                    else:
                        yield Piece(self.base + position, raw, len(raw), value)
                        position = eol
                        continue
            try:
                position = yield from self._step(position, eol)
                if self.skipping is not None:
                    return True
            except Incomplete:
                if len(buffer) - position <= self.limit:
                    self._missing = min(len(buffer) - position, self.limit - (len(buffer) - position) + 1)
                    break
                self._too_large(position)
                return True
        self._set(buffer[position:], self.base + position)
        return False

    def _lines(self, position: int) -> Pieces:
        """The common case, in a narrow loop: lines that are documents. Returns where the first other thing begins."""
        if position <= self._eol:  # inside a line that is no single document
            return position
        buffer, base, parse, limit = self.buffer, self.base, self.parse, self.limit
        while (eol := buffer.find(b"\n", position)) >= 0:
            raw = buffer[position:eol].rstrip()
            if raw[:1] != b"{" or raw[-1:] != b"}" or len(raw) > limit:
                break
            try:
                value = parse(raw)
            except Reject:
                break
            yield Piece(base + position, raw, len(raw), value)
            position = eol + 1
        return position

    def _step(self, position: int, eol: int) -> Pieces:
        """Take one token of array punctuation, one document or one broken piece at ``position``; returns the next."""
        byte = self.buffer[position]
        if self.array is not None:
            if byte == 0x5D and "]" in self.due:
                self.array = None
                return position + 1
            if byte == 0x2C and "," in self.due:
                self.due = "v"
                return position + 1
            if "v" not in self.due:  # the array is broken: what follows stands for itself
                yield from self._unclosed_array()
        if self.array is None and byte == 0x5B:  # [
            self.array, self.due = self.base + position, "v]"
            return position + 1
        return (yield from self._document(position, eol))

    def _unclosed_array(self) -> Iterator[Piece]:
        if self.array is not None:
            reject = Reject(Reason.TRUNCATED, "An array begins here and is not closed; its elements were taken.")
            yield Piece(self.array, b"[", 1, reject=reject)
            self.array = None

    # one document -------------------------------------------------------------------------------------------------

    def _document(self, position: int, eol: int) -> Pieces:
        if self.array is None and self.buffer[position] == 0x7B:
            found = self._concatenated(position)
            if found is not None:
                yield found
                return position + found.length
        try:
            end = self._scan(position)
        except json.JSONDecodeError as error:
            if (
                self._ends_early(error)
                and not self.final
                and self._known_line_within(position, len(self.buffer)) is None
            ):
                raise Incomplete(position) from None
            if error.pos - position > self.limit:
                return self._too_large(position)
            return (yield from self._broken(position, eol, error))
        except RecursionError:
            if len(self.buffer) - position > self.limit and self._is_shallow_within_limit(position):
                return self._too_large(position)
            return (yield from self._broken(position, eol, Reject(Reason.TOO_DEEP)))
        if end - position > self.limit:
            return self._too_large(position)
        if (interrupting := self._known_line_within(position, end)) is not None:
            message = "A document begins here and is not finished where the next record begins."
            interrupted = Reject(Reason.INVALID_JSON, message)
            return (yield from self._broken(position, min(eol, interrupting), interrupted))
        if self._takes_a_key(position, end):
            unclosed = Reject(Reason.INVALID_JSON, "A text begins here and is not closed where the next record begins.")
            return (yield from self._broken(position, eol, unclosed))
        yield self._whole(position, end)
        self.due = ",]"
        return end

    def _concatenated(self, position: int) -> Piece | None:
        """The document that ends where ``}{`` stands next, the way a delivery stream writes; None if none does."""
        if self._cut < position:
            found = self.buffer.find(b"}{", position, self._eol)
            self._cut = self._eol if found < 0 else found
        end = self._cut + 1
        if end > self._eol or end - position > self.limit:
            return None
        raw = self.buffer[position:end]
        try:
            return Piece(self.base + position, raw, len(raw), self.parse(raw))
        except Reject:
            return None

    def _whole(self, position: int, end: int) -> Piece:
        raw = self.buffer[position:end]
        piece = Piece(self.base + position, raw, len(raw))
        try:
            piece.value = self.parse(raw)
        except Reject as reject:
            piece.reject = reject
        return piece

    # broken pieces ------------------------------------------------------------------------------------------------

    def _broken(self, position: int, eol: int, error: Exception) -> Pieces:
        """The broken piece at ``position``: to the line break, or to the next whole known record."""
        beyond_line = isinstance(error, json.JSONDecodeError) and error.pos > eol
        end = self._next_record(position + 1, eol)
        if end == len(self.buffer) and self._open and not self.final:
            raise Incomplete(position)
        if end == eol and beyond_line:
            end = self._continued(eol)
        if end - position > self.limit:
            return self._too_large(position)
        raw = self.buffer[position:end].rstrip()
        at_end = end == len(self.buffer) and self.final
        reject = error if isinstance(error, Reject) else self._why(raw, at_end)
        yield Piece(self.base + position, raw if len(raw) <= KEEP_BYTES else None, len(raw), reject=reject)
        self.due = "v,]"
        return end

    def _why(self, raw: bytes, at_end: bool) -> Reject:
        try:
            self.parse(raw)
        except Reject as reject:
            if is_incomplete(reject) and at_end:
                return Reject(Reason.TRUNCATED, "The input ends in the middle of this document.")
            return reject
        return Reject(Reason.INVALID_JSON, "This is not where a document can stand.")

    # pieces beyond the limit ----------------------------------------------------------------------------------------

    def _too_large(self, position: int) -> int:
        """A document beyond the limit: it runs to the line break, wherever that is, or to the next known record."""
        message = f"The record is larger than the limit of {self.limit:,} bytes."
        piece = Piece(self.base + position, b"", 0, reject=Reject(Reason.TOO_LARGE, message))
        self._take(piece, self.buffer[position : position + 1])
        self._set(self.buffer[position + 1 :], self.base + position + 1)
        self.skipping = piece
        return 0

    def _skip(self, piece: Piece) -> Iterator[Piece]:
        """Give ``piece`` the bytes that belong to it; what may be a record's beginning stays in the buffer."""
        eol = self.buffer.find(b"\n")
        end = len(self.buffer) if eol < 0 else eol
        ended = eol >= 0 or self.final
        try:
            stop = self._next_record(0, end)
            ended = ended or stop < end
        except Incomplete as at:
            waits = len(self.buffer) - at.position <= self.limit
            stop, ended = (at.position, False) if waits else (end, ended)
            if waits:
                self._missing = len(self.buffer) - at.position
        if not ended:
            stop = max(0, min(stop, end - _CARRY))
        self._take(piece, self.buffer[:stop])
        self._set(self.buffer[stop:], self.base + stop)
        if ended:
            self.skipping = None
            self.due = "v,]"
            yield piece

    @staticmethod
    def _take(piece: Piece, data: bytes) -> None:
        piece.length += len(data)
        piece.raw = piece.raw + data if piece.raw is not None and piece.length <= KEEP_BYTES else None
