"""The demo: a day of a simulated contact centre with 60 agents, delivered the way real streams are (with copies,
corrections and damage), then ingested, asked and explained.

Run it with ``make demo``. It writes only to ``demo/``, which it makes anew each time. Everything it does is a command
that is shown before its output, so that any step can be repeated by hand.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
DEMO = Path("demo")
COMMAND = Path(os.path.relpath(sys.executable, HERE)).parent / "contactlake"

CENTRE = ("--agents", "60", "--days", "1", "--seed", "7", "--profile", "messy")

WAITS = """SELECT queue_name AS queue, count(*) AS contacts, round(avg(queue_duration_ms) / 1000, 1) AS mean_wait_s,
       max(queue_duration_ms) / 1000 AS longest_wait_s
FROM contact_record WHERE queue_name IS NOT NULL GROUP BY ALL ORDER BY contacts DESC LIMIT 6"""

HANDLING = """SELECT agent_username AS agent, count(*) AS contacts,
       round(sum(agent_interaction_duration_ms) / 60000, 1) AS talking_min,
       round(sum(agent_after_contact_work_duration_ms) / 60000, 1) AS after_contact_work_min
FROM contact_record WHERE agent_username IS NOT NULL GROUP BY ALL ORDER BY contacts DESC, agent LIMIT 6"""

CORRECTED = """SELECT stream, count(*) AS versions, count(DISTINCT (key_hi, key_lo)) AS records
FROM record_version GROUP BY ALL ORDER BY stream"""


def say(sentence: str) -> None:
    """A heading of the tour."""
    print(f"\n── {sentence}", flush=True)


def run(*arguments: str) -> None:
    """Show a command and its output."""
    shown = shlex.join([str(COMMAND), *arguments]) if "\n" not in arguments[-1] else ""
    print("\n$ " + (shown or f'{COMMAND} {shlex.join(arguments[:-1])} "{arguments[-1]}"'), flush=True)
    subprocess.run([HERE / COMMAND, *arguments], cwd=HERE, check=True)


def main() -> None:
    """The whole tour."""
    shutil.rmtree(HERE / DEMO, ignore_errors=True)
    lake = ("--lake", str(DEMO / "lake"))
    say("Nobody has a contact centre to spare, so here is a simulated one: its streams, as the vendor delivers them.")
    run("simulate", "--out", str(DEMO / "streams"), *CENTRE)
    say("Copies, late corrections and damage included. Take it in.")
    run("ingest", *lake, str(DEMO / "streams"))
    say("Every record is accounted for. What could not become a row is kept with its exact bytes and the reason.")
    run("quarantine", "list", *lake, "--limit", "5", "--format", "csv")
    say("How long did customers wait?")
    run("query", *lake, WAITS)
    say("Who did most?")
    run("query", *lake, HANDLING)
    say("Contact records are delivered again when they change. The table has the newest; the history is kept.")
    run("query", *lake, CORRECTED)
    print(f"""
── Try next

{COMMAND} ingest --lake demo/lake demo/streams      (again: nothing changes)
{COMMAND} status --lake demo/lake
{COMMAND} describe contact_record
{COMMAND} query --lake demo/lake "SELECT * FROM agent_event LIMIT 3" --format json
{COMMAND} ingest --lake lake YOUR-OWN-FILES

README.md has a tour, docs/data-dictionary.md every column, docs/engines.md how other engines read the same tables.""")


if __name__ == "__main__":
    main()
