"""Writes the mapping pages: where each column of a table made of files and logs comes from.

``make docs`` runs it; a test holds the pages to the code.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from contactlake.model.table import Table
from contactlake.tables._conversation_analytics import LENS_SOURCES
from contactlake.tables._derived_columns import Sources
from contactlake.tables._evaluation_items import EVALUATION_SOURCES
from contactlake.tables._flow_runs import FLOW_SOURCES
from contactlake.tables.contact_evaluation_record import CONTACT_EVALUATION_RECORD
from contactlake.tables.contact_flow_events import CONTACT_FLOW_EVENTS
from contactlake.tables.contact_lens_conversational_analytics import CONTACT_LENS_CONVERSATIONAL_ANALYTICS

FOLDER = Path(__file__).parent


class Mapping(NamedTuple):
    """A page: its table, where its columns come from, and the rules in words."""

    name: str
    table: Table
    sources: Sources
    rules: str

    @property
    def page(self) -> Path:
        """The file."""
        return FOLDER / self.name


_ANALYTICS = """\
The analyses of Contact Lens arrive as one file each, original and often a redacted twin, minutes after the contact or
long before its record. All of them are kept in `contact_analysis`. A contact's record may carry results, too; they
are kept in `contact_record_analysis` as long as the newest version of the record carries them. This table has one row
per contact:

* An original wins over its redacted twin, a later analysis over an earlier one: by the time in the file's name, else
  by the order of landing.
* Two files of the same bytes are one, whatever their names: the name that came first tells what the document leaves out
  (contact, time, whether redacted); `ingest` lists the other under `skipped`. Real documents name their contact and
  output themselves, and their turns have ids that no other has. Only documents without contact, output and transcript
  can be the same for two contacts, or for an original and its twin: then the second has no row.
* What the file leaves out is taken from the contact's record, column by column.
* The row stands in the day of the contact's end, taken from `contact_record`. Until that has arrived it stands in the
  day of the analysis, and moves later. It is the record of the same instance; where there is none, that of another
  instance with the same contact id counts for the time only.
* Sentiment in a record, turn by turn, becomes its mean. An end score is never made of it.
* Results in a record count where they have the shape of a file's. Others are kept as JSON, and no record is refused
  for them.

What lies deeper is laid flat by views, over the same analysis of each contact:

| view | a row is |
| --- | --- |
| `contact_analysis_chosen` | a contact, and which of its analyses counts |
| `contact_turn` | a turn of the transcript: who, what, when, sentiment |
| `contact_category` | a category that matched, with its points of interest |
| `contact_finding` | an issue, outcome or action item (`kind`), with its text and its turn |
| `contact_summary` | a written summary |

In `contact_category` and `contact_finding`, `told_by` is `file` or `record`: a record counts for contacts without a
file.
"""

_EVALUATIONS = """\
An evaluation arrives as one document, sometimes in two files, and again when it is submitted again.
`contact_evaluation` keeps the latest submission as it was delivered. This table has a row for its form, one per
section and one per question:

* Items without an id have no row here; of items with the same id the first has one, forms before sections before
  questions.
* The row stands in the day of the contact's beginning, taken from `contact_record`. Until that has arrived it stands
  in the day of the submission, and moves later.
* Scores are per cent. An item that is not applicable has none.

Names in the middle column are keys of the export, or tables.
"""

_FLOWS = """\
A flow log has an entry for every block that a contact met. It arrives as it is, in files of a log subscription (also
compressed twice, with keys in small letters, or carried by Lambda events and delivery streams), and is kept in
`contact_flow_log`. This table has one row per run:

* A run of a flow is a stretch of a contact's entries of one flow, in the order of time; entries of modules belong to
  the flow before them. A run of a module is a stretch of entries of one module.
* A run begins with its first entry and ends with its last. The last one's kind tells the outcome.
* Of entries in the same millisecond those of the flow that was running come first.
* Entries without a contact belong to no run.

The documentation lets no column of this table be null. Where nothing tells a value, it is null here nevertheless: a
made-up value would be wrong. Names in the middle column are keys of the log, or tables.
"""

MAPPINGS: tuple[Mapping, ...] = (
    Mapping("conversation-analytics.md", CONTACT_LENS_CONVERSATIONAL_ANALYTICS, LENS_SOURCES, _ANALYTICS),
    Mapping("evaluations.md", CONTACT_EVALUATION_RECORD, EVALUATION_SOURCES, _EVALUATIONS),
    Mapping("flow-events.md", CONTACT_FLOW_EVENTS, FLOW_SOURCES, _FLOWS),
)
"""Every page there is."""


def text(mapping: Mapping) -> str:
    """The whole page."""
    table = mapping.table
    lines = [
        f"# Where {table.name} comes from",
        "",
        "<!-- Written by `make docs` from docs/make_mappings.py and src/contactlake/tables. Do not edit. -->",
        "",
        f"{mapping.rules}",
        f"What the columns mean is in [the data dictionary](data-dictionary.md#{table.name}).",
        "",
        "| column | where it comes from |",
        "| --- | --- |",
    ]
    for column in table.columns:
        source = mapping.sources.get(column.name, "no stream tells it: null")
        if column.name == table.processed_at:
            source = "when the row last changed in this lake"
        lines.append(f"| `{column.name}` | {source.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for mapping in MAPPINGS:
        mapping.page.write_text(text(mapping), encoding="utf-8")
        print(f"wrote {mapping.name}")
