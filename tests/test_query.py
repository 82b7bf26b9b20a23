"""Queries: only queries, only the lake's tables; values as documented."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from samples import ARN, agent_event, contact_record, lines, uuid

from contactlake.engines.duck import ASKS_FOR_TABLES
from contactlake.errors import QueryError
from contactlake.lake import Lake
from contactlake.lake import open as open_lake
from contactlake.storage.store import Store
from contactlake.tables import TABLES


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("filled")
    (folder / "in").write_bytes(lines([*(contact_record(n) for n in range(1, 4)), agent_event(1)]))
    lake = open_lake(folder / "lake")
    lake.ingest(folder / "in")
    return lake


HOSTILE = [
    "DROP TABLE agent_event",
    "DELETE FROM contact_record",
    "INSERT INTO contact_record SELECT * FROM contact_record",
    "UPDATE contact_record SET channel = 'x'",
    "CREATE TABLE x AS SELECT 1",
    "CREATE VIEW connect_datalake.x AS SELECT 1",
    "CREATE OR REPLACE VIEW connect_datalake.agent_event AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "CREATE SECRET s (TYPE s3)",
    "ALTER TABLE contact_record ADD COLUMN x INT",
    "TRUNCATE contact_record",
    "COPY contact_record TO '{out}'",
    "COPY (SELECT 1) TO '{out}'",
    "EXPORT DATABASE '{out}'",
    "IMPORT DATABASE '{out}'",
    "ATTACH '{secret}' AS x",
    "ATTACH ':memory:' AS x",
    "DETACH memory",
    "USE memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{secret}'",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET enable_external_access",
    "PRAGMA enable_external_access = true",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "BEGIN",
    "COMMIT",
    "CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW agent_event",
    "SELECT * FROM '{secret}'",
    'SELECT * FROM "{secret}"',
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_csv_auto('{secret}')",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_json_objects('{secret}')",
    "SELECT * FROM read_parquet('{secret}')",
    "SELECT * FROM parquet_metadata('{secret}')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM read_text('{lake}/ledger.db')",
    "SELECT * FROM read_text('{lake}/../secret.csv')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM glob('{lake}/*')",
    "SELECT * FROM read_csv('https://example.com/x.csv')",
    "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "SELECT * FROM 'http://169.254.169.254/latest/meta-data'",
    "SELECT * FROM sqlite_scan('{lake}/catalog.db', 'iceberg_tables')",
    "SELECT * FROM iceberg_scan('{lake}')",
    "SELECT * FROM query('DROP VIEW agent_event')",
    "SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')",
    "SELECT * FROM query_table('{secret}')",
    "WITH x AS (INSERT INTO contact_record VALUES (1) RETURNING *) SELECT * FROM x",
    "SELECT getenv('HOME')",
    "SELECT * FROM files",
    "SELECT * FROM allowed",
    "SELECT * FROM tables",
    "SELECT * FROM no_such_table",
    "SELECT nothing FROM contact_record",
    "SELECT 1 +",
    "SELEKT 1",
    "",
    ";",
    "-- nothing",
    "SELECT CAST('x' AS INT)",
    "SELECT 1 \x00 2",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_queries_are_refused(filled: Lake, tmp_path: Path, sql: str) -> None:
    secret = filled.folder.parent / "secret.csv"
    secret.write_text("a,b\nSECRET,2\n")
    out = tmp_path / "out"
    before = sorted(p for p in filled.folder.rglob("*") if "cache" not in p.parts)
    with pytest.raises(QueryError) as refused:
        found = filled.query(sql.format(secret=secret, out=out, lake=filled.folder)).rows()
        assert "SECRET" not in repr(found)
    assert "SECRET," not in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert str(refused.value)
    assert not out.exists()
    assert sorted(p for p in filled.folder.rglob("*") if "cache" not in p.parts) == before
    assert filled.query("SELECT count(*) AS n FROM contact_record").rows() == [{"n": 3}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS n FROM contact_record",
        "select COUNT(*) as n from CONNECT_DATALAKE.Contact_Record",
        'SELECT count(*) AS n FROM "connect_datalake"."contact_record";',
        "FROM contact_record SELECT count(*) AS n",
        "WITH c AS (SELECT * FROM contact_record) SELECT count(*) AS n FROM c",
        "/* a comment */ SELECT count(CONTACT_ID) AS n FROM contact_record -- and another",
        "SELECT 3 AS n",
        "VALUES (3)",
        "SELECT count(*) AS n FROM (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)",
    ],
)
def test_queries(filled: Lake, sql: str) -> None:
    (row,) = filled.query(sql).rows()
    assert list(row.values()) == [3]


ALL_NAMES = sorted(t.name for t in TABLES)


@pytest.mark.parametrize(
    "sql",
    [
        "SHOW TABLES",
        "/* which */ desc Tables",
        "SELECT name FROM (DESCRIBE)",
        "SELECT table_name FROM information_schema.tables",
        "SELECT DISTINCT table_name FROM Information_Schema.COLUMNS",
        "SELECT view_name FROM duckdb_views() WHERE NOT internal",
        "SELECT viewname FROM pg_catalog.pg_views WHERE schemaname = 'connect_datalake'",
        'SELECT name FROM "sqlite_master"',
        "SELECT * FROM query('SELECT view_name FROM duckdb' || '_views() WHERE NOT internal')",
        "SELECT (SELECT list(table_name) FROM information_schema.tables) AS names",
        "WITH x AS (SHOW TABLES) SELECT * FROM x",
        "FROM json_execute_serialized_sql(json_serialize_sql('SELECT view_name FROM duckdb_views WHERE NOT internal'))",
    ],
)
def test_who_asks_which_tables_there_are_sees_all(filled: Lake, sql: str) -> None:
    seen = [next(iter(row.values())) for row in filled.query(sql).rows()]
    assert sorted(seen[0] if isinstance(seen[0], list) else seen) == ALL_NAMES


def test_whatever_tells_of_tables_counts_as_asking() -> None:
    """Every view that DuckDB brings, and every function that it names after itself."""
    with duckdb.connect() as con:
        views = con.execute("SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE internal").fetchall()
        functions = con.execute(
            "SELECT DISTINCT function_name || '()' FROM duckdb_functions() WHERE function_type LIKE 'table%' "
            "AND regexp_matches(function_name, '^(duckdb|pragma|pg)_|^query$|sql')"
        ).fetchall()
        assert len(views) > 40 and len(functions) > 30
        for (name,) in views + functions:
            tree = con.execute("SELECT json_serialize_sql($1)", [f"FROM {name}"]).fetchall()[0][0]
            assert ASKS_FOR_TABLES.search(tree.lower()), name


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS n FROM query('FROM contact_' || 'record')",
        "SELECT count(*) AS n FROM query_table('contact_' || 'record')",
        "SELECT count(*) AS n FROM query_table(e'contact\\x5Frecord')",
        "SELECT count(*) AS n FROM 'contact_record'",
        'SELECT count(*) AS n FROM memory."Connect_DataLake"."CONTACT_RECORD"',
        "WITH agent_event AS (FROM contact_record) SELECT count(*) AS n FROM agent_event",
        "SELECT count(*) AS n FROM contact_record_named",
        "SELECT len(list(t)) AS n FROM contact_record AS t",
        "SELECT sum(n) AS n FROM (SELECT count(*) AS n FROM agent_event UNION ALL SELECT count(*) - 1 FROM contact_record)",
    ],
)
def test_a_table_is_found_however_it_is_named(filled: Lake, sql: str) -> None:
    assert filled.query(sql).rows() == [{"n": 3}]


@pytest.mark.parametrize("function", ["read_parquet", "read_blob", "parquet_schema", "parquet_metadata"])
def test_a_data_file_is_within_reach_whatever_its_table(filled: Lake, function: str) -> None:
    """As it is where the query also names its table."""
    head, tail = filled._store().plan("contact_record").files[0].path.split("contact_record")
    rows = [
        filled.query(f"SELECT count(*) AS n FROM {function}('{head}' || {name} || '{tail}')").rows()
        for name in ("'contact_record'", "'contact' || '_record'")
    ]
    assert rows[0] == rows[1] and rows[0][0]["n"] > 0


@pytest.mark.parametrize(
    ("sql", "hint"),
    [("SELECT * FROM contact_recrd", "contact_record"), ("SELECT chanel FROM contact_record", "channel")],
)
def test_a_wrong_name_is_told_the_right_one(filled: Lake, sql: str, hint: str) -> None:
    with pytest.raises(QueryError, match=f'"{hint}"'):
        filled.query(sql)


def test_only_what_a_query_names_is_planned(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[str] = []
    plan = Store.plan
    monkeypatch.setattr(Store, "plan", lambda store, table: planned.append(table) or plan(store, table))
    filled.query("SELECT count(*) FROM contact_record ORDER BY 1 DESC -- agent_event").rows()
    assert planned == ["contact_record"]
    planned.clear()
    filled.query("SELECT * FROM contact_category").rows()
    assert set(planned) < set(ALL_NAMES) and "contact_analysis" in planned


def test_every_table_answers_without_rows(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    lake = open_lake(tmp_path / "lake")
    for table in TABLES:
        result = lake.query(f"SELECT * FROM {table.name}")
        assert [n.lower() for n in result.schema.names] == [c.name.lower() for c in table.columns]
        assert result.rows() == []
    assert lake.query("SELECT sum(queue_duration_ms) AS s FROM contact_record").rows() == [{"s": None}]


def test_odd_column_names(filled: Lake) -> None:
    result = filled.query("SELECT CAMPAIGN_ID, answering_machine_detection_status FROM contact_record")
    assert len(result.rows()) == 3


Cli = Callable[..., Any]
SQL = """
SELECT contact_id, queue_duration_ms, initiation_timestamp, agent_connected_to_agent_timestamp, attributes, media_streams_items,
       sum(queue_duration_ms) OVER () AS total, 1.5::DECIMAL(9, 2) AS exact, 'ä"''\n,' AS odd, true AS yes, 2^0.5 AS root,
       9223372036854775807 AS largest, TIMESTAMPTZ '2026-01-01 00:00:00.1239+01' AS moment, NULL AS nothing,
       NULL::TIMESTAMPTZ AS never, DATE '2026-01-02' AS day, [1, NULL] AS list, 'NaN'::DOUBLE AS nan
