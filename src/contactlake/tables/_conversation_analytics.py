"""The family of conversation analytics: from analysis files and contact records to one row per analysed contact.

What a column takes of a file and what of a record is made from the declared paths: a record's results are taken where
they have the shape of a file's.
"""

from __future__ import annotations

from contactlake.model.step import Derivation, Family, Input, Reach, Step
from contactlake.model.table import Column
from contactlake.model.types import BIGINT, FLOAT, Array, Struct, Type
from contactlake.tables._derived_columns import Sources, listed, nulls, step_text
from contactlake.tables.contact_analysis import CONTACT_ANALYSIS
from contactlake.tables.contact_lens_conversational_analytics import CONTACT_LENS_CONVERSATIONAL_ANALYTICS as LENS

_MEASURES = "ConversationCharacteristics."
_PARTIES = ("agent", "customer")
_BY_PATH = {column.path: column.name for column in CONTACT_ANALYSIS.columns if column.path}
_TAKEN = {c.name: _BY_PATH[c.path] for c in LENS.columns if c.path in _BY_PATH and c.name != "instance_id"}
"""By column: the column of contact_analysis that is taken from the same place of the file."""

_MADE = (
    *(f"interruptions_time_{party}_ms" for party in _PARTIES),
    *(f"interruptions_{party}_count" for party in _PARTIES),
)
_TOLD = ("aws_account_id", "channel")
_OF_RECORD = {c.name for c in LENS.columns if c.path and c.path.startswith(_MEASURES)} | {
    *_MADE,
    "language_locale",
    "categories",
}


def _sources() -> Sources:
    sources = {
        "instance_id": "the analysis file (CustomerMetadata.InstanceId), else another analysis of the contact, else "
        "`contact_record`; null while none of them tells",
        "instance_arn": "`contact_record`",
        "contact_id": "the analysis file (CustomerMetadata.ContactId), else its name; or the contact record",
        "disconnect_timestamp": "`contact_record`; until it has arrived, the time in the analysis file's name, else "
        "when the file was landed. A contact record that carries results and has not ended: its last update",
    }
    for name, taken in _TAKEN.items():
        path = LENS.by_name[name].path or ""
        record = ", else the contact record" if name in _OF_RECORD else ", else `contact_record`" * (name in _TOLD)
        sources[name] = f"`contact_analysis.{taken}` ({path.replace(' | ', ' or ')}){record}"
    for party in _PARTIES:
        list_ = f"`contact_analysis.interruptions_{party}`"
        sources[f"interruptions_time_{party}_ms"] = f"sum of DurationMillis over {list_}, else the contact record"
        sources[f"interruptions_{party}_count"] = f"length of {list_}, else the contact record"
        sources[f"sentiment_end_score_{party}"] += (
            f"; a call: Score of the last period of `contact_analysis.sentiment_quarters_{party}`"
        )
        sources[f"sentiment_overall_score_{party}"] += " (there else the mean of its SentimentScore, turn by turn)"
    return sources


LENS_SOURCES = _sources()
"""By column of contact_lens_conversational_analytics: where it comes from."""


def _interruptions(lists: tuple[str, str], total: str, what: str) -> str:
    """Of one party (the first list): an absent list is no interruption where the other party's, or none, are told."""
    mine, other = lists
    made = f"LEN({mine})"
    if what == "time":
        length = "COALESCE(i.duration_millis, i.end_offset_millis - i.begin_offset_millis)"
        lengths = f"LIST_TRANSFORM({mine}, lambda i: {length})"
        made = f"CASE WHEN LEN({mine}) = 0 THEN 0 ELSE CAST(LIST_SUM({lengths}) AS BIGINT) END"
    return f"CASE WHEN {mine} IS NOT NULL THEN {made} WHEN {other} IS NOT NULL OR {total} = 0 THEN 0 END"


def _last_quarter(periods: str) -> str:
    ends = (
        f"LIST_TRANSFORM({periods}, lambda q: {{'e': q.end_offset_millis, 'b': q.begin_offset_millis, 's': q.score}})"
    )
    return f"CAST(LIST_SORT({ends})[-1].s AS FLOAT)"


def _taken(name: str, a: str) -> str:
    """The expression over a row ``a`` with the columns of contact_analysis that gives the column."""
    for party, other in (_PARTIES, _PARTIES[::-1]):
        lists = (f"{a}.interruptions_{party}", f"{a}.interruptions_{other}")
        if name == f"interruptions_time_{party}_ms":
            return _interruptions(lists, f"{a}.interruptions_total_count", "time")
        if name == f"interruptions_{party}_count":
            return _interruptions(lists, f"{a}.interruptions_total_count", "count")
        if name == f"sentiment_end_score_{party}":
            return f"COALESCE({a}.{_TAKEN[name]}, {_last_quarter(f'{a}.sentiment_quarters_{party}')})"
    return f"{a}.{_TAKEN[name]}"


