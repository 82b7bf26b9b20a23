"""Which of the decoded versions are new, and which is each key's row.

Order, repetition and chunking of the input do not change the outcome: versions are compared by key, content and stamp
alone; of two with one stamp a delivered record wins over an imported row. SQL over the small side files that decoding
leaves; the rows themselves are not read here. Never names a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from contactlake.model.arrow import PARQUET
from contactlake.model.stream import IMPORT

MEMORY = "256MB"
REPETITIVE = ["stream", "object", "path", "unknown.list.element", "stored_at"]
"""Columns of versions for which a dictionary pays; the others are hashes and places."""


@dataclass(frozen=True)
class StagedAlso:
    """A decoded file of rows of a second table, and for each the number of its record's row in the first file."""

    table: str
    path: str
    of: tuple[int, ...]


@dataclass(frozen=True)
class Staged:
    """A decoded file of rows of one table and day, and beside it the versions (same order of rows).

    ``objects`` are the ids of the task's objects, which the versions know by number.
    """

    stream: str
    table: str
    day: int | None
    path: str
    versions: str
    rows: int
    objects: tuple[str, ...]
    also: StagedAlso | None = None


@dataclass
class Verdict:
    """The outcome for a batch.

    drop      by staged file: row numbers that do not become rows of the table (duplicates and older versions)
    displace  by (stream, day): staged rows (file, row number) whose keys have an older row in the table on that day
              (None: where there are no days)
    stored, duplicates   by object: versions seen for the first time, and not
    new_versions         path of the file with the versions to remember; None if there are none
    """

    drop: dict[str, list[int]] = field(default_factory=dict)
    displace: dict[tuple[str, int | None], list[tuple[str, int]]] = field(default_factory=dict)
    stored: dict[str, int] = field(default_factory=dict)
    duplicates: dict[str, int] = field(default_factory=dict)
    by_stream: dict[str, tuple[int, int]] = field(default_factory=dict)
    new_versions: str | None = None


_FRESH = """
CREATE TEMP TABLE fresh AS
SELECT s.stream, o.id AS object, s.path AS file, s.position AS file_no, v.file_row_number AS row,
       v.key_hi, v.key_lo, v.content_hi, v.content_lo, v.stamp, v.day::BIGINT AS day,
       v."offset", v.length, v.path, v.unknown
FROM read_parquet($files, filename = true, file_row_number = true, hive_partitioning = false) v
JOIN staged s ON s.versions = v.filename
JOIN objects o ON o.task = s.task AND o.number = v.object
"""

_KNOWN = """
CREATE TEMP TABLE known AS
SELECT stream, key_hi, key_lo, content_hi, content_lo, stamp, day
FROM read_parquet($files, hive_partitioning = false)
SEMI JOIN (SELECT DISTINCT key_hi, key_lo FROM fresh) USING (key_hi, key_lo)
"""

_CONTESTED = """
CREATE TEMP TABLE contested AS
SELECT key_hi, key_lo FROM fresh GROUP BY ALL HAVING count(*) > 1
UNION
SELECT key_hi, key_lo FROM known
"""
"""Keys with more than one version: few, and all others need no judging."""

_JUDGED = """
CREATE TEMP TABLE judged AS
SELECT f.*,
       k.stream IS NULL AND row_number() OVER (
         PARTITION BY f.stream, f.key_hi, f.key_lo, f.content_hi, f.content_lo ORDER BY f.file_no, f.row) = 1 AS is_new
FROM (FROM fresh SEMI JOIN contested USING (key_hi, key_lo)) f
LEFT JOIN known k USING (stream, key_hi, key_lo, content_hi, content_lo)
"""

# The hash of a key tells its stream, too: streams that share their keys fill one table, and their rows compete.
_WINNERS = """
CREATE TEMP TABLE winners AS
SELECT stream, key_hi, key_lo, file, row, day, was_known,
       first_value(CASE WHEN was_known THEN coalesce(day, -1000000000) END IGNORE NULLS) OVER keys AS known_day
FROM (
  SELECT stream, key_hi, key_lo, content_hi, content_lo, stamp, day, file, row, false AS was_known
  FROM judged WHERE is_new
  UNION ALL
  SELECT stream, key_hi, key_lo, content_hi, content_lo, stamp, day, NULL, NULL, true FROM known
)
WINDOW keys AS (PARTITION BY key_hi, key_lo
                ORDER BY stamp DESC, starts_with(stream, $import), content_hi DESC, content_lo DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
QUALIFY row_number() OVER (PARTITION BY key_hi, key_lo
                           ORDER BY stamp DESC, starts_with(stream, $import), content_hi DESC, content_lo DESC) = 1
"""

