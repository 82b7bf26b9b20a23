"""Column types, spelled as the vendor's documentation spells them.

Owns the small type vocabulary and its spelling; knows nothing of Iceberg, Arrow or DuckDB (storage and decode
translate it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Scalar:
    """A type without parts, for example ``string`` or ``bigint``."""

    name: str

    def __str__(self) -> str:
        return self.name


STRING = Scalar("string")
BIGINT = Scalar("bigint")
INT = Scalar("int")
DOUBLE = Scalar("double")
FLOAT = Scalar("float")
NUMBER = Scalar("number")
"""Documented as ``number``; stored as double."""
BOOLEAN = Scalar("boolean")
TIMESTAMP = Scalar("timestamp")
"""An instant in UTC with microseconds, stored with time zone."""
BINARY = Scalar("binary")
"""Exact bytes; only in tables of our own."""


@dataclass(frozen=True)
class Arn:
    """The id in an ARN: the segment after ``<resource>/``; null where the ARN has none.

    ``Arn("queue")`` also takes the agent queue's id of ``…/queue/agent/<id>``.
    """

    resource: str

    @property
    def before(self) -> str:
        """The pattern of what stands before the id: the beginning of a segment, and ``<resource>/``."""
        return f"(?:^|[:/]){re.escape(self.resource)}/"


@dataclass(frozen=True)
class Is:
    """Whether the value is this text, in capitals or not."""

    text: str


class Take(Enum):
    """How a raw JSON value becomes the column's value, beyond its type's own rule."""

    VALUE = "value"
    """As the type says."""
    SECONDS = "seconds"
    """A number of seconds, stored as whole milliseconds (× 1000)."""
    JSON = "json"
    """A free object or array inside a string column: compact JSON, keys in source order."""
    VALUE_STRING = "value_string"
    """A map whose values arrive as ``{"ValueString": …}``; the column holds the string."""
    MAP_KEY = "map_key"
    """The key under which the struct stands in its map."""
    PRESENT = "present"
    """Whether the value is there at all."""
    FILE_TIME = "file_time"
    """A timestamp as file names spell it: something else or nothing may stand for its colons."""


Rule = Take | Arn | Is


@dataclass(frozen=True)
class Field:
    """A field of a struct.

    ``name`` is the column's spelling (snake_case), ``key`` the stream's (``ContactId``), ``take`` the rule that makes
    the value.
    """

    name: str
    type: Type
    key: str
    take: Rule = Take.VALUE


@dataclass(frozen=True)
class Array:
    """``array(item)``."""

    item: Type

    def __str__(self) -> str:
        return f"array({self.item})"


@dataclass(frozen=True)
class Map:
    """``map(string,value)``: keys are always strings."""

    value: Type

    def __str__(self) -> str:
        return f"map(string,{self.value})"


@dataclass(frozen=True)
class Struct:
    """``struct(name:type,…)``."""

    fields: tuple[Field, ...]

    def __str__(self) -> str:
        return "struct(" + ",".join(f"{f.name}:{f.type}" for f in self.fields) + ")"


Type = Scalar | Array | Map | Struct


def pascal(name: str) -> str:
    """``connected_to_agent_timestamp`` → ``ConnectedToAgentTimestamp``; ``arn`` → ``ARN``."""
    return "".join("ARN" if part == "arn" else part[:1].upper() + part[1:] for part in name.split("_"))


def field(name: str, type: Type = STRING, key: str | None = None, take: Rule = Take.VALUE) -> Field:
    """A struct's field; the stream's key is the name in PascalCase unless given."""
    return Field(name, type, pascal(name) if key is None else key, take)


def struct(*fields: Field) -> Struct:
    """A struct of these fields, in the stream's order."""
    return Struct(fields)
