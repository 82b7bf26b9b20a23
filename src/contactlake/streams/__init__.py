"""The raw streams, one module each: the vendor's, and what was asked of its API."""

from contactlake.model.stream import Stream
from contactlake.streams.agent_event import AGENT_EVENTS
from contactlake.streams.contact_analysis import CONTACT_ANALYSES
from contactlake.streams.contact_evaluation import CONTACT_EVALUATIONS
from contactlake.streams.contact_event import CONTACT_EVENTS
from contactlake.streams.contact_record import CONTACT_RECORDS
from contactlake.streams.directory import DIRECTORY
from contactlake.streams.flow_log import FLOW_LOGS

STREAMS: tuple[Stream, ...] = (
    AGENT_EVENTS,
    CONTACT_RECORDS,
    CONTACT_EVENTS,
    FLOW_LOGS,
    CONTACT_ANALYSES,
    CONTACT_EVALUATIONS,
    DIRECTORY,
)
"""Every stream that this version knows, in the order in which a record is tried."""
