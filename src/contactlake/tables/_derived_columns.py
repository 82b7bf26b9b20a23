"""Where the columns of derived tables come from, as data: the SQL and the mapping pages are made from it.

Owns the text of steps (.sql files with places to fill in) and the nulls of columns that nothing tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from string import Template

from contactlake.model.table import Table
from contactlake.model.types import Array, Scalar, Type

Sources = Mapping[str, str]
"""By column: where it comes from, in words. A column that is not in it is null: no stream tells it."""

_SQL = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "float": "FLOAT",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}


def step_text(name: str, **values: str) -> str:
    """The query of the .sql file of this name, its places filled in."""
    text = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return Template(text).safe_substitute(values)


def listed(parts: list[str], indent: int = 2) -> str:
    """Parts of a select list, one on a line."""
    return (",\n" + " " * indent).join(parts)


def unfilled(table: Table, sources: Sources) -> list[str]:
    """The columns that no stream tells."""
    return [c.name for c in table.columns if c.name not in sources and c.name != table.processed_at]


def nulls(table: Table, sources: Sources) -> str:
    """What a query selects for the columns that no stream tells."""
    return listed([f"CAST(NULL AS {_sql_type(table.by_name[n].type)}) AS {n}" for n in unfilled(table, sources)])


def _sql_type(type: Type) -> str:
    match type:
        case Scalar(name):
            return _SQL[name]
        case Array(item):
            return f"{_sql_type(item)}[]"
        case _:
            raise TypeError(f"a derived column of type {type} has a source")
