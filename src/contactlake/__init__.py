"""contactlake: the contact-centre data lake that its user owns.

>>> import contactlake
>>> lake = contactlake.open("lake")
>>> summary = lake.ingest("streams/")
>>> lake.query("SELECT count(*) FROM agent_event").arrow()
"""

from contactlake.errors import ContactlakeError, QueryError, StrictError, UsageError
from contactlake.lake import Lake, open

__version__ = "0.1.0"
__all__ = ["ContactlakeError", "Lake", "QueryError", "StrictError", "UsageError", "open"]
