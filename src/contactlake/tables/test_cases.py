"""The results of test cases that were run against flows. Only imported: no stream carries them."""

from contactlake.model.table import Column, Table
from contactlake.model.types import STRING, TIMESTAMP, Array
from contactlake.tables._shapes import aws_account_id, instance_arn, instance_id, processed_at

_SUBJECT = "test run"
_PREFIX = "connect_test_case"

CONNECT_TEST_CASE_EXECUTION_RESULTS = Table(
    name="connect_test_case_execution_results",
    doc="One row per run of a test case: what was tested, how, and what came out.",
    columns=(
        instance_id(_SUBJECT, required=False),
        instance_arn(_SUBJECT),
        aws_account_id(_SUBJECT),
        Column(f"{_PREFIX}_resource_arn", STRING, doc="ARN of the test case.", required=True),
        Column(f"{_PREFIX}_resource_name", STRING, doc="Name of the test case."),
        Column(
            f"{_PREFIX}_execution_start_timestamp",
            TIMESTAMP,
            doc="When the test run began; its UTC day is the partition.",
            required=True,
        ),
        Column(f"{_PREFIX}_execution_end_timestamp", TIMESTAMP, doc="When the test run ended."),
        Column(f"{_PREFIX}_status", STRING, doc="How far the test run has got."),
        Column(f"{_PREFIX}_result", STRING, doc="Whether the test passed."),
        Column(f"{_PREFIX}_execution_id", STRING, doc="Id of the test run.", required=True),
        Column(f"{_PREFIX}_failure_reasons", Array(STRING), doc="Why the test failed."),
        Column(f"{_PREFIX}_type", STRING, doc="Kind of test."),
        Column(f"{_PREFIX}_execution_method", STRING, doc="How the test run was started."),
        Column(f"{_PREFIX}_execution_channel", STRING, doc="Channel that the test used."),
        Column(f"{_PREFIX}_execution_channel_subtype", STRING, doc="Subtype of the channel that the test used."),
        Column(f"{_PREFIX}_associated_initial_contact_id", STRING, doc="Id of the first contact that the test made."),
        Column(f"{_PREFIX}_associated_contact_ids", Array(STRING), doc="Ids of all contacts that the test made."),
        Column(f"{_PREFIX}_initiating_flow_id", STRING, doc="Id of the flow that the test began with."),
        Column("record_creation_timestamp", TIMESTAMP, doc="When the result was recorded."),
        processed_at(_SUBJECT),
    ),
    primary_key=(
        f"{_PREFIX}_resource_arn",
        f"{_PREFIX}_execution_start_timestamp",
        f"{_PREFIX}_execution_id",
    ),
    partition_by=f"{_PREFIX}_execution_start_timestamp",
)
