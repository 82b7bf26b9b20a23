"""Looking into quarantine: list, show, export. Exact bytes, always."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contactlake.errors import UsageError
from contactlake.landing.ledger import Ledger
from contactlake.landing.objects import Damaged, read_range

if TYPE_CHECKING:
    from contactlake.engines.duck import Result
    from contactlake.storage.store import Store

_FACTS = 'id, reason, message, stream, source, "offset", length, json_path, landed_at, object'


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
        if raw is not None:
            yield raw
            return
        ledger = Ledger(self.folder / "ledger.db")
        try:
            found = ledger.find(facts["object"])
        finally:
            ledger.close()
        if found is None:
            raise UsageError(f"The landed object {facts['object']} of {id_} is not in this lake.")
        try:
            yield from read_range(found[0], facts["offset"], facts["length"])
        except Damaged:
            return

    def export(self, target: Path, reason: str | None = None) -> int:
        """Write each record's exact bytes to a file of its own in ``target``, and ``index.jsonl`` with the facts."""
        target.mkdir(parents=True, exist_ok=True)
        rows = self.list(reason).rows()
        with (target / "index.jsonl").open("w", encoding="utf-8") as index:
            for facts in rows:
                facts["file"] = f"{facts['id']}.raw"
                with (target / facts["file"]).open("wb") as out:
                    for chunk in self.raw(facts["id"]):
                        out.write(chunk)
                index.write(json.dumps(facts, default=str) + "\n")
        return len(rows)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
