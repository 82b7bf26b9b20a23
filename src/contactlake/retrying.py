"""Quarantined records decoded again: what now fits leaves quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from contactlake.batch import Batch
from contactlake.build.merge import Verdict
from contactlake.decode.beside import Origin
from contactlake.decode.decoder import Decoded, Rows
from contactlake.decode.rows import HEAD_BYTES
from contactlake.ingest import Run
from contactlake.landing.objects import LandedObject
from contactlake.landing.read import Damaged, read, read_range
from contactlake.model.account import Summary
from contactlake.pipeline import QUARANTINE
from contactlake.staging import Decoding, Outcome, Share, Task

_RETRIED_BYTES = 64 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Quarantine:
    """Quarantined records of one file: their row numbers in it, and the records themselves."""

    rows: list[int]
    records: list[dict[str, Any]]


def read_quarantine(
    path: str, reason: str | None, landed: Callable[[dict[str, Any]], bytes | None]
) -> Iterator[Quarantine]:
    """The records of a quarantine file (all, or those of one reason) with their bytes, so many at a time.

    ``landed`` gives the bytes of a record that was too large to carry them; None: it is too large to be tried.
    """
    columns = ["reason", "source", "object", "offset", "length", "raw", "landed_at"]
    found, held, row = Quarantine([], []), 0, 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=64, columns=columns):
            for record in batch.to_pylist():
                if reason in (None, record["reason"]) and (raw := record["raw"] or landed(record)):
                    record["raw"] = raw
                    found.rows.append(row)
                    found.records.append(record)
                    held += len(raw)
                row += 1
            if held > _RETRIED_BYTES:
                yield found
                found, held = Quarantine([], []), 0
    if found.rows:
        yield found


def decode_again(task: Task, quarantine: Quarantine) -> tuple[Outcome, list[int]]:
    """Decode quarantined records anew; returns what they made and the rows that need quarantine no more.

    The task's shares are the exports that some of the records came from.
    """
    work = Decoding(task)
    Path(task.folder).mkdir(parents=True, exist_ok=True)
    failed: set[int] = set()
    made: list[tuple[list[int], Rows]] = []
    for places, batches in _again(work, quarantine.records):
        for decoded in batches:
            failed.update(places[bad.offset] for bad in decoded.quarantined)
            made += [([places[n] for n in rows.versions.column("offset").to_pylist()], rows) for rows in decoded.rows]
    for numbers, rows in made:
        good = [i for i, number in enumerate(numbers) if number not in failed]
        if good:
            keep = pa.array(good, pa.int32())
            origin = [quarantine.records[numbers[i]] for i in good]
            versions = rows.versions.take(keep)
            for name in ("offset", "length"):
                place = versions.schema.get_field_index(name)
                versions = versions.set_column(place, name, pa.array([o[name] for o in origin], pa.int64()))
            ids = [o["object"] for o in origin]
            also = rows.also and rows.also.take(good)
            work.write(ids, Rows(rows.stream, rows.table, rows.rows.take(keep), versions, also))
    work.close()
    return work.outcome, [row for i, row in enumerate(quarantine.rows) if i not in failed]


def _again(work: Decoding, records: list[dict[str, Any]]) -> Iterator[tuple[list[int], Iterator[Decoded]]]:
    """Records decoded anew: those of streams, and those of each export. Their places are numbers in the list given."""
    of_object: dict[str | None, list[int]] = {}
    exports = {share.object.id: share.object for share in work.task.shares}
    for number, record in enumerate(records):
        of_object.setdefault(record["object"] if record["object"] in exports else None, []).append(number)
    for id_, numbers in of_object.items():
        raws = [records[n]["raw"] for n in numbers]
        if id_ is None:
            origins = [Origin(records[n]["source"], _micros(records[n]["landed_at"])) for n in numbers]
            yield numbers, work.decoder.decode_each(raws, origins)
        else:
            yield numbers, work.rows_of(str(exports[id_].table)).decode_each(_head(exports[id_]), raws)


def _head(obj: LandedObject) -> bytes:
    """The first bytes of an object."""
    head = b""
    for chunk in read(obj):
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    return head


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


class Retry(Run):
    """A run over quarantined records instead of sources."""

    def retry(self, reason: str | None) -> Summary:
        """Decode quarantined records again; what now fits leaves quarantine. The counts are of these records."""
        paths = [f.path for f in self.store.plan(QUARANTINE.name).files]
        self.tasks.schemas(*self.ledger.imported_into())
        batch = Batch(self.store, self.ledger, self.staging / "batch", self.tasks.schemas(), self.clock())
        outcomes: list[Outcome] = []
        freed_of: Counter[str] = Counter()
        for path in paths:
            freed_rows: list[int] = []
            for records in read_quarantine(path, reason, self._landed):
                folder = str(self.staging / f"retry-{len(outcomes)}")
                limit = self.settings.max_record_bytes
                task = Task(self._exports(records), folder, self.tasks.schemas(), limit, self.clock())
                outcome, freed = decode_again(task, records)
                outcomes.append(outcome)
                freed_rows += freed
                left = set(freed)
                freed_of.update(
                    record["object"] for row, record in zip(records.rows, records.records, strict=True) if row in left
                )
                self.summary.quarantined += len(records.rows) - len(freed)
            batch.remove(QUARANTINE.name, path, freed_rows)
        verdict = batch.judge(outcomes)
        batch.apply(outcomes, verdict, self._recounted(freed_of, verdict))
        summary = self.summary
        summary.stored = sum(verdict.stored.values())
        summary.duplicates = sum(verdict.duplicates.values())
        summary.records = summary.stored + summary.duplicates + summary.quarantined
        return summary

    def _landed(self, record: dict[str, Any]) -> bytes | None:
        """The bytes of a quarantined record from its landed object, where they are no more than a record may have."""
        found = self.ledger.find(record["object"])
        if found is None or not 0 < record["length"] <= self.settings.max_record_bytes:
            return None
        try:
            return b"".join(read_range(found[0], record["offset"], record["length"]))
        except (Damaged, OSError) as error:
            self.watcher.say(f"A record of {record['source']} cannot be read again: {error}")
            return None

    def _exports(self, records: Quarantine) -> tuple[Share, ...]:
        """The imported files that records came from: what a row of them means, their beginnings tell."""
        found = [self.ledger.find(id_) for id_ in sorted({record["object"] for record in records.records})]
        return tuple(Share(each[0]) for each in found if each is not None and each[0].table is not None)

    def _recounted(self, freed_of: Counter[str], verdict: Verdict) -> dict[str, dict[str, int]]:
        """The counts of the objects whose records left quarantine."""
        recounted = {}
        for id_, freed in freed_of.items():
            if counts := self.ledger.counts(id_):
                counts["stored"] += verdict.stored.get(id_, 0)
                counts["duplicates"] += verdict.duplicates.get(id_, 0)
                counts["quarantined"] -= freed
                counts["records"] = counts["stored"] + counts["duplicates"] + counts["quarantined"]
                recounted[id_] = counts
        return recounted
