"""The raw streams of the vendor, one module each."""

from contactlake.model.stream import Stream
from contactlake.streams.agent_event import AGENT_EVENTS
from contactlake.streams.contact_record import CONTACT_RECORDS

STREAMS: tuple[Stream, ...] = (AGENT_EVENTS, CONTACT_RECORDS)
"""Every stream that this version knows, in the order in which a record is tried."""
