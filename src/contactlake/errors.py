"""Errors that a user of contactlake can meet.

    ContactlakeError              anything of ours; exit code 1
    ├── UsageError                a command or setting is wrong; exit code 2
    ├── QueryError                a query was refused or is wrong; exit code 3
    └── StrictError               records went to quarantine in a run with ``--strict``; exit code 4

Each says what failed, where, and what to do next. Belongs to the vocabulary: every stage may raise them.
"""

from __future__ import annotations


class ContactlakeError(Exception):
    """Something failed; the text says what, where and what to do."""

    exit_code = 1


class UsageError(ContactlakeError):
    """A command, option or setting is wrong."""

    exit_code = 2


class QueryError(ContactlakeError):
    """A query was refused or cannot be answered."""

    exit_code = 3


class StrictError(ContactlakeError):
    """Records went to quarantine although the run was strict; everything else was stored."""

    exit_code = 4
