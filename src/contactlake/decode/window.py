"""The buffered bytes of a stream, and how to search them: line ends, ends of JSON values, beginnings of known records.

Costs are linear in the input, whatever the bytes are made for. What to make of what is found, framing decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contactlake.decode.parse import MAX_DEPTH
from contactlake.model.reason import Reject

_NEAR_END = 12
_MAX_EFFORT = 50
_NEAR = 16 << 10  # most documents end and most errors show within this; an error's price grows with its place in …
_REBASE = 64 << 10  # … the scanned text, which is cut off behind this
_RECORD_START = re.compile(rb'\{[ \t\r\n]*"')
_TOOK_A_KEY = re.compile(rb'\{[ \t]*"\Z')
_OPENING = re.compile(rb'[\[{][ \t\r\n]*(?:"[^"\\]*"[ \t\r\n]*:[ \t\r\n]*)?')
_LINE_START = re.compile(rb'\n[ \t]*(\{[ \t]*"[^\n]*\})[ \t\r]*(?=\n|\Z)')
_CONTINUATION = re.compile(rb"[ \t]|[}\]][}\], \t\r]*$", re.MULTILINE)


@dataclass(frozen=True)
class Known:
    """What a whole record of a known stream is: ``accepts`` judges a parsed value; ``hint`` finds one of the keys that
    every such record spells, so that bytes without any need no search."""

    accepts: Callable[[Any], bool]
    hint: re.Pattern[bytes]


class TooDeep(RecursionError):
    """The scanner gave up; ``effort`` is about how many bytes it took to see that."""

    def __init__(self, effort: int) -> None:
        super().__init__()
        self.effort = effort


class Incomplete(Exception):
    """The document at ``position`` is valid so far and goes on after the buffered bytes."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


_SCANNER = json.JSONDecoder(parse_constant=lambda _: 0, parse_int=lambda _: 0, parse_float=lambda _: 0.0)
"""Finds a document's end in one pass (``parse`` judges it). It is fed Latin-1 text, in which a character is a byte."""


