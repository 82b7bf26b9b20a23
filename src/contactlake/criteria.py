"""What contacts are searched by: read from what a user wrote, and said in SQL. Every value is a parameter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contactlake.errors import UsageError
from contactlake.model.days import DAY_US

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
BY = {"initiation": "initiation_timestamp", "disconnect": "disconnect_timestamp"}
SENTIMENTS = {"positive": "> 0", "neutral": "= 0", "negative": "< 0"}
_MOOD = "sentiment_overall_score_customer"
_UNITS = {"": 1000, "ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}

# Scripts that put no space between words: a word of theirs is found wherever it stands.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_BEFORE = rf"(?:^|[^\p{{L}}\p{{M}}\p{{N}}_]|[{_UNSPACED}])"
_AFTER = rf"(?:$|[^\p{{L}}\p{{M}}\p{{N}}_]|[{_UNSPACED}])"


@dataclass(frozen=True)
class Criteria:
    """What a contact must be like. Several values of one kind mean any of them; attributes and words mean all.

    ids                 ids of contacts
    start, end          µs since 1970, half-open; of the time that ``by`` names
    by                  ``initiation`` or ``disconnect``
    queues, agents      each an id, an ARN or a name, as the contact's record has it
    phones              of the customer, of the contact centre, or of whom the contact was passed to
    attributes          name and value; value None: it only has to be there
    categories, words, sentiments, min_sentiment, max_sentiment   what the contact's analysis says
    min_duration, max_duration   ms from initiation to disconnect, both included
    """

    ids: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None
    by: str = "initiation"
    queues: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str | None], ...] = ()
    categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    min_sentiment: float | None = None
    max_sentiment: float | None = None
    min_duration: int | None = None
    max_duration: int | None = None
    disconnect_reasons: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()

    @property
    def measured(self) -> bool:
        """Whether the measures of an analysis have a say."""
        scores = (self.min_sentiment, self.max_sentiment)
        return bool(self.categories or self.sentiments) or scores != (None, None)

    @property
    def analysed(self) -> bool:
        """Whether an analysis has a say: its measures, or its transcript."""
        return self.measured or bool(self.words)

    @property
    def days(self) -> tuple[int, int]:
        """The first and the last day on which such contacts can have begun."""
        first = 0 if self.start is None else self.start // DAY_US
        last = 1 << 40 if self.end is None else (self.end - 1) // DAY_US
        return (-(1 << 40) if self.start is None or self.by == "disconnect" else first), last


class Values:
    """Collects the values of a query: each becomes a parameter."""

    def __init__(self) -> None:
        self.named: dict[str, Any] = {}

    def __call__(self, value: Any) -> str:
        """The parameter that stands for the value."""
        name = f"v{len(self.named)}"
        self.named[name] = value
        return f"${name}"

    def among(self, column: str, choices: Iterable[str]) -> str:
        """The condition that a column has one of the choices."""
        return f"{column} IN ({', '.join(map(self, choices))})"


def read(time_zone: str, given: Mapping[str, Any]) -> Criteria:
    """Criteria as a user gives them: one text or several, times as texts or datetimes. Raises ``UsageError``."""
    known = {f.name for f in fields(Criteria)}
    if unknown := sorted(set(given) - known):
        raise UsageError(f"Contacts are not searched by {unknown[0]}; they are by: {', '.join(sorted(known))}.")
    zone = zone_of(time_zone)
    taken: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        match name:
            case "start" | "end":
                taken[name] = moment(value, zone, name == "end")
            case "min_duration" | "max_duration":
                taken[name] = milliseconds(value)
            case "min_sentiment" | "max_sentiment":
                taken[name] = _score(value)
            case "by":
                taken[name] = _one_of(value, BY, "a time to search by")
            case "attributes":
                pairs = value.items() if isinstance(value, Mapping) else value
                taken[name] = tuple((checked(k), None if v is None else checked(v)) for k, v in pairs)
            case _:
                taken[name] = tuple(map(checked, [value] if isinstance(value, str) else value))
                if not taken[name]:
                    raise UsageError(f"There are no {name.replace('_', ' ')} to look for.")
    for mood in taken.get("sentiments", ()):
        _one_of(mood, SENTIMENTS, "a sentiment")
    if blank := [w for w in taken.get("words", ()) if not w.strip()]:
        raise UsageError(f"{blank[0]!r} is no word.")
    return Criteria(**taken)


def zone_of(name: str) -> tzinfo:
    """A time zone by its name. Raises ``UsageError``."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"There is no time zone {name!r}; write it as Europe/London.") from None


