"""``python -m contactlake`` is ``contactlake``."""

from contactlake.cli import run

if __name__ == "__main__":
    run(prog_name="contactlake")