_DROP = """
SELECT file, list(row ORDER BY row) FROM (
  SELECT file, row FROM judged
  EXCEPT ALL
  SELECT file, row FROM winners WHERE NOT was_known
) GROUP BY file
"""

_DISPLACE = """
SELECT stream, nullif(known_day, -1000000000), file, row FROM winners
WHERE NOT was_known AND known_day IS NOT NULL ORDER BY ALL
"""

_NEW = """
CREATE TEMP VIEW new AS
FROM fresh ANTI JOIN contested USING (key_hi, key_lo)
UNION ALL
SELECT * EXCLUDE (is_new) FROM judged WHERE is_new
"""

_COUNTS = """
SELECT object, stream, coalesce(n.versions, 0), f.versions - coalesce(n.versions, 0)
FROM (SELECT object, stream, count(*) AS versions FROM fresh GROUP BY ALL) f
LEFT JOIN (SELECT object, stream, count(*) AS versions FROM new GROUP BY ALL) n USING (object, stream)
"""

_VERSIONS = """
SELECT stream, key_hi, key_lo, content_hi, content_lo, stamp, day, object, "offset", length, path, unknown,
       make_timestamptz($now::BIGINT) AS stored_at
FROM new ORDER BY stream, day, file_no, row
"""


def merge(staged: Sequence[Staged], known: Sequence[str], scratch: Path, schema: pa.Schema, now: int) -> Verdict:
    """Judge the staged versions against each other and against the ``known`` ones (files of the version table).

    ``schema`` is the version table's; ``now`` (µs since 1970) stamps what is new.
    """
    import duckdb  # takes a while, and the workers import this module for what is staged

    verdict = Verdict()
    if not staged:
        return verdict
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(scratch / "spill")}) as db:
        db.execute("SET TimeZone = 'UTC'")
        db.execute("SET preserve_insertion_order = false")
        tasks = {objects: n for n, objects in enumerate(dict.fromkeys(s.objects for s in staged))}
        relations = {
            "staged": [
                {"stream": s.stream, "path": s.path, "versions": s.versions, "position": i, "task": tasks[s.objects]}
                for i, s in enumerate(staged)
            ],
            "objects": [
                {"task": task, "number": n, "id": id_}
                for objects, task in tasks.items()
                for n, id_ in enumerate(objects)
            ],
        }
        for name, rows in relations.items():
            db.register(name, pa.Table.from_pylist(rows))
        db.execute(_FRESH, {"files": [s.versions for s in staged]})
        if known:
            db.execute(_KNOWN, {"files": list(known)})
        else:
            db.execute(
                "CREATE TEMP TABLE known AS SELECT stream, key_hi, key_lo, content_hi, content_lo, stamp, day "
                "FROM fresh WHERE false"
            )
        for step in (_CONTESTED, _JUDGED, _WINNERS, _NEW):
            db.execute(step, {"import": IMPORT} if step is _WINNERS else None)
        verdict.drop = dict(db.execute(_DROP).fetchall())
        for stream, day, file, row in db.execute(_DISPLACE).fetchall():
            verdict.displace.setdefault((stream, day), []).append((file, row))
        for object_, stream, stored, duplicates in db.execute(_COUNTS).fetchall():
            verdict.stored[object_] = verdict.stored.get(object_, 0) + stored
            verdict.duplicates[object_] = verdict.duplicates.get(object_, 0) + duplicates
            before = verdict.by_stream.get(stream, (0, 0))
            verdict.by_stream[stream] = (before[0] + stored, before[1] + duplicates)
        if any(verdict.stored.values()):
            verdict.new_versions = str(scratch / "versions.parquet")
            reader = db.sql(_VERSIONS, params={"now": now}).to_arrow_reader(50_000)
            with pq.ParquetWriter(verdict.new_versions, schema, use_dictionary=REPETITIVE, **PARQUET) as writer:
                for batch in reader:
                    writer.write_batch(batch.cast(schema))
    return verdict
