"""The import rule, held over the syntax tree; the size of files; what ``import contactlake`` costs.

Imports count wherever they stand: at the top, in a function, under TYPE_CHECKING.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from samples import contact_record, lines

from contactlake.streams import STREAMS
from contactlake.tables import TABLES

SOURCE = Path(__file__).parent.parent / "src" / "contactlake"

VOCABULARY = {"model", "errors"}
NOUNS = {"streams", "tables"}
VERBS = {"sources", "landing", "decode", "build", "storage", "engines"}
DRIVERS = {
    *("pipeline", "staging", "tasks", "ingest", "batch", "changes", "reaching", "rewriting", "by_window", "by_subject"),
    *("deriving", "importing", "retrying", "writing", "fetching", "status", "quarantine", "maintaining", "workers"),
    *("attribution", "explaining", "checking", "timeline", "criteria", "searching", "journey", "lake"),
}
FACES = {"cli"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "model": {"model"},
    "config": VOCABULARY,
    **{noun: {"model", noun} for noun in NOUNS},
    **{verb: VOCABULARY | {verb} for verb in VERBS},
    **{driver: VOCABULARY | NOUNS | VERBS | DRIVERS | {"config"} for driver in DRIVERS},
    **{face: VOCABULARY | {"lake", face} for face in FACES},
    "__init__": {"lake", "errors"},
    "__main__": {"cli"},
}
"""By part (a package, or a module at the top): the parts of ours that it may import."""

MAY_IMPORT_ANYTHING = {"testing"}

MORE_FOR_A_MODULE = {"cli/simulate.py": {"testing"}}
"""The command that makes test data is the one face that may reach for it."""

MAX_LINES = 400

modules = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
every_module = pytest.mark.parametrize("module", modules)
every_verb = pytest.mark.parametrize("module", [m for m in modules if m.split("/")[0] in VERBS])


def part_of(module: str) -> str:
    return module.split("/")[0].removesuffix(".py")


def tree_of(module: str) -> ast.Module:
    return ast.parse((SOURCE / module).read_text(encoding="utf-8"))


def imported(module: str) -> Iterator[tuple[int, str]]:
    """Line and part of every import of ours."""
    package = ["contactlake", *module.split("/")[:-1]]
    for node in ast.walk(tree_of(module)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{name}.{alias.name}" for alias in node.names] if name == "contactlake" else [name]
        for name in names:
            first, _, rest = name.partition(".")
            if first == "contactlake":
                yield node.lineno, rest.partition(".")[0] or "__init__"


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string in the code but docstrings."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents | bare:
            yield node.lineno, node.value


def test_every_part_has_a_rule():
    assert {part_of(m) for m in modules} <= MAY_IMPORT.keys() | MAY_IMPORT_ANYTHING


@every_module
def test_imports_follow_the_rule(module: str):
    part = part_of(module)
    if part in MAY_IMPORT_ANYTHING:
        return
    allowed = MAY_IMPORT[part] | MORE_FOR_A_MODULE.get(module, set())
    wrong = [f"line {line}: {other}" for line, other in imported(module) if other not in allowed]
    assert wrong == [], f"{module} ({part}) may import {sorted(allowed)}"


@every_verb
def test_verbs_never_name_a_table_or_a_stream(module: str):
    """As a whole string, or, where the name is no everyday word, inside of one (as in SQL)."""
    names = {t.name for t in TABLES} | {s.name for s in STREAMS}
    inside = re.compile(r"\b(" + "|".join(sorted(re.escape(n) for n in names if "_" in n or "-" in n)) + r")\b")
    assert [(n, text) for n, text in texts(tree_of(module)) if text in names or inside.search(text)] == []


@every_module
def test_nouns_declare_and_do_not_act(module: str):
    """Declarations need no library: nothing but the standard library and the vocabulary."""
    if part_of(module) not in NOUNS:
        return
    for node in ast.walk(tree_of(module)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        roots = {name.split(".")[0] for name in names}
        assert roots <= {"contactlake", *sys.stdlib_module_names}, f"line {getattr(node, 'lineno', 0)}"


@every_module
def test_files_stay_small(module: str):
    assert len((SOURCE / module).read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@every_module
def test_modules_say_what_they_own(module: str):
    tree = tree_of(module)
    assert not tree.body or ast.get_docstring(tree)


def test_no_module_is_a_drawer_for_odds_and_ends():
    names = {Path(m).stem for m in modules} | {part for m in modules for part in Path(m).parts[:-1]}
    assert names.isdisjoint({"utils", "util", "helpers", "helper", "common", "misc", "manager"})


def test_source_is_not_ignored_by_git(tmp_path):
    """A folder named as one that tools make must not be left out of a commit. (An unpacked archive is no checkout.)"""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    shutil.copy(SOURCE.parent.parent / ".gitignore", tmp_path)
    listed = "\n".join(f"src/contactlake/{m}" for m in modules)
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    answer = subprocess.run(command, input=listed, capture_output=True, text=True, cwd=tmp_path)
    assert (answer.returncode, answer.stdout) == (1, "")  # 1: none of them


HEAVY = {"pyiceberg", "sqlalchemy", "pydantic", "duckdb", "pyarrow", "numpy", "pandas", "polars", "rich", "msgspec"}


def loaded_by(code: str, *arguments: object) -> set[str]:
    """The modules, with the packages that they are in, that are there after some code."""
    shown = f"import sys\n{code}\nprint(*sys.modules, sep='\\n', file=sys.stderr)"
    command = [sys.executable, "-c", shown, *map(str, arguments)]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stderr.split())


def loaded_by_command(*arguments: object) -> set[str]:
    return loaded_by("from contactlake.cli import main\nmain(sys.argv[1:], standalone_mode=False)", *arguments)


def test_import_is_light():
    assert HEAVY.isdisjoint(loaded_by("import contactlake"))


def test_help_is_light():
    assert (HEAVY | {"contactlake.tables", "sqlite3", "tomllib"}).isdisjoint(loaded_by_command("--help"))


def test_reading_loads_what_it_needs(tmp_path: Path):
    """The first answer of a day is waited for: what takes a tenth of a second to load is loaded by who needs it."""
    record = contact_record(1)
    (tmp_path / "in").write_bytes(lines([record]))
    lake = tmp_path / "lake"
    assert "duckdb" in loaded_by_command("ingest", tmp_path / "in", "--lake", lake)
    searched = loaded_by_command("search", record["ContactId"], "--lake", lake, "--format", "json")
    assert "pyarrow" in searched and (HEAVY - {"pyarrow"} | {"tomllib"}).isdisjoint(searched)
    queried = loaded_by_command("query", "SELECT count(*) FROM contact_record", "--lake", lake, "--format", "csv")
    assert "duckdb" in queried and (HEAVY - {"pyarrow", "duckdb"} | {"tomllib"}).isdisjoint(queried)


def test_public_names_are_few():
    import contactlake

    assert len(contactlake.__all__) <= 15
    assert all(hasattr(contactlake, name) for name in contactlake.__all__)


def test_pipeline_is_a_tuple_of_stages_with_invariants():
    from contactlake.pipeline import STAGES

    assert [stage.name for stage in STAGES][:4] == ["collect", "land", "decode", "build"]
    assert all(callable(stage.by) and stage.invariant for stage in STAGES)
