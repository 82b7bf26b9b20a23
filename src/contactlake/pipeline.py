"""The flow, in the order in which a record passes through it. Read this file first.

Each stage is a function of what is stored before it; raw input is never changed, and any day can be built again, alone,
with the same rows. The nouns (``streams``, ``tables``) say what; the verbs (the modules below) do it and never name a
table. This is the one place where both meet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contactlake.build.derive import run as derive
from contactlake.build.merge import merge
from contactlake.decode.decoder import Decoder
from contactlake.landing.objects import Landing
from contactlake.model.step import Family
from contactlake.model.stream import Stream
from contactlake.model.table import Table
from contactlake.sources.files import collect
from contactlake.streams import STREAMS as STREAMS
from contactlake.streams.imported import import_stream, row_table
from contactlake.tables import BY_NAME as BY_NAME
from contactlake.tables import TABLES as TABLES
from contactlake.tables import VENDOR_TABLES as VENDOR_TABLES
from contactlake.tables._agent_statistics import CHANGE_COLUMNS, GONE_COLUMNS
from contactlake.tables._configuration import CONFIGURATION
from contactlake.tables._contact_statistics import CONTACT_STATISTICS
from contactlake.tables._conversation_analytics import CONVERSATION_ANALYTICS
from contactlake.tables._directory import DIRECTORY_FAMILIES
from contactlake.tables._evaluation_items import EVALUATION_ITEMS
from contactlake.tables._flow_runs import FLOW_RUNS
from contactlake.tables.quarantine import QUARANTINE as QUARANTINE
from contactlake.tables.record_version import RECORD_VERSION as RECORD_VERSION


@dataclass(frozen=True)
class Stage:
    """A step of the flow: its name, what carries it out, and what always holds after it."""

    name: str
    by: Callable[..., Any]
    invariant: str


STAGES: tuple[Stage, ...] = (
    Stage("collect", collect, "every named file once, told by its bytes, never by its name"),
    Stage("land", Landing.land, "the bytes as delivered are durable; the same bytes twice are one object"),
    Stage(
        "decode", Decoder.decode, "every record ends in exactly one of: typed row, quarantine; unknown fields are kept"
    ),
    Stage("build", merge, "order, repetition and chunking of the input do not change a table"),
    Stage("derive", derive, "deriving again what did not change changes no row; afterwards all is as built at once"),
)
"""What ``Lake.ingest`` does (``ingest.py`` and ``deriving.py`` drive it)."""


FAMILIES: tuple[Family, ...] = (
    CONFIGURATION,
    *DIRECTORY_FAMILIES,
    CONTACT_STATISTICS,
    CONVERSATION_ANALYTICS,
    EVALUATION_ITEMS,
    FLOW_RUNS,
)
"""The tables that are derived subject by subject, in the order in which they are; before them agents' statistics."""


@dataclass(frozen=True)
class Watched:
    """What is remembered of rows added to a table (and besides of those removed), as others follow from it."""

    columns: tuple[str, ...]
    of_removed: tuple[str, ...] = ()


def _watched() -> dict[str, Watched]:
    watched = {"agent_event": Watched(CHANGE_COLUMNS, GONE_COLUMNS)}
    for family in FAMILIES:
        for table, reach in family.reach.items():
            before = watched.get(table, Watched(()))
            columns = tuple(dict.fromkeys((*before.columns, *reach.columns)))
            watched[table] = Watched(columns, tuple(c for c in before.of_removed if c not in columns))
    return watched


WATCHED: dict[str, Watched] = _watched()
"""By table: what is written down of its changes until they are derived from."""


def table_of(stream: Stream) -> Table:
    """The table that a stream fills."""
    return BY_NAME[stream.table]


def rows_of(name: str) -> tuple[Stream, Table]:
    """The stream of a table's exported rows, and the table as these are read."""
    table = BY_NAME[name]
    filled_by = next((s for s in STREAMS if s.table == name), None)
    return import_stream(table, filled_by), row_table(table)


STANDS_APART = frozenset(t.name for t in VENDOR_TABLES) - {s.table for s in STREAMS}
"""Tables whose imported rows stand in data files of their own, apart from rows that are derived."""
