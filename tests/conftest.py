"""Shared by all tests: soak tests only when asked for, and lakes to work in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from contactlake.lake import Lake
from contactlake.lake import open as open_lake

settings.register_profile(
    "contactlake", deadline=None, derandomize=True, print_blob=False, suppress_health_check=list(HealthCheck)
)
settings.load_profile("contactlake")

SOAK = bool(os.environ.get("CONTACTLAKE_SOAK"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not SOAK:
        skip = pytest.mark.skip(reason="takes long, and large inputs: make soak runs it")
        for item in items:
            if item.get_closest_marker("soak"):
                item.add_marker(skip)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return open_lake(tmp_path / "lake")


@pytest.fixture
def taken(tmp_path: Path) -> Callable[..., Any]:
    """Ingest bytes into a lake (each under a name of its own) and return the summary."""
    numbers = count()

    def take(lake: Lake, *contents: bytes, **options: Any) -> Any:
        paths = []
        for content in contents:
            path = tmp_path / f"in-{next(numbers)}"
            path.write_bytes(content)
            paths.append(path)
        return lake.ingest(*paths, **options)

    return take


@pytest.fixture
def cli(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run the command line in a process of its own."""

    def run(*arguments: str | Path, stdin: bytes = b"", **options: Any) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "contactlake", *map(str, arguments)]
        return subprocess.run(command, input=stdin, capture_output=True, cwd=tmp_path, timeout=300, **options)

    return run
