"""contact_flow_log: every logged block of every contact's way through its flows, as it was logged."""

from contactlake.model.table import Column, Table
from contactlake.model.types import STRING, TIMESTAMP, Arn, Rule, Scalar, Take
from contactlake.tables._shapes import processed_at


def _logged(
    name: str, key: str, doc: str, type: Scalar = STRING, take: Rule = Take.VALUE, required: bool = False
) -> Column:
    """A column whose key is spelled ``ContactId``, ``contactId`` or ``contactid``, as the log's forwarder made it."""
    path = f"{key} | {key[:1].lower()}{key[1:]} | {key.lower()}"
    return Column(name, type, path, doc, required=required, take=take)


CONTACT_FLOW_LOG = Table(
    name="contact_flow_log",
    doc=(
        "One row per entry of a flow log: a block that a contact met in a flow. Entries carry no id; equal entries are "
        "one. What happens outside of flows (waiting in a queue, talking to an agent) is not logged."
    ),
    columns=(
        _logged(
            "instance_id",
            "ContactFlowId",
            "Id of the Connect instance of the flow, taken from the flow's ARN.",
            take=Arn("instance"),
            required=True,
        ),
        Column(
            "entry_id",
            STRING,
            "@digest",
            "Digest of the whole entry, which identifies it: key order and white space aside.",
            required=True,
        ),
        _logged("contact_id", "ContactId", "Id of the contact that met the block."),
        _logged(
            "contact_flow_id",
            "ContactFlowId",
            "Id of the flow that the block belongs to; null in a flow module, which has another kind of ARN.",
            take=Arn("contact-flow"),
        ),
        _logged("contact_flow_arn", "ContactFlowId", "ARN of the flow or flow module that the block belongs to."),
        _logged("contact_flow_name", "ContactFlowName", "Name of the flow at the time."),
        _logged("contact_flow_module_type", "ContactFlowModuleType", "Kind of block: SetQueue, PlayPrompt …"),
        _logged("identifier", "Identifier", "Id of the block in the flow, where it is logged."),
        _logged(
            "entry_timestamp",
            "Timestamp",
            "When the contact met the block; its UTC day is the partition.",
            TIMESTAMP,
            required=True,
        ),
        _logged("parameters", "Parameters", "What the block was set to, as compact JSON.", take=Take.JSON),
        _logged("results", "Results", "What came of the block: text, or compact JSON.", take=Take.JSON),
        _logged(
            "external_results",
            "ExternalResults",
            "What a function that the block called answered, as compact JSON.",
            take=Take.JSON,
        ),
        processed_at("flow log entry"),
    ),
    primary_key=("instance_id", "entry_id"),
    partition_by="entry_timestamp",
    age_column="entry_timestamp",
    ours=True,
)
