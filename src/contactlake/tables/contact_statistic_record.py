"""contact_statistic_record: the times and flags of every finished contact; ``_contact_statistics`` derives it."""

from contactlake.model.table import Column, Table
from contactlake.model.types import BIGINT, STRING, TIMESTAMP
from contactlake.tables._shapes import CHANNELS, INITIATION_METHODS, aws_account_id, instance_id, processed_at

_SUBJECT = "finished contact"


def _time(name: str, doc: str) -> Column:
    return Column(name, BIGINT, doc=doc, unit="ms")


def _flag(name: str, doc: str) -> Column:
    return Column(name, BIGINT, doc=f"1 when {doc}, else 0.")


CONTACT_STATISTIC_RECORD = Table(
    name="contact_statistic_record",
    doc=(
        "One row per contact that has ended, with its times and with flags to count by. A contact counts whole where "
        "it disconnected, however long it was. Times are null where they do not apply; flags are 0 or 1, never null. "
        "Handled: connected to an agent; queued: entered a queue; next contact: the one that next_contact_id names "
        "(when it arrives later, the row is stated anew)."
    ),
    columns=(
        instance_id(_SUBJECT),
        aws_account_id(_SUBJECT),
        Column("contact_id", STRING, doc="Id of the finished contact, the same as in contact_record.", required=True),
        Column("channel", STRING, doc="Channel of the finished contact.", values=CHANNELS),
        Column(
            "queue_id",
            STRING,
            doc="Id of the queue that the finished contact counts for, also without having waited there.",
        ),
        Column("agent_id", STRING, doc="Id of the agent who handled the finished contact; null when none did."),
        Column(
            "initiation_method",
            STRING,
            doc="How the finished contact had come about.",
            values=INITIATION_METHODS,
        ),
        Column("initiation_timestamp", TIMESTAMP, doc="When the finished contact had begun."),
        Column(
            "disconnect_timestamp",
            TIMESTAMP,
            doc="When the contact ended: the moment it is counted at; its UTC day is the partition.",
        ),
        Column("enqueue_timestamp", TIMESTAMP, doc="When the finished contact had entered the queue."),
        _time(
            "contact_flow_time_ms",
            "Time in the flow, from connecting to the system until queue, agent, transfer or end, whichever the record "
            "has first in this order; only INBOUND, TRANSFER, QUEUE_TRANSFER, API; 0 when never connected.",
        ),
        _time("abandon_time_ms", "Time in queue of a contact that was abandoned there."),
        _time("queue_time_ms", "Time in queue, as recorded, else from entering to leaving it."),
        _time("queue_answer_time_ms", "Time in queue of a contact that was then handled."),
        _time(
            "handle_time_ms",
            "Interaction, hold, after-contact work and agent pause together, as recorded; never a difference of times.",
        ),
        _time("customer_hold_time_ms", "Time a handled contact was on hold."),
        _time("agent_interaction_time_ms", "Time the agent spent with the customer of a handled contact."),
        _time("agent_interaction_outbound_time_ms", "Time the agent spent with the customer of an OUTBOUND contact."),
        _time("agent_interaction_and_hold_time_ms", "Interaction and hold together."),
        _time("after_contact_work_time_ms", "After-contact work of a handled contact; 0 when there was none."),
        _time("after_contact_work_outbound_time_ms", "After-contact work of a handled OUTBOUND contact."),
        _flag("is_connected", "the customer's end was connected to the system"),
        _flag(
            "is_abandoned",
            "the contact was queued, not handled, not transferred out by a flow, and has no next contact (but one of "
            "method DISCONNECT)",
        ),
        _flag("is_agent_hung_up_first", "the contact was handled and the agent ended it"),
        _flag("is_handled", "the contact was connected to an agent"),
        _flag("is_handled_incoming", "an incoming contact (INBOUND, TRANSFER, QUEUE_TRANSFER) was handled"),
        _flag("is_handled_outbound", "an OUTBOUND contact was handled"),
        _flag("is_callback_handled", "a CALLBACK contact was handled"),
        _flag("is_api_handled", "a contact of method API was handled"),
        _flag("is_put_on_hold", "the contact was put on hold at least once"),
        _flag(
            "is_hold_disconnect",
            "the contact ended while on hold, by the timeline of its agent's events (0 without such events)",
        ),
        _flag("is_hold_agent_disconnect", "the contact ended while on hold and the agent ended it"),
        _flag("is_hold_customer_disconnect", "the contact ended while on hold and the customer ended it"),
        _flag("is_incoming", "the method is INBOUND, TRANSFER or QUEUE_TRANSFER"),
        _flag("is_callback_contact", "the method is CALLBACK"),
        _flag("is_api_contact", "the method is API, as with new chats"),
        _flag("is_queued", "the contact entered a queue"),
        _flag("is_queued_and_handled", "the contact entered a queue and was handled"),
        _flag("is_transferred_in", "the contact came by transfer (TRANSFER, QUEUE_TRANSFER)"),
        _flag("is_transferred_in_from_handled", "the contact came by an agent's transfer (TRANSFER)"),
        _flag("is_transferred_in_from_queued", "the contact came by transfer out of a queue (QUEUE_TRANSFER)"),
        _flag(
            "is_transferred_out",
            "a transfer was completed, or the next contact came by TRANSFER or QUEUE_TRANSFER",
        ),
        _flag("is_transferred_out_from_handled", "the contact was handled and transferred out"),
        _flag("is_transferred_out_from_queued", "the next contact came by QUEUE_TRANSFER and this one was not handled"),
        _flag("is_transferred_out_internal", "the contact was transferred out, but not to an outside address"),
        _flag("is_transferred_out_external", "the contact was transferred out to an outside address"),
        _flag(
            "is_transferred_out_external_from_contact_flow",
            "the contact was transferred to an outside address without having been handled",
        ),
        processed_at(_SUBJECT),
    ),
    primary_key=("instance_id", "contact_id"),
    partition_by="disconnect_timestamp",
    age_column="disconnect_timestamp",
)
