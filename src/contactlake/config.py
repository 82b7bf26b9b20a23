"""Settings of a lake: ``contactlake.toml`` in its folder, overridden by what the caller says."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from contactlake.errors import UsageError

FILE = "contactlake.toml"
DEFAULT_LAKE = "lake"
VARIABLE = "CONTACTLAKE_LAKE"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What can be set.

    interval_minutes      length of a statistics interval: 5, 10, 15, 30 or 60
    max_silence_seconds   how long an agent may be silent before the time counts as unknown
    idle_includes_ringing whether ringing counts as idle time
    contacts_handled      ``all``, or ``routed``: without agent-initiated methods
    max_record_bytes      larger records go to quarantine
    retention_days        ``maintain`` takes days older than this out of the tables; 0 keeps everything
    snapshot_days         how long ``maintain`` leaves replaced snapshots readable
    workers               processes that decode; 0: one per core
    catalog               properties of the Iceberg catalog (as PyIceberg names them); empty: the embedded one
    """

    interval_minutes: Literal[5, 10, 15, 30, 60] = 15
    max_silence_seconds: int = 600
    idle_includes_ringing: bool = False
    contacts_handled: Literal["all", "routed"] = "all"
    max_record_bytes: int = 16 << 20
    retention_days: int = 0
    snapshot_days: int = 7
    workers: int = 0
    catalog: dict[str, str] = field(default_factory=dict)


def lake_folder(given: str | os.PathLike[str] | None) -> Path:
    """The lake's folder: what was given, else ``$CONTACTLAKE_LAKE``, else ``./lake``."""
    return Path(given or os.environ.get(VARIABLE) or DEFAULT_LAKE)


def load(folder: Path, **overrides: Any) -> Settings:
    """The settings of a lake; ``overrides`` that are not None win. Raises ``UsageError`` naming file and setting."""
    path = folder / FILE
    values = _read(path) if path.exists() else {}
    values.update({k: v for k, v in overrides.items() if v is not None})
    if not values:
        return Settings()
    import msgspec  # only here: most lakes are as they come, and this takes a tenth of a short command

    names = [f.name for f in fields(Settings)]
    for name in values:
        if name not in names:
            import difflib

            near = difflib.get_close_matches(name, names, 1)
            hint = f" Did you mean {near[0]}?" if near else f" Settings are: {', '.join(names)}."
            raise UsageError(f"{path}: there is no setting {name!r}.{hint}")
    try:
        settings = msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {error}") from None
    if settings.max_record_bytes < 1 or settings.max_silence_seconds < 1:
        raise UsageError(f"{path}: max_record_bytes and max_silence_seconds must be greater than 0.")
    return settings


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None
