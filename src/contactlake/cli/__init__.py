"""The command line. Parsing is here and in ``commands``; how things look is in ``render``."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import Any

from contactlake.cli.commands import main as main


def run(**given: Any) -> None:
    """The command as a process of its own (``given``: arguments for click).

    It hands over what it has printed, does what is registered for its end, and then ends at once: to take apart all
    that was loaded costs a quarter of a second after an ingest, and gives nobody anything.
    """
    gc.set_threshold(100_000)  # what is loaded is no garbage: looking through it takes a tenth of a small ingest
    try:
        main(**given)
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        try:
            for stream in (sys.stdout, sys.stderr):
                if not stream.closed:
                    stream.flush()
        except OSError:  # nobody reads it: as Python says it
            raise end from None
        atexit._run_exitfuncs()
        os._exit(end.code)
