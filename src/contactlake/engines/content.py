"""What a table consists of, as engines are told. Loads none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Content:
    """What a table consists of.

    paths    its Parquet files
    columns  the columns that they have; a declared one that is not among them is null
    uniform  every file has all of ``columns``
    rows     where only an Iceberg reader sees the table rightly: its rows, instead of files
    """

    paths: Sequence[str] = ()
    columns: Sequence[str] = ()
    uniform: bool = True
    rows: pa.Table | None = None
