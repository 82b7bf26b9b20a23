"""Where files are, in words of ours and of Iceberg: local paths have no scheme with us."""

from __future__ import annotations


def local(url: str) -> str:
    """A location of Iceberg as a path: one on this machine without scheme, any other as it is."""
    return url.removeprefix("file://")


def url(path: str) -> str:
    """A path as a location of Iceberg."""
    return f"file://{path}" if path.startswith("/") else path
