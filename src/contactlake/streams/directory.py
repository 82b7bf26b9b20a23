"""Directory: what the vendor's API says that an instance has, in documents that ``contactlake fetch`` makes."""

from contactlake.model.stream import Stream

DIRECTORY = Stream(
    name="directory",
    table="directory_resource",
    marks=(frozenset({"contactlakeSnapshot", "resource"}),),
    event_time="fetched_at",
    version="fetched_at",
)