def _measure(name: str) -> str:
    """The column from the file, else from the record."""
    of_file = _taken(name, "a")
    return f"COALESCE({of_file}, {_taken(name, 'w')}) AS {name}" if name in _OF_RECORD else f"{of_file} AS {name}"


# what a contact record tells, as the columns of contact_analysis ------------------------------------------------------


def _number(text: str, type: Type) -> str:
    """The number that a JSON value is; null for anything else: numbers are not rounded."""
    if type == BIGINT:
        return f"CASE WHEN REGEXP_FULL_MATCH({text}, '-?[0-9]{{1,18}}') THEN CAST({text} AS BIGINT) END"
    return f"TRY_CAST({text} AS {'FLOAT' if type == FLOAT else 'DOUBLE'})"


def _of_json(column: Column) -> str:
    """A column of contact_analysis out of ``s.measures``, from where it stands in a file."""
    places = [f"$.{'.'.join(path[1:])}" for path in column.paths]
    if isinstance(column.type, Array) and isinstance(column.type.item, Struct):
        (place,) = places
        fields = ", ".join(f"'{f.name}': " + _number(f"(i ->> '$.{f.key}')", f.type) for f in column.type.item.fields)
        items = f"LIST_TRANSFORM(JSON_EXTRACT(s.measures, '{place}[*]'), lambda i: {{{fields}}})"
        return f"CASE WHEN JSON_TYPE(s.measures, '{place}') = 'ARRAY' THEN {items} END AS {column.name}"
    values = [_number(f"(s.measures ->> '{place}')", column.type) for place in places]
    for party in _PARTIES:
        if column.name == f"sentiment_overall_score_{party}":
            values.append(f"CAST(m.{party} AS FLOAT)")
    return f"COALESCE({', '.join(values)}) AS {column.name}"


_LISTS = tuple(f"{name}_{party}" for name in ("interruptions", "sentiment_quarters") for party in _PARTIES)
_READ = tuple(
    dict.fromkeys(
        (*(_TAKEN[n] for n in _OF_RECORD if n in _TAKEN and n not in ("language_locale", "categories")), *_LISTS)
    )
)

_RESULT_COLUMNS = (
    "instance_id",
    "contact_id",
    "language_locale",
    "sentiment_score",
    "categories",
    "conversational_characteristics",
)

_NAMES = [n for n in (*_TAKEN, *_MADE) if n not in _TOLD]

CONVERSATION_ANALYTICS = Family(
    name="conversation_analytics",
    subject="contact_id",
    inputs={
        "contact_analysis": Input(
            "contact_analysis",
            (
                *("contact_id", "instance_id", "redacted", "analysis_id", "analysed_at"),
                *dict.fromkeys((*_TAKEN.values(), *_LISTS)),
            ),
            subject="contact_id",
        ),
        "contact_record_analysis": Input("contact_record_analysis", _RESULT_COLUMNS, subject="contact_id"),
        "contact_record": Input(
            "contact_record",
            (
                *("instance_id", "contact_id", "instance_arn", "aws_account_id", "channel", "disconnect_timestamp"),
                *("last_update_timestamp", "initiation_timestamp"),
            ),
            subject="contact_id",
        ),
    },
    derivation=Derivation(
        inputs=("contact_analysis", "contact_record_analysis", "contact_record"),
        rules="_conversation_rules",
        steps=(
            Step("_contact_analysis_chosen", step_text("contact_analysis_chosen")),
            Step(
                "_contact_record_result",
                step_text(
                    "_contact_record_result",
                    record_measures=listed([_of_json(CONTACT_ANALYSIS.by_name[n]) for n in sorted(_READ)]),
                ),
            ),
            Step(
                LENS.name,
                step_text(
                    LENS.name,
                    measures=listed([*(_measure(n) for n in _NAMES), *(f"a.{n} AS {n}_told" for n in _TOLD)], 4),
                    measure_names=listed([f"f.{n}" for n in _NAMES]),
                    no_source=nulls(LENS, LENS_SOURCES),
                ),
            ),
        ),
        results=(LENS.name,),
    ),
    reach={
        "contact_analysis": Reach(("contact_id",), "SELECT contact_id AS subject FROM _change"),
        "contact_record_analysis": Reach(("contact_id",), "SELECT contact_id AS subject FROM _change"),
        "contact_record": Reach(
            ("contact_id",), "SELECT contact_id AS subject FROM _change SEMI JOIN contact_analysis USING (contact_id)"
        ),
    },
)
"""A contact record reaches only contacts that were analysed; one that carries results is a change of those, too."""
