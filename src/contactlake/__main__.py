"""``python -m contactlake`` is ``contactlake``."""

from contactlake.cli import main

if __name__ == "__main__":
    main(prog_name="contactlake")