class Window:
    """What is buffered of a stream: ``buffer`` begins at ``base`` of the input; ``final`` says that nothing follows."""

    def __init__(self, parse: Callable[[bytes], Any], known: Known, limit: int, offset: int) -> None:
        self.parse, self.known, self.limit = parse, known, limit
        self.buffer = b""
        self.base = offset
        self.final = False
        self._forget()

    def _set(self, buffer: bytes, base: int) -> None:
        self.buffer, self.base = buffer, base
        self._forget()

    def _forget(self) -> None:
        """What was found out about the buffer, so that many pieces on one line do not search the line many times."""
        self._text: str | None = None
        self._text_start = self._failed_at = 0
        self._eol = -1  # the line break (or end of the buffer) after the place at hand
        self._open = False  # whether that line goes on after the buffer
        self._cut = -1  # the next "}{" on the line; its end where there is none
        self._hinted = (-1, -1)  # an end, and the last hint before it

    def _find_eol(self, position: int) -> bool:
        """Make ``_eol`` the end of the line at ``position``; returns whether it is a new one."""
        if position <= self._eol:
            return False
        found = self.buffer.find(b"\n", position)
        self._open = found < 0
        self._eol = len(self.buffer) if self._open else found
        return True

    def _scan(self, position: int) -> int:
        """The end of the JSON value at ``position``; raises where it is broken or goes on after the buffer."""
        near = self.buffer[position : position + _NEAR].decode("latin-1")
        is_all = position + len(near) == len(self.buffer)
        try:
            end: int = position + _SCANNER.raw_decode(near)[1]
        except json.JSONDecodeError as error:
            if is_all or not (error.msg.startswith("Unterminated string") or error.pos >= len(near) - _NEAR_END):
                error.pos += position
                raise
            end = self._scan_far(position)
        except RecursionError:
            raise TooDeep(_NEAR >> 2) from None
        else:
            if end == position + len(near) and not is_all:
                end = self._scan_far(position)
        if end == len(self.buffer) and not self.final and self.buffer[end - 1] not in b'}]"':
            raise json.JSONDecodeError("a number may go on", "", end)
        return end

    def _scan_far(self, position: int) -> int:
        if self._text is None or self._failed_at - self._text_start > _REBASE:
            self._text = self.buffer[position:].decode("latin-1")
            self._text_start = self._failed_at = position
        try:
            end: int = _SCANNER.raw_decode(self._text, position - self._text_start)[1]
        except json.JSONDecodeError as error:
            self._failed_at = position
            error.pos += self._text_start
            raise
        except RecursionError:
            raise TooDeep(self.limit) from None
        return self._text_start + end

    def _ends_early(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self.buffer) - _NEAR_END

    def _takes_a_key(self, position: int, end: int) -> bool:
        """Whether what stands here is a text that seems to end with the first quote of a whole known record."""
        took = _TOOK_A_KEY.search(self.buffer[position:end]) if self.buffer[position] == 0x22 else None
        if took is None:
            return False
        start = position + took.start()
        try:
            return self.known.accepts(self.parse(self.buffer[start : self._scan(start)]))
        except json.JSONDecodeError as error:
            if self._ends_early(error) and not self.final:
                raise Incomplete(position) from None
            return False
        except (RecursionError, Reject):
            return False

    def _known_line_within(self, start: int, end: int) -> int | None:
        """Where a line inside ``start … end`` is by itself a whole known record."""
        for line in _LINE_START.finditer(self.buffer, start, end):
            try:
                if self.known.accepts(self.parse(line.group(1))):
                    return line.start()
            except Reject:
                continue
        return None

    def _next_record(self, start: int, end: int) -> int:
        """The next place in ``start … end`` from which a whole known record parses; ``end`` if there is none."""
        last_hint = self._last_hint(start, end)
        effort = 0
        position = start
        while (match := _RECORD_START.search(self.buffer, position, last_hint + 1)) is not None:
            position = match.start()
            stop = position + 1
            try:
                stop = self._scan(position)
                if self.known.accepts(self.parse(self.buffer[position:stop])):
                    return position
            except json.JSONDecodeError as error:
                if self._ends_early(error) and not self.final:
                    raise Incomplete(position) from None
                effort += error.pos - position
            except TooDeep as error:
                effort += error.effort
                stop = max(stop, self._after_chain(position, end))
            except Reject:
                pass
            if effort > _MAX_EFFORT * self.limit:  # bytes made to be slow: what is left of the line is one piece
                break
            position = stop
        return end

    def _after_chain(self, position: int, end: int) -> int:
        """Where, in brackets that open one inside the other from ``position``, the first stands that may be shallow."""
        starts: list[int] = []
        while (opening := _OPENING.match(self.buffer, position, end)) is not None:
            starts.append(position)
            position = opening.end()
        return starts[-MAX_DEPTH] if len(starts) > MAX_DEPTH else -1

    def _last_hint(self, start: int, end: int) -> int:
        """The place of the last hint in ``start … end``; -1 if there is none."""
        if self._hinted[0] != end:
            last = -1
            for hint in self.known.hint.finditer(self.buffer, start, end):
                last = hint.start()
            self._hinted = (end, last)
        return self._hinted[1] if self._hinted[1] >= start else -1

    def _continued(self, eol: int) -> int:
        """The end of a broken document of several lines: the indented and closing lines belong to it."""
        end = eol
        if end + 1 >= len(self.buffer) and not self.final:
            raise Incomplete(end)
        while end < len(self.buffer) and _CONTINUATION.match(self.buffer, end + 1):
            following = self.buffer.find(b"\n", end + 1)
            following = len(self.buffer) if following < 0 else following
            if following == len(self.buffer) and not self.final:
                raise Incomplete(end)
            if self._next_record(end + 1, following) != following:
                break
            end = following
            if end + 1 >= len(self.buffer) and not self.final:
                raise Incomplete(end)
        return end

    def _is_shallow_within_limit(self, position: int) -> bool:
        """Whether the depth that stops the scanner lies beyond the limit, so that size is what is wrong."""
        for size in (min(_REBASE, self.limit), self.limit):
            try:
                _SCANNER.raw_decode(self.buffer[position : position + size].decode("latin-1"))
            except json.JSONDecodeError:
                continue
            except RecursionError:
                return False
        return True
