"""The lake: one object for everything a user does. It hands each question to the stage that knows the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from contactlake import config
from contactlake.errors import UsageError

if TYPE_CHECKING:
    from contactlake.deriving import Derived
    from contactlake.engines.content import Content
    from contactlake.engines.duck import Result
    from contactlake.maintaining import Maintained
    from contactlake.model.account import Summary, Watcher
    from contactlake.model.table import Table
    from contactlake.quarantine import QuarantineView
    from contactlake.searching import Contacts
    from contactlake.storage.store import DataFile, Store

Clock = Callable[[], int]


def clock() -> int:
    """Now, in µs since 1970 UTC, but whole milliseconds: stamps are printed with those, and must stay what they are."""
    return time.time_ns() // 1_000_000 * 1000


def open(path: str | Path | None = None, *, create: bool = True, now: Clock = clock, **settings: Any) -> Lake:
    """Open the lake in the folder ``path`` (else ``$CONTACTLAKE_LAKE``, else ``./lake``).

    The folder is made when first written to.
    With ``create=False`` a folder that is not there is a ``UsageError``. ``settings`` override ``contactlake.toml``.
    """
    folder = config.lake_folder(path)
    if not create and not folder.is_dir():
        raise UsageError(
            f"There is no lake at {folder}. Name one with --lake or ${config.VARIABLE}, "
            "or make one: contactlake ingest …"
        )
    return Lake(folder, now=now, **settings)


class Lake:
    """A contact-centre data lake in a folder. Get one from ``contactlake.open``."""

    def __init__(self, folder: Path, now: Clock = clock, **settings: Any) -> None:
        self.folder = folder.resolve()
        self.settings = config.load(self.folder, **settings)
        self._now = now

    def __enter__(self) -> Lake:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held open between calls."""

    # writing ----------------------------------------------------------------------------------------------------------

    def ingest(self, *sources: str | Path, in_place: bool = False, watcher: Watcher | None = None) -> Summary:
        """Land, decode and build files, folders, globs or ``-`` (standard input).

        ``in_place`` registers the files where they are instead of copying them. Returns the counts, which always add
        up: records = stored + duplicates + quarantined. Raises ``UsageError`` for a source that is not there.
        """
        from contactlake.sources.files import collect, size_of
        from contactlake.workers import LARGE_BYTES, Workers

        found = collect([str(s) for s in sources], self.folder)
        with Workers(self.settings.workers) as workers:
            if size_of(found) > LARGE_BYTES:
                workers.begin()
            from contactlake.writing import Writer  # takes as long as the workers need to begin

            with Writer(self.folder, self.settings, self._now, watcher, workers) as writer:
                return writer.ingest(found, in_place)

    def fetch(
        self,
        instance: str,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        everything: bool = False,
        watcher: Watcher | None = None,
    ) -> Summary:
        """Ask the vendor's API for users, routing profiles and hierarchy groups of an instance (id or ARN).

        What it says is landed and stored like any delivery. ``everything``: also what did not change since the last
        time. Needs boto3 and credentials; raises ``ContactlakeError`` where the API does not answer.
        """
        from contactlake.fetching import fetch
        from contactlake.sources.directory import Directory, Instance

        directory = Directory(Instance.of(instance, region), endpoint_url)
        return fetch(self.folder, self.settings, self._now, self.query, directory, everything, watcher)

    def import_(self, table: str, *files: str | Path, watcher: Watcher | None = None) -> Summary:
        """Take in exports of one of the vendor's tables: CSV with a header, Parquet or JSON.

        ``files`` are files, folders, globs or ``-`` (standard input). Rows keep the values they have; of one key the
        row that was processed last stands. Returns the counts, which always add up. Raises ``UsageError`` for another
        table, and for a file that cannot hold its rows.
        """
        from contactlake.importing import table_named
        from contactlake.sources.files import collect
        from contactlake.writing import Writer

        name = table_named(table)
        found = collect([str(f) for f in files], self.folder)
        with Writer(self.folder, self.settings, self._now, watcher) as writer:
            return writer.import_(name, found)

    def retry_quarantine(self, reason: str | None = None, watcher: Watcher | None = None) -> Summary:
        """Decode quarantined records again (all, or those of one reason); what now fits leaves quarantine."""
        from contactlake.writing import Writer

        with Writer(self.folder, self.settings, self._now, watcher) as writer:
            return writer.retry(reason)

    def build(
        self,
        first: str | None = None,
        last: str | None = None,
        *,
        renumber: bool = False,
        watcher: Watcher | None = None,
    ) -> Derived:
        """Derive spans and statistics of days (``YYYY-MM-DD``, both included; all without) again from stored events.

        ``renumber`` gives custom statuses new numbers, in the order of time. What does not differ is not touched.
        """
        from contactlake.writing import Writer

        days = [None if text is None else _day(text) for text in (first, last)]
        with Writer(self.folder, self.settings, self._now, watcher) as writer:
            return writer.build(days[0], days[1], renumber)

    def maintain(self, *, dry: bool = False, watcher: Watcher | None = None) -> list[Maintained]:
        """Take days past ``retention_days`` out of the tables; expire snapshots replaced more than ``snapshot_days``
        ago and remove their files. ``dry`` only says what would be done. Raw objects are always kept.
        """
        from contactlake.writing import Writer

        with Writer(self.folder, self.settings, self._now, watcher) as writer:
            return writer.maintain(dry)

    # reading ----------------------------------------------------------------------------------------------------------

    def query(self, sql: str) -> Result:
        """Answer a query over the tables. Raises ``QueryError`` where it is refused or wrong."""
        return self._answer(sql, lambda _: True)

    def _query_imported(self, sql: str) -> Result:
        """Answer a query over those rows of the tables that were imported and not derived here."""
        return self._answer(sql, lambda file: file.imported)

    def _answer(self, sql: str, wanted: Callable[[DataFile], bool]) -> Result:
        from contactlake.engines.content import Content
        from contactlake.engines.duck import query
        from contactlake.tables import TABLES
        from contactlake.tables._named import named_views

        store = self._store()

        def content(table: str) -> Content:
            plan = store.plan(table)
            if plan.readable:
                return Content([f.path for f in plan.files if wanted(f)], plan.columns, plan.uniform)
            return Content(columns=plan.columns, rows=store.scan(table))

        return query(sql, TABLES, content, named_views(sql), self.folder / "cache" / "spill", sparing=True)

    def search(
        self,
        *ids: str,
        limit: int | None = 50,
        after: str | None = None,
        columns: Sequence[str] = (),
        oldest_first: bool = False,
        time_zone: str = "UTC",
        told: Callable[[int, int, int], None] | None = None,
        **criteria: Any,
    ) -> Contacts:
        """Find contacts, the newest first: by id, or by ``criteria`` (see ``contactlake.criteria.Criteria``).

        Iterate over the answer, or take its ``rows()``; its ``next``, given as ``after``, leads to the next page.
        ``limit=None`` gives all. Times without a zone are of ``time_zone``, and so are those in the answer. ``told`` is
        told how a long search goes on: days searched, days in all, contacts found. Raises ``UsageError``.
        """
        from contactlake import searching
        from contactlake.criteria import read

        view = searching.View(limit, after, tuple(columns), oldest_first, time_zone)
        wanted = read(time_zone, {**criteria, **({"ids": ids} if ids else {})})
        return searching.search(self._store(), self._ask, wanted, view, told)

    def contact(self, contact_id: str, out: str | Path | None = None, *, time_zone: str = "UTC") -> dict[str, Any]:
        """A contact, those it has to do with, and step by step what happened; drawn, too, where ``out`` names a file.

        ``contacts`` are in the order of their beginning, ``steps`` as in the view ``contact_journey``. Raises
        ``UsageError`` where there is no such contact.
        """
        from contactlake.journey import draw, journey

        found = journey(self._store(), self._ask, contact_id, time_zone)
        if out is not None:
            draw(found, Path(out))
        return found

    def _ask(
        self,
        sql: str,
        contents: Mapping[str, Content],
        parameters: Mapping[str, Any],
        views: Sequence[tuple[str, str]] = (),
    ) -> Result:
        """Answer a query over nothing but ``contents``, by table."""
        from contactlake.engines.duck import query
        from contactlake.tables import BY_NAME

        tables = [BY_NAME[name] for name in contents]
        return query(sql, tables, contents.__getitem__, views, self.folder / "cache" / "spill", parameters)

    def describe(self, table: str | None = None) -> list[Table]:
        """The declarations of one table or of all. Raises ``UsageError`` naming the nearest for one that is not."""
        import difflib

        from contactlake.tables import TABLES

        if table is None:
            return list(TABLES)
        wanted = table.lower().removeprefix("connect_datalake.")
        found = [t for t in TABLES if t.name == wanted]
        if not found:
            near = difflib.get_close_matches(wanted, [t.name for t in TABLES], 1)
            hint = f" Did you mean {near[0]}?" if near else " See: contactlake describe"
            raise UsageError(f"There is no table {table}.{hint}")
        return found

    def explain(
        self, table: str, id_: str, column: str | None = None, *, at: str | None = None
    ) -> list[dict[str, Any]]:
        """The spans and raw events behind the measures of a statistics row, or behind one of them.

        ``id_`` is the row's id; with ``at`` (an instant) it is an agent, and the rows of that interval are explained.
        """
        from contactlake.explaining import Explainer

        explainer = Explainer(self.query, self.settings, self._query_imported)
        return [explainer.row(table, id_, column)] if at is None else explainer.interval(table, id_, at, column)

    def timeline(self, agent: str, day: str, out: str | Path | None = None) -> list[dict[str, Any]]:
        """An agent's day (``YYYY-MM-DD``, UTC) as spans; drawn, too, where ``out`` names a .png, .svg or .html file."""
        from contactlake.explaining import Explainer
        from contactlake.timeline import draw, timeline

        _day(day)
        spans = timeline(self.query, Explainer(self.query, self.settings).user(agent), day)
        if out is not None:
            draw(spans, f"{agent}, {day}", Path(out))
        return spans

    def check(self) -> dict[str, Any]:
        """Verify what must always be true of the statistics: rules, violations, and silences and repairs by agent."""
        from contactlake.checking import check

        return check(self.query, self.settings, self._query_imported)

    def status(self) -> dict[str, Any]:
        """What the lake holds: objects, counts, tables, quarantine by reason, fields that no column takes."""
        from contactlake.status import status

        return status(self.folder, self._store(), self.query)

    def quarantine(self) -> QuarantineView:
        """The quarantined records: list, show and export them."""
        from contactlake.quarantine import QuarantineView

        return QuarantineView(self.folder, self._store(), self.query)

    def _store(self) -> Store:
        from contactlake.storage.store import Store

        return Store(self.folder, self.settings.catalog)


def _day(text: str) -> int:
    """A day as the number that stands for it. Raises ``UsageError``."""
    from contactlake.model.days import day_number

    try:
        return day_number(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day; write it as 2025-03-31.") from None
