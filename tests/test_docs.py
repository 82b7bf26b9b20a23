"""The documentation, held to the code: what there is is documented, and what is documented is there."""

import dataclasses
import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

import contactlake
from contactlake.cli import main
from contactlake.config import VARIABLE, Settings
from contactlake.errors import ContactlakeError
from contactlake.model.reason import Reason
from contactlake.pipeline import STAGES
from contactlake.tables import TABLES
from contactlake.tables.quarantine import QUARANTINE

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
every_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(name).stem, ROOT / name)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def commands(group: click.Group, name: str = "contactlake") -> Iterator[tuple[str, click.Command]]:
    for part, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {part}")
        else:
            yield f"{name} {part}", command


COMMANDS = dict(commands(main))


def everything() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


# the command line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str):
    assert name in text("README.md")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help(name: str):
    command = COMMANDS[name]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str):
    documented = everything()
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            assert any(option in documented for option in parameter.opts), f"{name} {parameter.opts}"


def test_every_documented_command_exists():
    groups = {name.rpartition(" ")[0] for name in COMMANDS}
    for line in re.findall(r"^(?:\$ )?(contactlake(?: [a-z-]+)+)", everything(), re.MULTILINE):
        words = line.split(" ")
        known = any(" ".join(words[: n + 1]) in COMMANDS for n in range(1, len(words)))
        assert known or line in groups, line


def test_every_exit_code_is_documented():
    codes = {0, *(kind.exit_code for kind in (ContactlakeError, *ContactlakeError.__subclasses__()))}
    assert {int(code) for code in re.findall(r"^\| (\d) \|", text("README.md"), re.MULTILINE)} == codes


def test_the_readme_names_the_two_commands():
    readme = text("README.md")
    assert "make demo" in readme
    assert "make test" in readme


# settings -------------------------------------------------------------------------------------------------------------


def test_every_setting_is_in_the_readme_with_its_default():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", text("README.md"), re.MULTILINE))
    names = [f.name for f in dataclasses.fields(Settings)]
    assert set(names) <= rows.keys()
    defaults = Settings()
    for name in names:
        value = getattr(defaults, name)
        shown = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
        shown = shown or (f'`"{value}"`' if isinstance(value, str) else "empty" if value == {} else str(value))
        assert rows[name] == shown, name


def test_the_lakes_variable_is_in_the_readme():
    assert f"${VARIABLE}" in text("README.md")


# quarantine -----------------------------------------------------------------------------------------------------------


def test_every_reason_is_documented_and_no_other():
    page = text("docs/quarantine.md")
    section = page[page.index("## Reasons") : page.index("## Columns")]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [str(reason) for reason in Reason]


def test_every_reason_has_a_sentence():
    assert all(reason.sentence.endswith(".") for reason in Reason)


def test_every_quarantine_column_is_documented():
    page = text("docs/quarantine.md")
    section = page[page.index("## Columns") : page.index("## What becomes")]
    named = [name for line in section.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line)]
    assert {column.name for column in QUARANTINE.columns} <= set(named)


# generated pages ------------------------------------------------------------------------------------------------------


def test_the_data_dictionary_is_in_step():
    generated = module("docs/make_dictionary.py").dictionary()
    assert text("docs/data-dictionary.md") == generated, "run: make docs"


def test_the_data_dictionary_has_every_table_and_column():
    page = text("docs/data-dictionary.md")
    for table in TABLES:
        section = page[page.index(f"\n## {table.name}\n") :].split("\n## ", 2)[1]
        assert re.findall(r"^\| `(\w+)` \| `", section, re.MULTILINE) == [column.name for column in table.columns]


def test_the_mapping_pages_are_in_step_and_name_every_column():
    pages = module("docs/make_mappings.py")
    for mapping in pages.MAPPINGS:
        assert mapping.page.read_text(encoding="utf-8") == pages.text(mapping), "run: make docs"
        named = re.findall(r"^\| `(\w+)` \| ", pages.text(mapping), re.MULTILINE)
        assert named[-len(mapping.table.columns) :] == [column.name for column in mapping.table.columns]
        assert mapping.sources.keys() <= mapping.table.by_name.keys()


# the project's frame --------------------------------------------------------------------------------------------------


def test_the_version_is_said_once():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    assert project["version"] == contactlake.__version__
    assert f"\n## {contactlake.__version__}\n" in text("CHANGELOG.md")
    assert "\n## Unreleased\n" in text("CHANGELOG.md")


def test_every_make_target_is_documented():
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE)) - {"help"}
    assert targets == set(re.findall(r"^\| `make (\w+)` \|", text("CONTRIBUTING.md"), re.MULTILINE))


def test_every_stage_and_dependency_is_in_the_architecture():
    page = text("ARCHITECTURE.md")
    assert all(f"| {stage.name} | {stage.invariant.split(';')[0]}" in page for stage in STAGES)
    project = tomllib.loads(text("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"].get("simulator", [])]
    for requirement in wanted:
        name = re.split(r"[\[<>=~! ]", requirement)[0]
        assert re.search(rf"^\| {re.escape(name)}\b", page, re.MULTILINE), name


def test_every_dependency_is_locked_to_an_exact_version():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    lines = [line for line in text("requirements.lock").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!-]+", line) for line in lines)
    locked = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    wanted = [r for group in project["optional-dependencies"].values() for r in group] + project["dependencies"]
    names = {re.split(r"[\[<>=~! ]", requirement)[0] for requirement in wanted} - {"contactlake"}
    assert names <= locked


def test_the_licence_is_whole():
    licence = text("LICENSE")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


@every_page
def test_links_lead_somewhere(page: Path):
    for target, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", page.read_text(encoding="utf-8")):
        there = page.parent / target if target else page
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}, anchor


OURS = [
    *PAGES,
    *(ROOT / name for name in ("Makefile", "requirements.lock", "pyproject.toml", ".ci/run")),
    *(ROOT / "examples").glob("*.py"),
    *(ROOT / "docs").glob("*.py"),
]


@pytest.mark.parametrize("path", OURS, ids=[path.name for path in OURS])
def test_nothing_names_a_path_of_a_machine(path: Path):
    folders = re.compile(r"(?<![\w.-])/(?:tmp|home|root|work|opt|Users|mnt|private|var/folders)\b")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [f"{n}: {line}" for n, line in enumerate(lines, 1) if folders.search(line)] == []
