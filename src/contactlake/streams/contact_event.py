"""Contact events: every step of a contact as it happens, each in an event-bus envelope, which is part of the record."""

from contactlake.model.stream import Stream

CONTACT_EVENTS = Stream(
    name="contact-events",
    table="contact_event",
    marks=(frozenset({"detail-type", "source", "detail"}),),
    says=(("source", "aws.connect"), ("detail-type", "Amazon Connect Contact Event")),
    event_time="event_timestamp",
    version="event_timestamp",
    uncolumned=("version",),
)
