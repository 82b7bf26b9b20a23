"""quarantine: every record that could not become a row, with its exact bytes."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, BINARY, STRING, TIMESTAMP

QUARANTINE = Table(
    name="quarantine",
    doc="Records that could not become rows: why, where they were, and their exact bytes. Nothing delivered is lost.",
    columns=(
        Column("id", STRING, doc="Names the quarantined record: object, offset and path.", required=True),
        Column("reason", STRING, doc="Reason code, one of the documented ones.", required=True),
        Column("message", STRING, doc="The reason with its particulars, as a sentence."),
        Column("stream", STRING, doc="The stream that the record belongs to, where that could be told."),
        Column("source", STRING, doc="The file, as it was named to the command."),
        Column("offset", BIGINT, doc="Where in the decompressed file the record begins, in bytes."),
        Column("length", BIGINT, doc="The record's length in bytes."),
        Column("json_path", STRING, doc="Where inside the record the trouble is, where that could be told."),
        Column("raw", BINARY, doc="The exact bytes; null beyond 16 MiB (`quarantine export` reads the landed object)."),
        Column("landed_at", TIMESTAMP, doc="When the file was landed."),
        Column("object", STRING, doc="The landed object that holds it."),
    ),
    primary_key=("id",),
    ours=True,
)
