"""An export → typed rows of one table: CSV with a header, Parquet, or JSON objects, told from the bytes.

Names of columns are compared without regard to capitals; names that no column has are reported and their values kept in
the landed file. What nested columns hold may be JSON text. Everything else is the decoder's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from contactlake.decode import delimited, parquet
from contactlake.decode.decoder import Decoded, Decoder
from contactlake.decode.framing import Piece, documents
from contactlake.decode.parse import compact, parse
from contactlake.decode.window import Known
from contactlake.model.reason import Reason, Reject
from contactlake.model.stream import Stream
from contactlake.model.table import Table
from contactlake.model.types import Array, Map, Struct

HEAD_BYTES = 1 << 18
"""So many first bytes tell what a file is."""

CSV, JSON, PARQUET = "csv", "json", "parquet"


class NotAnExport(ValueError):
    """A file that holds no rows of the table; the text says why, as the end of a sentence."""


@dataclass(frozen=True)
class Format:
    """What an export is: ``csv`` (with its header), ``json`` or ``parquet``."""

    name: str
    header: delimited.Header | None = None


def format_of(head: bytes, table: Table) -> Format:
    """What a file with these first bytes (decompressed) is. Raises ``NotAnExport``."""
    if head.startswith(parquet.MAGIC):
        return Format(PARQUET)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotAnExport("it is UTF-16 text; write it as UTF-8")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return Format(JSON)
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        return Format(JSON)  # nothing at all: no rows
    headers = [delimited.header(head, delimiter) for delimiter in delimited.DELIMITERS]
    best = max(
        (h for h in headers if h), key=lambda h: len(set(_lower(h.names)) & set(_lower(table.by_name))), default=None
    )
    if best is None or not set(_lower(best.names)) & set(_lower(table.by_name)):
        raise NotAnExport(f"it is neither Parquet nor JSON, and no CSV whose first line names columns of {table.name}")
    check_names(best.names, table)
    return Format(CSV, best)


def check_names(names: Sequence[str], table: Table) -> None:
    """Raise ``NotAnExport`` where a file with these columns cannot hold rows of the table."""
    lower = _lower(names)
    missing = [name for name in table.primary_key if name.lower() not in lower]
    if missing:
        raise NotAnExport(f"it has no column {', '.join(missing)}, which the key of {table.name} needs")
    twice = sorted({name for name in lower if name and lower.count(name) > 1})
    if twice:
        raise NotAnExport(f"it has more than one column {', '.join(twice)}")


def _lower(names: Iterable[str]) -> list[str]:
    return [name.lower() for name in names]


class RowDecoder:
    """Decodes exports of one table."""

    def __init__(self, stream: Stream, table: Table, limit: int) -> None:
        self.stream, self.table, self.limit = stream, table, limit
        self._decoder = Decoder((stream,), {table.name: table}, limit)
        self._spelling = {name.lower(): name for name in table.by_name}
        self._nested = {c.name for c in table.columns if isinstance(c.type, Array | Map | Struct)}
        self._shapes: dict[tuple[str, ...], list[str] | Reject] = {}

    def decode(self, chunks: Iterable[bytes], scratch: Path) -> Iterator[Decoded]:
        """All rows of a file, in batches. ``scratch`` names a file that may be written meanwhile."""
        chunks = iter(chunks)
        head = b""
        for chunk in chunks:
            head += chunk
            if len(head) >= HEAD_BYTES:
                break
        try:
            format_ = format_of(head, self.table)
            if format_.name == PARQUET:
                with scratch.open("wb") as out:
                    out.writelines(chain([head], chunks))
                check_names(parquet.names(scratch), self.table)
        except ValueError as error:  # it was looked at before it was landed: only a file that broke since is not
            yield from self._decoder.decode_rows([_unreadable(str(error))])
            return
        yield from self._decoder.decode_rows(self._pieces(format_, chain([head], chunks), scratch))
        scratch.unlink(missing_ok=True)

    def decode_each(self, head: bytes, raws: Iterable[bytes]) -> Iterator[Decoded]:
        """Rows given one by one, as ``Quarantined.raw`` has them, of a file with this head; places are numbers."""
        yield from self._decoder.decode_rows(self._renumbered(format_of(head, self.table), raws))

    def _renumbered(self, format_: Format, raws: Iterable[bytes]) -> Iterator[Piece]:
        for number, raw in enumerate(raws):
            if format_.header is not None:
                pieces = delimited.rows([raw], format_.header, self.limit, skip=False)
                found = [self._of_cells(piece, format_.header) for piece in pieces]
            else:
                found = list(self._of_documents([raw]))
            for piece in found or [_unreadable("there is no row")]:
                yield replace(piece, offset=number)

    def _pieces(self, format_: Format, chunks: Iterable[bytes], scratch: Path) -> Iterator[Piece]:
        if format_.name == PARQUET:
            for piece in parquet.rows(scratch):
                yield self._of_object(piece)
        elif format_.header is not None:
            for piece in delimited.rows(chunks, format_.header, self.limit):
                yield self._of_cells(piece, format_.header)
        else:
            yield from self._of_documents(chunks)

    def _of_documents(self, chunks: Iterable[bytes]) -> Iterator[Piece]:
        keys = {name.lower() for name in self.table.primary_key}
        hint = re.compile(b"|".join(b'"' + re.escape(key.encode()) + b'"' for key in sorted(keys)), re.IGNORECASE)
        known = Known(lambda v: isinstance(v, dict) and keys <= set(map(str.lower, v)), hint)
        for piece in documents(chunks, parse, known, self.limit):
            yield self._of_object(piece)

    def _of_cells(self, piece: Piece, header: delimited.Header) -> Piece:
        if piece.reject is None:
            pairs = zip(header.names, piece.value, strict=True)
            piece.value = {name: cell for name, cell in pairs if name or cell is not None}
        return self._of_object(piece)

    def _of_object(self, piece: Piece) -> Piece:
        """The piece with the names of columns as they are declared, and nested values opened."""
        if piece.reject is not None:
            return piece
        if not isinstance(piece.value, dict):
            piece.reject = Reject(Reason.NOT_AN_OBJECT)
            return piece
        spelled = self._spelled(tuple(piece.value))
        if isinstance(spelled, Reject):
            piece.reject = spelled
            return piece
        value = dict(zip(spelled, piece.value.values(), strict=True))
        try:
            for name in self._nested & value.keys():
                if isinstance(value[name], str) and value[name] != "":
                    value[name] = _opened(value[name], name)
        except Reject as reject:
            piece.reject = reject
            if piece.raw is None:
                piece.raw = compact(piece.value).encode()
                piece.length = len(piece.raw)
        piece.value = value
        return piece

    def _spelled(self, names: tuple[str, ...]) -> list[str] | Reject:
        if names not in self._shapes:
            if len(self._shapes) > 10_000:
                self._shapes.clear()
            spelled = [self._spelling.get(name.lower(), name) for name in names]
            twice = next((name for name in spelled if spelled.count(name) > 1), None)
            self._shapes[names] = (
                spelled if twice is None else Reject(Reason.DUPLICATE_KEY, f"{twice} stands twice in the row.", twice)
            )
        return self._shapes[names]


def _opened(text: str, name: str) -> Any:
    try:
        return parse(text.encode())
    except Reject as reject:
        reason = Reason.BAD_VALUE if reject.reason is Reason.INVALID_JSON else reject.reason
        raise Reject(reason, f"{name}: expected JSON. {reject.message}", name) from None


def _unreadable(why: str) -> Piece:
    return Piece(0, b"", 0, reject=Reject(Reason.TRUNCATED, f"The file cannot be read: {why}."))
