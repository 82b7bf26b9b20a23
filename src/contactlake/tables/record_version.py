"""record_version: every version of every record that was ever stored, and where its exact bytes are."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, STRING, TIMESTAMP, Array

RECORD_VERSION = Table(
    name="record_version",
    doc=(
        "One row per distinct version of a record (same key and same content count once): the history of late "
        "corrections, and the way from a row back to the bytes that were delivered."
    ),
    columns=(
        Column("stream", STRING, doc="The stream that delivered the version.", required=True),
        Column("key_hi", BIGINT, doc="First half of the hash of stream and key.", required=True),
        Column("key_lo", BIGINT, doc="Second half of the hash of stream and key.", required=True),
        Column("content_hi", BIGINT, doc="First half of the hash of the content.", required=True),
        Column("content_lo", BIGINT, doc="Second half of the hash of the content.", required=True),
        Column("stamp", BIGINT, doc="What makes a version newer: µs since 1970; the smallest number if it has none."),
        Column("day", BIGINT, doc="Day of the record's event time, in days since 1970."),
        Column(
            "object",
            STRING,
            doc="The landed object that first held it: SHA-256 of the file; of an import, a dot and the table follow.",
        ),
        Column(
            "offset",
            BIGINT,
            doc="Where in the decompressed object the document begins, in bytes; of Parquet, the row's number.",
        ),
        Column("length", BIGINT, doc="The document's length in bytes; null for a row of Parquet."),
        Column("path", STRING, doc="Where inside the document the record is wrapped; null if it is the document."),
        Column("unknown", Array(STRING), doc="Paths in the record that no column takes and no documentation names."),
        Column("stored_at", TIMESTAMP, doc="When this version was stored."),
    ),
    primary_key=("stream", "key_hi", "key_lo", "content_hi", "content_lo"),
    ours=True,
)
