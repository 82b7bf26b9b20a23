"""Contact analysis: what Contact Lens found in one conversation, one file per analysis and one more if it is redacted.

The file's name tells what the document may not: ``<contact>_analysis_<time>.json``, and
``<contact>_analysis_redacted_<time>.json`` for the redacted twin.
"""

from contactlake.model.stream import Stream

_COLON = r"(?:[:_-]|%3[Aa])?"

CONTACT_ANALYSES = Stream(
    name="contact-analysis",
    table="contact_analysis",
    marks=(
        frozenset({"ConversationCharacteristics"}),
        frozenset({"CustomerMetadata", "JobStatus"}),
        frozenset({"LanguageCode", "JobStatus"}),
        frozenset({"Participants", "Transcript"}),
        frozenset({"Categories", "Transcript"}),
    ),
    never=frozenset({"ContactFlowId", "CurrentAgentSnapshot", "AWSContactTraceRecordFormatVersion"}),
    event_time="analysed_at",
    version="analysed_at",
    name_pattern=(
        r"(?:^|[\\/])(?P<contact>[0-9A-Za-z-]+)_analysis(?:_(?P<redacted>redacted))?"
        rf"(?:_(?P<time>\d{{4}}-\d\d-\d\dT\d\d{_COLON}\d\d{_COLON}\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?))?(?![0-9A-Za-z])"
    ),
)
