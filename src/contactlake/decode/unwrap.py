"""Transport wrappings: what carries records inside a document of its own.

Kinesis-to-Lambda events (``Records[].kinesis.data``), delivery-stream transformation events (``records[].data``) and
error files (``rawData``), event-bus envelopes (``detail``), and log subscriptions (``logEvents[].message``, also as
they reach a function: ``awslogs.data``).
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator
from typing import Any

from contactlake.model.reason import Reason, Reject


def carried(document: dict[str, Any]) -> list[tuple[str, Any]] | None:
    """What a wrapping carries: pairs of a path and base64 text, an object, the bytes of JSON text, or None where a part
    carries nothing.

    None if it is no wrapping. A wrapping may carry nothing.
    """
    if isinstance(records := document.get("Records"), list):
        return _each(records, "Records", ("kinesis", "data"))
    if isinstance(records := document.get("records"), list):
        return _each(records, "records", ("data",))
    if isinstance(document.get("rawData"), str) and "errorCode" in document:
        return [("rawData", document["rawData"])]
    if "detail-type" in document and isinstance(document.get("detail"), dict):
        return [("detail", document["detail"])]
    if isinstance(logs := document.get("awslogs"), dict) and isinstance(logs.get("data"), str):
        return [("awslogs.data", logs["data"])]
    for kind, name in (("messageType", "logEvents"), ("messagetype", "logevents")):  # as forwarders spell it
        if kind in document and isinstance(events := document.get(name), list):
            if document[kind] == "CONTROL_MESSAGE":  # the sender asks whether anybody listens
                return []
            found = _each(events, name, ("message",))
            return found and [(path, text if text is None else text.encode()) for path, text in found]
    return None


def _each(records: list[Any], name: str, path: tuple[str, ...]) -> list[tuple[str, Any]] | None:
    found = []
    for i, record in enumerate(records):
        value = record
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        found.append((f"{name}[{i}]." + ".".join(path), value if isinstance(value, str) else None))
    return found if any(value is not None for _, value in found) else None


def content(text: str, limit: int) -> bytes:
    """The bytes behind base64 text, decompressed if they are gzip. Raises ``Reject``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Reject(Reason.BAD_VALUE, "The data is not base64.") from None
    return b"".join(_gunzip(data, limit)) if data[:2] == b"\x1f\x8b" else data


def _gunzip(data: bytes, limit: int) -> Iterator[bytes]:
    total = 0
    while data:
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(data, limit - total + 1)
        except zlib.error as error:
            raise Reject(Reason.INVALID_JSON, f"The data begins as gzip and is broken: {error}.") from None
        total += len(part)
        if total > limit:
            raise Reject(Reason.TOO_LARGE, f"The data is larger than the limit of {limit:,} bytes when decompressed.")
        if not member.eof:
            raise Reject(Reason.TRUNCATED, "The data is gzip and ends early.")
        yield part
        data = member.unused_data
