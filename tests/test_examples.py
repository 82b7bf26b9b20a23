"""Examples of the documentation, run as they are printed against the demo's lake: the README's, and those that
docs/engines.md says were tried."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

import contactlake
from contactlake.cli import main
from contactlake.testing import simulate

ROOT = Path(__file__).parent.parent
LAKE = "/data/lake"
PAGES = ("README.md", "docs/quarantine.md")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> contactlake.Lake:
    """What ``make demo`` makes."""
    folder = tmp_path_factory.mktemp("demo")
    simulate(folder / "streams", agents=60, days=1, seed=7, profile="messy")
    lake = contactlake.open(folder / "lake")
    lake.ingest(folder / "streams")
    return lake


# the README -----------------------------------------------------------------------------------------------------------


def test_the_readmes_python_runs(lake: contactlake.Lake):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code.replace("demo/", f"{lake.folder.parent}/"), names)
    assert names["table"].num_rows > 40
    assert len(names["rows"]) == 64
    assert names["columns"][0].doc


def test_the_readme_shows_what_the_demo_counts(lake: contactlake.Lake):
    facts = lake.status()
    line = (
        f"{facts['records']:,} records = {facts['stored']:,} stored + {facts['duplicates']:,} duplicates "
        f"+ {facts['quarantined']:,} quarantined   ({facts['objects']:,} files, {facts['bytes']:,} bytes"
    )
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")


def command_lines() -> list[str]:
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    return re.findall(r"^contactlake .*", text, re.MULTILINE)


@pytest.mark.parametrize("line", command_lines())
def test_documented_command_lines_are_understood(line: str):
    plain = line.replace("[", "").replace("]", "").replace("--limit N", "--limit 1").replace("--format raw", "")
    command: click.Command = main
    words = shlex.split(plain.partition(" > ")[0])[1:]
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context("contactlake", words)


# other engines --------------------------------------------------------------------------------------------------------


def run_example(engine: str, lake: contactlake.Lake) -> dict[str, Any]:
    page = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf"<!-- tested: {engine} -->\n```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code.replace(LAKE, str(lake.folder)), names)
    return names


def test_pyiceberg_alone_reads_the_same_rows(lake: contactlake.Lake):
    names = run_example("pyiceberg", lake)
    columns = "contact_id, channel, queue_name"
    ours = lake.query(f"SELECT {columns} FROM contact_record ORDER BY ALL").rows()
    assert len(ours) == 3346
    assert sorted(names["rows"].to_pylist(), key=lambda row: row["contact_id"]) == ours


def test_pyiceberg_sees_every_table_with_the_declared_columns(lake: contactlake.Lake):
    catalog = run_example("pyiceberg", lake)["catalog"]
    for identifier in catalog.list_tables("connect_datalake"):
        (declared,) = lake.describe(identifier[-1])
        table = catalog.load_table(identifier)
        assert [field.name for field in table.schema().fields] == [column.name for column in declared.columns]
        counted = lake.query(f"SELECT count(*) AS n FROM {identifier[-1]}").rows()[0]["n"]
        assert table.scan().to_arrow().num_rows == counted > 0


def test_duckdb_reads_the_same_rows_from_the_files(lake: contactlake.Lake):
    names = run_example("duckdb", lake)
    ours = lake.query("SELECT queue_name, count(*) AS contacts FROM contact_record GROUP BY ALL").rows()
    assert set(names["rows"]) == {(row["queue_name"], row["contacts"]) for row in ours}


def test_another_catalog_by_configuration(lake: contactlake.Lake, tmp_path: Path):
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "contactlake.toml").write_text(
        f'[catalog]\ntype = "sql"\nuri = "sqlite:///{tmp_path}/other.db"\nwarehouse = "file://{tmp_path}/warehouse"\n'
    )
    other = contactlake.open(tmp_path / "lake")
    other.ingest(lake.folder.parent / "streams")
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "lake" / "catalog.db").exists()
    count = "SELECT count(*) AS n FROM contact_record"
    assert other.query(count).rows() == lake.query(count).rows()
