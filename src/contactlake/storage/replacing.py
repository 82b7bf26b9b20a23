"""Replaces files of a table in one snapshot, at a cost that does not grow with the snapshots before it.

PyIceberg alone adds manifests with every commit and never merges them, reads all of them three times to delete a file,
and works the table's metadata out anew at every look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyiceberg.manifest import DataFile, ManifestContent, ManifestEntry, ManifestEntryStatus, ManifestFile
from pyiceberg.table import Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import (
    _FastAppendFiles,
    _ManifestMergeManager,
    _OverwriteFiles,
    _SnapshotProducer,
)
from pyiceberg.types import DateType

from contactlake.storage.locations import local

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.metadata import TableMetadata

_MANY = 8
_FULL = 64
_ANY_SIZE = 1 << 40


def replace(
    table: Table,
    added: Iterable[DataFile],
    deleted: Collection[str],
    days: Collection[int | None],
    properties: dict[str, str],
) -> None:
    """Add files and delete others in one snapshot; ``properties`` become the snapshot's and the table's.

    ``deleted`` are the paths of live files, ``days`` their days (first value of their partitions). What is not there is
    let be. Raises ``CommitFailedException`` or ``ValidationException`` where another engine's commit is in the way.
    """
    with Change(table) as transaction:
        change = (
            _Replacing(transaction, table, properties, deleted, days)
            if deleted
            else _Adding(Operation.APPEND, transaction, table.io, snapshot_properties=properties)
        )
        with change as files:
            for file in added:
                files.append_data_file(file)
        transaction.set_properties(properties)


class Change(Transaction):
    """A transaction that works the table's metadata out when they change: PyIceberg does so at every look, a dozen
    times in a commit."""

    _known: tuple[object, object, TableMetadata] | None = None

    @property
    def table_metadata(self) -> TableMetadata:
        """The metadata as they will be."""
        base, updates = self._table.metadata, self._updates
        if self._known is None or self._known[0] is not base or self._known[1] is not updates:
            self._known = (base, updates, super().table_metadata)
        return self._known[2]


class _Gathering(_SnapshotProducer[Any]):
    """Writes manifests of few files as one, where there are many of them: so what a commit reads is bounded, and a
    file's entry is written anew a few times only. Larger ones stay, and mostly name files of a few days."""

    def _process_manifests(self, manifests: list[ManifestFile]) -> list[ManifestFile]:
        small = {m for m in manifests if m.content == ManifestContent.DATA and _named(m) < _FULL}
        merging = _ManifestMergeManager(_ANY_SIZE, _MANY, merge_enabled=True, snapshot_producer=self)
        merged = merging.merge_manifests([m for m in manifests if m in small])
        return [*merged, *(m for m in manifests if m not in small)]


class _Adding(_Gathering, _FastAppendFiles):
    """Adds files."""


class _Replacing(_Gathering, _OverwriteFiles):
    """Deletes files that are told by their paths, and adds others. Manifests that may name them are read once."""

    def __init__(
        self,
        transaction: Transaction,
        table: Table,
        properties: dict[str, str],
        deleted: Collection[str],
        days: Collection[int | None],
    ) -> None:
        super().__init__(Operation.OVERWRITE, transaction, table.io, snapshot_properties=properties)
        self._deleted, self._days = deleted, days

    def _existing_manifests(self) -> list[ManifestFile]:
        return self._found[0]

    def _deleted_entries(self) -> list[ManifestEntry]:
        self._deleted_data_files = {entry.data_file for entry in self._found[1]}
        return self._found[1]

    def _refresh_for_retry(self) -> None:
        super()._refresh_for_retry()
        self.__dict__.pop("_found", None)

    @cached_property
    def _found(self) -> tuple[list[ManifestFile], list[ManifestEntry]]:
        """The manifests of the files that stay, and the entries of those that go."""
        manifests: list[ManifestFile] = []
        gone: list[ManifestEntry] = []
        snapshot = self._transaction.table_metadata.snapshot_by_name(self._target_branch)
        for manifest in snapshot.manifests(self._io) if snapshot else ():
            if not (manifest.has_added_files() or manifest.has_existing_files()):
                continue
            entries = manifest.fetch_manifest_entry(self._io) if self._may_name_deleted(manifest) else []
            kept = [entry for entry in entries if local(entry.data_file.file_path) not in self._deleted]
            if len(kept) == len(entries):
                manifests.append(manifest)
                continue
            gone += [self._gone(entry) for entry in entries if local(entry.data_file.file_path) in self._deleted]
            if kept:
                with self.new_manifest_writer(self.spec(manifest.partition_spec_id)) as writer:
                    for entry in kept:
                        writer.existing(entry)
                manifests.append(writer.to_manifest_file())
        return manifests, gone

    def _may_name_deleted(self, manifest: ManifestFile) -> bool:
        """By the bounds of the days of its files, where they tell."""
        if manifest.content != ManifestContent.DATA:
            return False
        types = self.spec(manifest.partition_spec_id).partition_type(self.schema()).fields
        if not types or not isinstance(types[0].field_type, DateType) or not manifest.partitions:
            return True
        lower, upper = manifest.partitions[0].lower_bound, manifest.partitions[0].upper_bound
        if lower is None or upper is None:
            return True
        first, last = (int.from_bytes(bound, "little", signed=True) for bound in (lower, upper))
        # a file without day, or that another engine partitioned otherwise, may be anywhere
        return any(not isinstance(day, int) or first <= day <= last for day in self._days)

    def _gone(self, entry: ManifestEntry) -> ManifestEntry:
        return ManifestEntry.from_args(
            status=ManifestEntryStatus.DELETED,
            snapshot_id=self._snapshot_id,
            sequence_number=entry.sequence_number,
            file_sequence_number=entry.file_sequence_number,
            data_file=entry.data_file,
        )


def _named(manifest: ManifestFile) -> int:
    """How many live files a manifest names; many where it does not say."""
    added, existing = manifest.added_files_count, manifest.existing_files_count
    return _FULL if added is None or existing is None else added + existing
