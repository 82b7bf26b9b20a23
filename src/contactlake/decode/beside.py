"""What stands beside a record and not in it: its file's name, when that was landed, the digest of its content.

Made after the content was hashed, so that the same record in two files stays the same record. Streams whose tables take
none of it cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contactlake.decode.objects import Path, is_beside
from contactlake.model.stream import Stream
from contactlake.model.table import Table

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Origin:
    """Where a record was delivered: the source's name, and when it was landed (µs since 1970)."""

    source: str = ""
    landed_at: int = 0


class Beside:
    """What the columns of a stream's table take from beside its records."""

    def __init__(self, stream: Stream, table: Table) -> None:
        self.paths = sorted({path for column in table.columns for path in column.paths if is_beside(path)})
        self.digest = ("@digest",) in self.paths
        self.pattern = re.compile(stream.name_pattern) if stream.name_pattern else None

    def facts(self, origins: Sequence[Origin], digests: Sequence[bytes] | None) -> dict[Path, list[Any]]:
        """By path: a value for each record."""
        made = {origin: self._values(origin) for origin in set(origins)}
        facts = {path: [made[origin].get(path) for origin in origins] for path in self.paths}
        if digests is not None:
            facts["@digest",] = [digest.hex() for digest in digests]
        return facts

    def _values(self, origin: Origin) -> dict[Path, str | None]:
        landed = _EPOCH + timedelta(microseconds=origin.landed_at)
        values: dict[Path, str | None] = {("@landed",): landed.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        if self.pattern is not None and (found := self.pattern.search(origin.source)):
            values |= {("@name", group): text for group, text in found.groupdict().items()}
        return values
