"""One JSON value → one column value: exactly, or a reason why not.

Owns the outcome of every odd value (numbers as text, text as numbers, empty strings, time zones, sentinels). Nothing is
rounded, wrapped or guessed. Knows types, not columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import jiter

from contactlake.decode.parse import compact
from contactlake.model.days import DAY_US
from contactlake.model.types import Arn, Is, Rule, Scalar, Take

Number = jiter.LosslessFloat
Converter = Callable[[Any], Any]


class BadValue(ValueError):
    """A value that cannot be what its column says; the text says what was expected."""


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_FILE_TIME = re.compile(r"T(\d\d)(?:[_-]|%3A)?(\d\d)(?:[_-]|%3A)?(\d\d)", re.ASCII | re.IGNORECASE)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_FIRST_US = (date.min.toordinal() - _EPOCH_DAY) * DAY_US
_LAST_US = (date.max.toordinal() + 1 - _EPOCH_DAY) * DAY_US
_BITS = {"bigint": 63, "int": 31}
_MAX_DIGITS = 40
_LARGEST_FLOAT = (2 - 2**-23) * 2.0**127


def converter(type: Scalar, take: Rule) -> Converter:
    """The function that turns a parsed JSON value (never None) into a column value; it raises ``BadValue``."""
    if isinstance(take, Arn):
        return _arn_id(take.resource)
    if isinstance(take, Is):
        wanted = take.text.casefold()
        return lambda v: to_string(v).casefold() == wanted
    if take is Take.JSON:
        return lambda v: v if isinstance(v, str) else compact(v)
    if take is Take.PRESENT:
        return lambda _: True
    if take is Take.FILE_TIME:
        then = to_timestamp if type.name == "timestamp" else to_string
        return lambda v: then(_FILE_TIME.sub(r"T\1:\2:\3", to_string(v)))
    match type.name:
        case "string":
            return to_string
        case "bigint" | "int":
            return _integer(_BITS[type.name], 1000 if take is Take.SECONDS else 1)
        case "double" | "number":
            return to_double
        case "float":
            return to_float
        case "boolean":
            return to_boolean
        case "timestamp":
            return to_timestamp
    raise TypeError(f"no rule makes a {type} from JSON")


def to_string(value: Any) -> str:
    """Text as it is; a number or boolean as its JSON text."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        raise BadValue(f"expected text, found {_shown(value)}")
    return compact(value)


def to_text(value: Any) -> str:
    """A map's value: like ``to_string``, but an object or array becomes compact JSON text."""
    return value if isinstance(value, str) else compact(value)


def to_boolean(value: Any) -> bool | None:
    """``true`` and ``false``, also as text; an empty string is null."""
    if isinstance(value, bool):
        return value
    if value == "":
        return None
    if value in ("true", "false") and isinstance(value, str):
        return bool(value == "true")
    raise BadValue(f"expected true or false, found {_shown(value)}")


def to_double(value: Any) -> float | None:
    """A finite double; an integer that a double cannot hold exactly is refused."""
    if value == "" and isinstance(value, str):
        return None
    number = _decimal(value, "a number")
    result = float(number)
    if result in (float("inf"), float("-inf")):
        raise BadValue(f"expected a number within a double's range, found {_shown(value)}")
    if isinstance(value, int) and int(result) != value:
        raise BadValue(f"expected a number that a double holds exactly, found {_shown(value)}")
    return result


def to_float(value: Any) -> float | None:
    """Like ``to_double``, within the range of 32 bits."""
    result = to_double(value)
    if result is not None and abs(result) > _LARGEST_FLOAT:
        raise BadValue(f"expected a number within a float's range, found {_shown(value)}")
    return result


def _integer(bits: int, scale: int) -> Converter:
    low, high = -(2**bits), 2**bits - 1
    what = "a whole number" if scale == 1 else "seconds that make whole milliseconds"

    def to_integer(value: Any) -> int | None:
        if type(value) is int:
            result = value * scale
        elif value == "" and isinstance(value, str):
            return None
        else:
            result = _whole(_decimal(value, what), scale, what, value)
        if not low <= result <= high:
            raise BadValue(f"expected {what} of {bits + 1} bits, found {_shown(value)}: out of range")
        return result

    return to_integer


def _whole(number: Decimal, scale: int, what: str, value: Any) -> int:
    """``number`` × ``scale`` as an integer, in exact arithmetic."""
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    assert isinstance(exponent, int)
    exponent += len(digits) - len(text)
    if not text:
        return 0
    if number.adjusted() > _MAX_DIGITS:
        raise BadValue(f"expected {what}, found {_shown(value)}: out of range")
    if exponent < -_MAX_DIGITS:
        raise BadValue(f"expected {what}, found {_shown(value)}")
    whole, rest = divmod(int(text) * scale * int(10 ** max(exponent, 0)), int(10 ** max(-exponent, 0)))
    if rest:
        raise BadValue(f"expected {what}, found {_shown(value)}")
    return -whole if sign else whole


def _decimal(value: Any, what: str) -> Decimal:
    if isinstance(value, bool | dict | list):
        raise BadValue(f"expected {what}, found {_shown(value)}")
    text = str(value)
    if not _NUMBER.fullmatch(text):
        raise BadValue(f"expected {what}, found {_shown(value)}")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise BadValue(f"expected {what}, found {_shown(value)}: out of range") from None


def to_timestamp(value: Any) -> int | None:
    """Microseconds since 1970 in UTC; without a zone it is UTC; digits beyond microseconds are cut."""
    if not isinstance(value, str):
        raise BadValue(f"expected a timestamp, found {_shown(value)}")
    if not value:
        return None
    match = _TIMESTAMP.fullmatch(value)
    if match is None:
        raise BadValue(f"expected a timestamp such as 2026-03-02T09:15:00.000Z, found {_shown(value)}")
    day, hour, minute, second, fraction, zone = match.groups()
    try:
        days = date.fromisoformat(day).toordinal() - _EPOCH_DAY
    except ValueError:
        raise BadValue(f"expected a timestamp, found {_shown(value)}: there is no such day") from None
    h, m, s = int(hour), int(minute), int(second or 0)
    if h > 23 or m > 59 or s > 59:
        raise BadValue(f"expected a timestamp, found {_shown(value)}: there is no such time of day")
    micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
    result = days * DAY_US + ((h * 60 + m) * 60 + s) * 1_000_000 + micros - _offset_us(zone, value)
    if not _FIRST_US <= result < _LAST_US:
        raise BadValue(f"expected a timestamp between the years 1 and 9999 in UTC, found {_shown(value)}")
    return result


def _offset_us(zone: str | None, value: str) -> int:
    if zone is None or zone in "Zz":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:] if len(zone) > 3 else 0)
    if hours > 23 or minutes > 59:
        raise BadValue(f"expected a timestamp, found {_shown(value)}: there is no such time zone")
    offset = (hours * 60 + minutes) * 60_000_000
    return -offset if zone[0] == "-" else offset


def _arn_id(resource: str) -> Converter:
    pattern = re.compile(rf"{Arn(resource).before}(?:agent/)?([^/]+)")

    def arn_id(value: Any) -> str | None:
        match = pattern.search(to_string(value))
        return match.group(1) if match else None

    return arn_id


def _shown(value: Any) -> str:
    text = compact(value)
    return text if len(text) <= 60 else text[:59] + "…"
