"""agent_status: the numbers 01 to 50 under which custom statuses appear in the statistics."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, TIMESTAMP

AGENT_STATUS = Table(
    name="agent_status",
    doc="One row for every custom status of an instance with its number (the statistics rules, section 7). A number is "
    "given once, in the order of first sight, and never reused or moved; a status beyond 50 has a number but no "
    "column of its own and counts in `non_productive_time` only.",
    columns=(
        Column("instance_id", required=True, doc="The Amazon Connect instance."),
        Column("status_id", required=True, doc="The status's identity: its ARN, without ARN its name."),
        Column("status_arn", doc="ARN of the status, null where the stream gives none."),
        Column("status_name", doc="The latest name; a rename keeps the number."),
        Column("number", BIGINT, required=True, doc="NN of `custom_state_time_NN`."),
        Column("first_seen", TIMESTAMP, doc="The first event that shows the status (whole milliseconds)."),
        Column("last_seen", TIMESTAMP, doc="The last event that shows the status (whole milliseconds)."),
    ),
    primary_key=("instance_id", "status_id"),
    ours=True,
)