FROM contact_record ORDER BY contact_id LIMIT 1
"""


def test_json(filled: Lake, cli: Cli) -> None:
    done = cli("query", "--lake", filled.folder, "--format", "json", SQL)
    assert (done.returncode, done.stderr) == (0, b"")
    (row,) = json.loads(done.stdout)
    record = contact_record(1)
    assert row == {
        "contact_id": uuid(3, 1),
        "queue_duration_ms": 1000,
        "initiation_timestamp": record["InitiationTimestamp"].replace("Z", ".000Z"),
        "agent_connected_to_agent_timestamp": record["InitiationTimestamp"].replace("Z", ".000Z"),
        "attributes": record["Attributes"],
        "media_streams_items": [{"type": "AUDIO"}],
        "total": 6000,
        "exact": 1.5,
        "odd": "ä\"'\n,",
        "yes": True,
        "root": 2**0.5,
        "largest": 2**63 - 1,
        "moment": "2025-12-31T23:00:00.123900Z",
        "nothing": None,
        "never": None,
        "day": "2026-01-02",
        "list": [1, None],
        "nan": None,
    }
    assert ARN not in done.stdout.decode()


def test_csv(filled: Lake, cli: Cli) -> None:
    done = cli("query", "--lake", filled.folder, "--format", "csv", SQL)
    names, values = csv.reader(io.StringIO(done.stdout.decode()))
    row = dict(zip(names, values, strict=True))
    assert row["moment"] == "2025-12-31T23:00:00.123900Z"
    assert json.loads(row["attributes"]) == contact_record(1)["Attributes"]
    assert (row["largest"], row["nothing"], row["odd"], row["yes"]) == (str(2**63 - 1), "", "ä\"'\n,", "true")


def test_columns_of_the_same_name_are_all_printed(filled: Lake, cli: Cli) -> None:
    done = cli("query", "--lake", filled.folder, "--format", "json", "SELECT 1 AS a, 2 AS a, 3 AS b")
    (row,) = json.loads(done.stdout)
    assert sorted(row.values()) == [1, 2, 3]


@pytest.mark.parametrize("format_", ["json", "csv"])
def test_no_rows(filled: Lake, cli: Cli, format_: str) -> None:
    done = cli(
        "query", "--lake", filled.folder, "--format", format_, "SELECT resource_arn FROM amazon_connect_resource_tags"
    )
    assert done.stdout == (b"[]\n" if format_ == "json" else b"resource_arn\n")


def test_many_rows_stream(filled: Lake) -> None:
    assert sum(b.num_rows for b in filled.query("SELECT * FROM range(100000)").batches()) == 100_000


def test_an_error_while_streaming(filled: Lake) -> None:
    with pytest.raises(QueryError):
        filled.query(
            "SELECT CAST(x AS INT) FROM (SELECT CASE WHEN i = 90000 THEN 'x' ELSE '1' END AS x FROM range(100000) t(i))"
        ).rows()
