"""Looking into quarantine: list, show, export. Exact bytes, always."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contactlake.errors import UsageError
from contactlake.landing.ledger import Ledger
from contactlake.landing.read import Damaged, read_range

if TYPE_CHECKING:
    from contactlake.engines.duck import Result
    from contactlake.storage.store import Store

_FACTS = 'id, reason, message, stream, source, "offset", length, json_path, landed_at, object'
_SMALL = "CASE WHEN octet_length(raw) <= 8192 THEN raw END"  # many at once; larger ones are read one by one


class QuarantineView:
    """The quarantined records of a lake."""

    def __init__(self, folder: Path, store: Store, query: Callable[[str], Result]) -> None:
        self.folder, self.store, self.query = folder, store, query

    def list(self, reason: str | None = None, limit: int | None = None) -> Result:
        """Facts about quarantined records (without their bytes), oldest first."""
        where = f"WHERE reason = {_text(reason)}" if reason else ""
        top = f"LIMIT {int(limit)}" if limit is not None else ""
        return self.query(f'SELECT {_FACTS} FROM quarantine {where} ORDER BY landed_at, source, "offset", id {top}')

    def show(self, id_: str) -> dict[str, Any]:
        """Facts about one record. Raises ``UsageError`` for an id that is not there."""
        rows = self.query(f"SELECT {_FACTS} FROM quarantine WHERE id = {_text(id_)}").rows()
        if not rows:
            raise UsageError(f"There is no quarantined record {id_}. See: contactlake quarantine list")
        return rows[0]

    def raw(self, id_: str) -> Iterator[bytes]:
        """The record's exact bytes, in chunks."""
        facts = self.show(id_)
        raw = self.query(f"SELECT raw FROM quarantine WHERE id = {_text(id_)}").rows()[0]["raw"]
        yield from [raw] if raw is not None else self._landed(facts)

    def _landed(self, facts: dict[str, Any]) -> Iterator[bytes]:
        """The bytes of a record that was too large to carry, from the landed object."""
        ledger = Ledger(self.folder / "ledger.db")
        try:
            found = ledger.find(facts["object"])
        finally:
            ledger.close()
        if found is None:
            raise UsageError(f"The landed object {facts['object']} of {facts['id']} is not in this lake.")
        try:
            yield from read_range(found[0], facts["offset"], facts["length"])
        except Damaged:
            return

    def export(self, target: Path, reason: str | None = None) -> int:
        """Write each record's exact bytes to a file of its own in ``target``, and ``index.jsonl`` with the facts."""
        target.mkdir(parents=True, exist_ok=True)
        where = f"WHERE reason = {_text(reason)}" if reason else ""
        count = 0
        with (target / "index.jsonl").open("w", encoding="utf-8") as index:
            for batch in self.query(f"SELECT {_FACTS}, {_SMALL} AS raw FROM quarantine {where}").batches():
                for facts in batch.to_pylist():
                    raw = facts.pop("raw")
                    facts["file"] = f"{facts['id']}.raw"
                    with (target / facts["file"]).open("wb") as out:
                        out.writelines([raw] if raw is not None else self.raw(facts["id"]))
                    index.write(json.dumps(facts, default=str) + "\n")
                    count += 1
        return count


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
