"""Bytes of one document → Python values, exactly or not at all.

Owns what counts as valid JSON: strict RFC 8259, UTF-8, no key twice at any depth, numbers kept as they were written.
Knows no stream and no table.
"""

from __future__ import annotations

import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any

import jiter
import msgspec

from contactlake.model.reason import Reason, Reject

MAX_DEPTH = 200
"""Levels of nesting that the parser accepts."""

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def parse(raw: bytes) -> Any:
    """The value of one JSON document.

    Non-integers come as ``jiter.LosslessFloat`` (their text is kept). Raises ``Reject`` with the reason and the
    position inside the document.
    """
    try:
        return jiter.from_json(
            raw, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys", float_mode="lossless-float"
        )
    except ValueError as error:
        raise Reject(_reason(str(error), raw), _sentence(str(error))) from None


def is_incomplete(reject: Reject) -> bool:
    """Whether the document was valid up to its end, and only then missed something."""
    return "EOF while parsing" in reject.message


def _reason(message: str, raw: bytes) -> Reason:
    if "duplicate key" in message:
        return Reason.DUPLICATE_KEY
    if "out of range" in message:  # an integer of more than 4,300 digits
        return Reason.BAD_VALUE
    if "recursion limit" in message:
        return Reason.TOO_DEEP
    if "unicode code point" in message:
        return Reason.INVALID_UNICODE
    if "surrogate" in message or ("hex escape" in message and _SURROGATE.search(raw)):
        return Reason.INVALID_UNICODE
    return Reason.INVALID_JSON


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:] + "."


def plain_number(value: Any) -> str:
    """A number's value as canonical text: ``5``, ``5.0`` and ``5e0`` are all ``5``."""
    try:
        number = Decimal(str(value)).normalize(_EXACT)
    except InvalidOperation:  # an exponent beyond everything: the text is all there is
        return str(value)
    if number == 0:
        return "0"
    exponent = number.as_tuple().exponent
    return format(number, "f") if isinstance(exponent, int) and -40 < exponent < 40 else str(number)


_CANONICAL = msgspec.json.Encoder(order="deterministic", enc_hook=lambda n: msgspec.Raw(plain_number(n).encode()))
_SOURCE_ORDER = msgspec.json.Encoder(enc_hook=lambda n: msgspec.Raw(str(n).encode()))


def digest(value: Any) -> bytes:
    """16 bytes that are equal for equal JSON values (key order, white space and number notation aside)."""
    return blake2b(_encode(_CANONICAL, value), digest_size=16).digest()


def compact(value: Any) -> str:
    """A value as compact JSON text, keys in source order, numbers as they were written."""
    return _encode(_SOURCE_ORDER, value).decode()


def _encode(encoder: msgspec.json.Encoder, value: Any) -> bytes:
    try:
        return encoder.encode(value)
    except OverflowError:  # integers beyond 64 bits
        return encoder.encode(_big_integers_as_text(value))


def _big_integers_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _big_integers_as_text(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_big_integers_as_text(v) for v in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return msgspec.Raw(str(value).encode())
    return value
