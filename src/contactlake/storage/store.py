"""Where table files live, and how they are replaced at once: Apache Iceberg through PyIceberg.

The embedded default is a SQLite catalog in the lake's folder; any catalog that PyIceberg knows works by configuration.
Never names a table. PyIceberg is imported when first needed: reading a lake that only we wrote does without it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contactlake.errors import ContactlakeError
from contactlake.model.table import Table
from contactlake.storage.locations import local, url

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa
    from pyiceberg.catalog import Catalog
    from pyiceberg.manifest import DataFile as IcebergFile
    from pyiceberg.table import Table as IcebergTable

    from contactlake.storage.upkeep import Upkeep

CATALOG = "contactlake"
NAMESPACE = "connect_datalake"
IMPORTED = "imported-"
"""How the names of data files begin whose rows were imported, see ``DataFile.imported``."""

_BATCH = "contactlake.batch"
_PROPERTIES = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
    "write.metadata.metrics.default": "truncate(16)",
    "write.metadata.metrics.max-inferred-column-defaults": "200",
}


@dataclass(frozen=True)
class DataFile:
    """A live data file: its path (local paths without scheme), its day (days since 1970; None if unpartitioned), rows
    and bytes."""

    path: str
    day: int | None
    rows: int
    bytes: int

    @property
    def imported(self) -> bool:
        """Whether its rows were imported into a table that may also have rows derived here."""
        return self.path.rpartition("/")[2].startswith(IMPORTED)


@dataclass(frozen=True)
class Plan:
    """What a table consists of at one snapshot.

    files     its data files
    columns   the columns it has (an older version of contactlake may have made it with fewer)
    uniform   every file has all of them
    readable  False where another engine left delete files, so that only an Iceberg reader sees the table rightly
    """

    files: tuple[DataFile, ...]
    columns: tuple[str, ...] = ()
    uniform: bool = True
    readable: bool = True


class Store:
    """The tables of one lake."""

    def __init__(self, root: Path, catalog: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.warehouse = root / "warehouse"
        self._configured = dict(catalog or {})
        self._database = root / "catalog.db"
        self._loaded: Catalog | None = None

    # reading ----------------------------------------------------------------------------------------------------------

    def plan(self, table: str) -> Plan:
        """The files of a table now; no files if it does not exist."""
        location = self._metadata_location(table)
        if location is None:
            return Plan(())
        cached = self._cached(table, location)
        return cached if cached is not None else self._plan(self._load(table), table)

    def tables(self) -> list[str]:
        """Names of the tables that exist in the catalog."""
        if self._configured:
            return sorted(name for _, name in self._catalog().list_tables(NAMESPACE))
        return sorted(self._locations())

    def scan(self, table: str) -> pa.Table:
        """All rows of a table through the Iceberg reader (needed where there are delete files)."""
        return self._load(table).scan().to_arrow()

    def _metadata_location(self, table: str) -> str | None:
        if self._configured:
            catalog = self._catalog()
            name = f"{NAMESPACE}.{table}"
            return catalog.load_table(name).metadata_location if catalog.table_exists(name) else None
        return self._locations().get(table)

    def _locations(self) -> dict[str, str]:
        """Metadata locations straight from the embedded catalog: importing PyIceberg takes longer than most queries."""
        if not self._database.exists():
            return {}
        with sqlite3.connect(f"file:{self._database}?mode=ro", uri=True) as db:
            try:
                rows = db.execute(
                    "SELECT table_name, metadata_location FROM iceberg_tables "
                    "WHERE catalog_name = ? AND table_namespace = ?",
                    (CATALOG, NAMESPACE),
                ).fetchall()
            except sqlite3.OperationalError:  # the catalog is just being made
                return {}
            except sqlite3.DatabaseError as error:
                raise ContactlakeError(f"The catalog {self._database} cannot be read: {error}.") from None
        db.close()
        return dict(rows)

    def _cache_path(self, table: str) -> Path:
        return self.root / "cache" / f"{table}.json"

    def _cached(self, table: str, location: str) -> Plan | None:
        try:
            cached = json.loads(self._cache_path(table).read_bytes())
        except (OSError, ValueError):
            return None
        if cached.get("location") != location:
            return None
        files = tuple(DataFile(*f) for f in cached["files"])
        return Plan(files, tuple(cached["columns"]), cached["uniform"], cached["readable"])

    def _plan(self, loaded: IcebergTable, table: str) -> Plan:
        tasks = list(loaded.scan().plan_files())
        readable = not any(task.delete_files for task in tasks)
        return self._planned(loaded, table, (_entry(task.file) for task in tasks), readable)

    def _planned(self, loaded: IcebergTable, table: str, files: Iterable[DataFile], readable: bool) -> Plan:
        """The plan of these files, which is remembered."""
        plan = Plan(
            tuple(sorted(files, key=lambda f: f.path)),
            tuple(loaded.schema().column_names),
            uniform=len(loaded.schemas()) == 1,
            readable=readable,
        )
        with contextlib.suppress(OSError):  # a lake that may only be read is planned anew each time
            self._remember(table, loaded.metadata_location, plan)
        return plan

    def _remember(self, table: str, location: str, plan: Plan) -> None:
        path = self._cache_path(table)
        path.parent.mkdir(exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}")
        facts = {"location": location, "columns": plan.columns, "uniform": plan.uniform, "readable": plan.readable}
        temporary.write_text(json.dumps(facts | {"files": [[f.path, f.day, f.rows, f.bytes] for f in plan.files]}))
        temporary.replace(path)

    # writing ----------------------------------------------------------------------------------------------------------

    def file_schema(self, table: Table) -> pa.Schema:
        """The schema, with field ids, in which data files of ``table`` are to be written."""
        if self._metadata_location(table.name) is None:
            from contactlake.storage.numbered import numbered_schema

            return numbered_schema(table)
        from contactlake.storage.schema import file_schema, iceberg_schema

        loaded = self._load(table.name)
        missing = [c for c in table.columns if c.name not in loaded.schema().column_names]
        if missing:  # made by a version that knew fewer columns
            with loaded.update_schema() as update:
                update.union_by_name(iceberg_schema(table))
            self._plan(loaded, table.name)
        return file_schema(loaded.schema().select(*(c.name for c in table.columns)))

    def data_path(self, table: str, day: int | None, name: str) -> str:
        """Where a new data file of a day is to stand."""
        folder = self.warehouse / NAMESPACE / table / "data"
        if day is not None:
            from contactlake.model.days import day_text

            folder /= day_text(day)
        return str(folder / name)

    def warm(self) -> None:
        """Load what writing needs (it takes most of a second), so that it is there when it is needed."""
        import duckdb  # noqa: F401

        import contactlake.storage.committing
        import contactlake.storage.replacing  # noqa: F401

        self._catalog()

    def commit(self, table: Table, add: Iterable[str], delete: Iterable[str], batch: str) -> None:
        """Replace files in one atomic snapshot. Applying the same ``batch`` again does nothing.

        Files of ``add`` stand where ``data_path`` said; files of ``delete`` are the ``path`` of live data files.
        """
        from pyiceberg.exceptions import CommitFailedException, ValidationException

        from contactlake.storage.committing import data_files
        from contactlake.storage.replacing import replace

        added, deleted = list(add), set(delete)
        if not added and not deleted:
            return
        loaded = self._create(table)
        if loaded.properties.get(_BATCH) == batch:
            self._plan(loaded, table.name)
            return
        before = self._cached(table.name, loaded.metadata_location) or self._plan(loaded, table.name)
        based, fresh = loaded.metadata.current_snapshot_id, list(data_files(loaded, added))
        days = {file.day for file in before.files if file.path in deleted}
        try:
            replace(loaded, fresh, deleted, days, {_BATCH: batch})
        except (CommitFailedException, ValidationException) as error:
            raise ContactlakeError(
                f"Table {table.name} was changed by another engine during the commit; "
                "nothing is lost: run the same command again."
            ) from error
        if (made := loaded.current_snapshot()) is None or made.parent_snapshot_id != based:
            self._plan(loaded, table.name)  # another engine's commit came before
            return
        kept = (file for file in before.files if file.path not in deleted)
        self._planned(loaded, table.name, (*kept, *map(_entry, fresh)), before.readable)

    def keep_up(self, table: str, before: datetime, dry: bool) -> Upkeep:
        """Expire snapshots replaced ``before`` a moment and remove files that nothing names (``dry``: only count)."""
        from contactlake.storage.upkeep import keep_up

        done = keep_up(self._load(table), before, dry)
        if done.snapshots and not dry:
            self._plan(self._load(table), table)
        return done

    def _create(self, table: Table) -> IcebergTable:
        from pyiceberg.exceptions import NoSuchTableError

        with contextlib.suppress(NoSuchTableError):
            return self._load(table.name)
        from contactlake.storage.schema import iceberg_schema, partition_spec

        name, catalog = f"{NAMESPACE}.{table.name}", self._catalog()
        catalog.create_namespace_if_not_exists(NAMESPACE)
        schema = iceberg_schema(table)
        location = None if self._configured else url(str(self.warehouse / NAMESPACE / table.name))
        return catalog.create_table(
            name, schema, location=location, partition_spec=partition_spec(table, schema), properties=_PROPERTIES
        )

    def _load(self, table: str) -> IcebergTable:
        return self._catalog().load_table(f"{NAMESPACE}.{table}")

    def _catalog(self) -> Catalog:
        if self._loaded is None:
            from pyiceberg.catalog import load_catalog

            from contactlake.storage.embedded import Embedded

            try:
                self._loaded = (
                    load_catalog(CATALOG, **self._configured)
                    if self._configured
                    else Embedded(CATALOG, uri=f"sqlite:///{self._database}", warehouse=url(str(self.warehouse)))
                )
            except Exception as error:
                raise ContactlakeError(f"The Iceberg catalog cannot be opened: {error}") from error
        return self._loaded


def _entry(file: IcebergFile) -> DataFile:
    day = file.partition[0] if len(file.partition) else None
    return DataFile(local(file.file_path), day, file.record_count, file.file_size_in_bytes)


def catalog_facts(store: Store) -> dict[str, Any]:
    """What another engine needs to open the tables: catalog, namespace, warehouse."""
    return {"catalog": CATALOG, "namespace": NAMESPACE, "warehouse": str(store.warehouse)}
