"""Files that are to outlive a fall of the machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync(path: str | Path) -> None:
    """Make a file, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def name_also(name: str, path: Path) -> None:
    """Give a durable file a second name; a durable copy's, where a file can have but one. Replaces what is there."""
    path.unlink(missing_ok=True)
    try:
        os.link(name, path)
    except OSError:
        copy = f"{name}-copy"
        shutil.copyfile(name, copy)
        sync(copy)
        os.replace(copy, path)