def moment(value: str | date | datetime, zone: tzinfo, ends: bool) -> int:
    """An instant in µs since 1970. A day is its first instant, or, where it ``ends`` a range, the first after it."""
    if isinstance(value, str):
        try:
            plain = re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip())
            value = date.fromisoformat(value.strip()) if plain else datetime.fromisoformat(value.strip())
        except ValueError:
            raise UsageError(f"{value!r} is no time; write it as 2025-03-31 or 2025-03-31T09:15:00Z.") from None
    if not isinstance(value, date):
        raise UsageError(f"{value!r} is no time.")
    try:
        if not isinstance(value, datetime):
            value = datetime.combine(value + timedelta(days=1) if ends else value, time(), zone)
        return ((value if value.tzinfo else value.replace(tzinfo=zone)) - EPOCH) // MICROSECOND
    except OverflowError:
        raise UsageError(f"{value} is out of range.") from None


def milliseconds(value: str | int | timedelta) -> int:
    """A length of time: ``90`` (seconds), ``90s``, ``1.5m``, ``2h``, or a number of seconds. Raises ``UsageError``."""
    if isinstance(value, timedelta):
        return value // timedelta(milliseconds=1)
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)", str(value).strip())
    if found is None or found[2] not in _UNITS:
        raise UsageError(f"{value!r} is no length of time; write it as 90s, 5m or 1h.")
    whole, _, part = found[1].partition(".")
    return int(whole + part) * _UNITS[found[2]] // int(10 ** len(part))


def where(criteria: Criteria, values: Values, duration: str) -> str:
    """The condition on a contact's record."""
    c, parts = criteria, ["true"]
    begin, time_column = "make_timestamptz({}::BIGINT)", BY[c.by]
    if c.start is not None:
        parts.append(f"{time_column} >= {begin.format(values(c.start))}")
    if c.end is not None:
        parts.append(f"{time_column} < {begin.format(values(c.end))}")
    for columns, choices in (
        (("contact_id",), c.ids),
        (("queue_id", "queue_arn", "queue_name"), c.queues),
        (("agent_id", "agent_arn", "agent_username"), c.agents),
        (("channel",), [x.upper() for x in c.channels]),
        (("disconnect_reason",), [x.upper() for x in c.disconnect_reasons]),
        (("initiation_method",), [x.upper() for x in c.methods]),
        (
            ("customer_endpoint_address", "system_endpoint_address", "transferred_endpoint_address"),
            [re.sub(r"[\s()./-]", "", p) if re.fullmatch(r"\+?[\d\s()./-]+", p) else p for p in c.phones],
        ),
    ):
        if choices:
            parts.append("(" + " OR ".join(values.among(column, choices) for column in columns) + ")")
    for name, value in c.attributes:
        key = f"{values(name)}::VARCHAR"
        parts.append(f"map_contains(attributes, {key})" if value is None else f"attributes[{key}] = {values(value)}")
    parts += [
        f"{duration} {sign} {values(bound)}"
        for sign, bound in ((">=", c.min_duration), ("<=", c.max_duration))
        if bound is not None
    ]
    return " AND ".join(parts)


def measured(criteria: Criteria, values: Values) -> str:
    """The condition on the measures of a contact's analysis."""
    parts = []
    if criteria.categories:
        parts.append(f"list_has_any(categories, [{', '.join(map(values, criteria.categories))}])")
    if criteria.sentiments:
        parts.append("(" + " OR ".join(f"{_MOOD} {SENTIMENTS[s]}" for s in criteria.sentiments) + ")")
    parts += [
        f"{_MOOD} {sign} {values(bound)}::FLOAT"
        for sign, bound in ((">=", criteria.min_sentiment), ("<=", criteria.max_sentiment))
        if bound is not None
    ]
    return " AND ".join(parts)


def said(criteria: Criteria, values: Values) -> str:
    """The condition that every word occurs in some turn of the transcript."""
    return " AND ".join(f"bool_or(regexp_matches(content, {values(pattern(word))}))" for word in criteria.words)


def pattern(word: str) -> str:
    """What finds a word or phrase as a whole: not inside a longer word, whatever its case and its white space."""
    return f"(?i){_BEFORE}" + r"\s+".join(map(_escaped, word.split())) + _AFTER


def _escaped(text: str) -> str:
    return "".join(c if not c.isascii() or c.isalnum() or c == "_" else f"\\{c}" for c in text)


def _score(value: str | float) -> float:
    try:
        score = float(value)
    except (TypeError, ValueError):
        score = float("nan")
    if not -5 <= score <= 5:
        raise UsageError(f"{value!r} is no mood; moods are from -5 to 5.")
    return score


def _one_of(value: str, choices: Iterable[str], what: str) -> str:
    if value not in choices:
        raise UsageError(f"{value!r} is not {what}; these are: {', '.join(choices)}.")
    return value


def checked(value: Any) -> str:
    """A value that has to be a text. Raises ``UsageError``."""
    if not isinstance(value, str):
        raise UsageError(f"{value!r} is no text.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{value!r} is no valid text.") from None
    return value
