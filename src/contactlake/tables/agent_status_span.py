"""agent_status_span: what status an agent held, from when to when, and how that is known."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BOOLEAN, TIMESTAMP
from contactlake.tables._agent_span_columns import CONFIGURATION, EVIDENCE, TIME, WHO

AGENT_STATUS_SPAN = Table(
    name="agent_status_span",
    doc="One row for every stretch of time in which an agent's status, its name and type and the agent's configuration "
    "stay the same (the statistics rules, section 3). An agent's spans follow each other without gap or overlap from "
    "the first event to the last; time about which nothing is known is a span of its own.",
    columns=(
        *WHO,
        *TIME,
        Column("known", BOOLEAN, doc="False: silence was too long, the status is unknown and its columns are null."),
        Column("status_id", doc="The status's identity: its ARN, without ARN its name."),
        Column("status_arn", doc="ARN of the status."),
        Column("status_name", doc="Name of the status as the latest snapshot shows it."),
        Column(
            "status_type",
            values=("ROUTABLE", "CUSTOM", "OFFLINE"),
            doc="The stream's type where it is one of the three, else by name: Available is ROUTABLE, Offline is "
            "OFFLINE, anything else CUSTOM; OFFLINE after a LOGOUT (`forced_offline`).",
        ),
        Column("status_start_time", TIMESTAMP, doc="StartTimestamp of the status as delivered (whole milliseconds)."),
        *EVIDENCE[:2],
        Column("forced_offline", BOOLEAN, doc="OFFLINE because of a LOGOUT, whatever the snapshot says."),
        *EVIDENCE[2:],
        *CONFIGURATION,
    ),
    primary_key=("instance_id", "user_id", "start_time"),
    partition_by="start_time",
    age_column="end_time",
    ours=True,
)
