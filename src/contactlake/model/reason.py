"""Why a record could not become a row: the reason codes of quarantine, and the error that carries one."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Reason codes; stable, part of the interface. Each member's ``sentence`` tells a person what it means."""

    INVALID_JSON = "invalid_json"
    INVALID_CSV = "invalid_csv"
    INVALID_UNICODE = "invalid_unicode"
    DUPLICATE_KEY = "duplicate_key"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_STREAM = "unknown_stream"
    NO_KEY = "no_key"
    NO_EVENT_TIME = "no_event_time"
    BAD_VALUE = "bad_value"
    TRUNCATED = "truncated"

    @property
    def sentence(self) -> str:
        """What the code means, for people."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.INVALID_JSON: "The bytes are not a JSON document.",
    Reason.INVALID_CSV: "The line is no CSV row with as many cells as the header.",
    Reason.INVALID_UNICODE: "The bytes are not valid UTF-8, or an escape is half of a surrogate pair.",
    Reason.DUPLICATE_KEY: "An object names the same key twice, so its value is ambiguous.",
    Reason.TOO_LARGE: "The record is larger than max_record_bytes.",
    Reason.TOO_DEEP: "The document is nested more deeply than any record is.",
    Reason.NOT_AN_OBJECT: "The document is a JSON value, but not an object.",
    Reason.UNKNOWN_STREAM: "The object belongs to no stream that this version knows.",
    Reason.NO_KEY: "A part of the record's key is missing or null.",
    Reason.NO_EVENT_TIME: "The record's event time is missing or null.",
    Reason.BAD_VALUE: "A value cannot be what its column says.",
    Reason.TRUNCATED: "The input ends in the middle of the document.",
}


class Reject(Exception):
    """A record's way to quarantine: ``reason`` (code), ``message`` (sentence with the particulars), ``json_path``."""

    def __init__(self, reason: Reason, message: str = "", json_path: str | None = None) -> None:
        super().__init__(message or reason.sentence)
        self.reason = reason
        self.message = message or reason.sentence
        self.json_path = json_path
