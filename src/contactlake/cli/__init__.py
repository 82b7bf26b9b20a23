"""The command line. Parsing is here and in ``commands``; how things look is in ``render``."""

from contactlake.cli.commands import main as main
