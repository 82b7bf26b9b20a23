"""Writes ``data-dictionary.md`` from the declared tables. ``make docs`` runs it; a test holds the page to the code."""

from __future__ import annotations

from pathlib import Path

from contactlake.model.table import Column, Table
from contactlake.streams import STREAMS
from contactlake.tables import OUR_TABLES, VENDOR_TABLES

PAGE = Path(__file__).with_name("data-dictionary.md")

_HEAD = """\
# Data dictionary

<!-- Written by `make docs` from the declarations in src/contactlake/tables. Do not edit. -->

Every table of a lake, in the order of the vendor's documentation, then contactlake's own. `contactlake describe TABLE`
says the same on the command line.

* **type**: `timestamp` is an instant in UTC with microseconds; `number` is stored as a double.
* **null**: `no` means that a record without a value does not become a row. It goes to quarantine.
* **personal**: `yes` marks columns that hold personal data.
* A table that nothing fills yet answers queries with zero rows.
"""


def dictionary() -> str:
    """The whole page."""
    parts = [_HEAD]
    parts += ["## Tables of the data lake\n", _contents(VENDOR_TABLES)]
    parts += ["## Tables of contactlake's own\n", _contents(OUR_TABLES)]
    parts += [_table(table) for table in VENDOR_TABLES + OUR_TABLES]
    return "\n".join(parts)


def _contents(tables: tuple[Table, ...]) -> str:
    lines = ["| table | columns | what it holds |", "| --- | ---: | --- |"]
    lines += [f"| [{t.name}](#{t.name}) | {len(t.columns)} | {_cell(t.doc)} |" for t in tables]
    return "\n".join(lines) + "\n"


def _table(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.primary_key)
    facts = [f"Primary key: {key}."]
    facts.append(f"Partition: UTC days of `{table.partition_by}`." if table.partition_by else "Not partitioned.")
    if table.age_column:
        facts.append(f"Age counts from `{table.age_column}`.")
    facts += [f"Filled from the stream `{stream.name}`." for stream in STREAMS if stream.table == table.name]
    facts += [
        f"Filled from some records of the stream `{stream.name}`, beside their own table."
        for stream in STREAMS
        if stream.also and stream.also.table == table.name
    ]
    lines = [f"## {table.name}", "", table.doc, "", " ".join(facts), ""]
    lines += ["| column | type | null | unit | personal | meaning |", "| --- | --- | --- | --- | --- | --- |"]
    lines += [_row(column) for column in table.columns]
    return "\n".join(lines) + "\n"


def _row(column: Column) -> str:
    meaning = column.doc
    if column.values:
        meaning += " Values seen: " + ", ".join(f"`{value}`" for value in column.values) + "."
    if column.since:
        meaning += f" Since {column.since}."
    null = "" if column.nullable else "no"
    personal = "yes" if column.sensitive else ""
    cells = (f"`{column.name}`", f"`{column.type}`", null, column.unit or "", personal, _cell(meaning))
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(dictionary(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
