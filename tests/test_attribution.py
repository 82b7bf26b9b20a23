"""Every cell of the statistics of any history adds up: its parts, found in the stored spans alone, give its value."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from functools import cache, partial
from pathlib import Path

import pytest

from contactlake.attribution import Agent
from contactlake.config import Settings
from contactlake.explaining import KEYS, Explainer, measures, ms, spans_of
from contactlake.tables import BY_NAME
from tests.agent_histories import batches
from tests.agent_statistics_sql import apart, connect, sql_rows
from tests.lakes import SPANS
from tests.reference.agent_statistics import number_statuses
from tests.reference.agent_timelines import Rules, in_order, read_event


@pytest.fixture(scope="module")
def con():
    with connect() as connection:
        yield connection


class Answer:
    """What a query is answered with."""

    def __init__(self, relation):
        self.arrow = relation.to_arrow_table

    def rows(self):
        return self.arrow().to_pylist()


def agents_of(con, events, rules):
    """By agent: the stored spans as an explainer reads them, and the configuration of the agent's last event."""
    statuses, contacts, unordered = defaultdict(list), defaultdict(list), defaultdict(list)
    for query, by_agent in zip(spans_of("TRUE"), (statuses, contacts), strict=True):
        for span in Answer(con.sql(query)).rows():
            by_agent[span["instance_id"], span["user_id"]].append(span)
    for event in filter(None, map(read_event, events)):
        unordered[event["agent"]].append(event)
    numbers = defaultdict(dict)
    for row in Answer(con.sql("FROM agent_status")).rows():
        numbers[row["instance_id"]][row["status_id"]] = row["number"]
    return {
        agent: Agent(
            statuses=statuses[agent],
            contacts=contacts[agent],
            last_configuration=cache(partial(last_configuration, some)),
            numbers=numbers[agent[0]],
            contacts_handled=rules.contacts_handled,
            idle_includes_ringing=rules.idle_includes_ringing,
        )
        for agent, some in unordered.items()
    }


def last_configuration(unordered):
    """The configuration of the last of an agent's events."""
    return in_order(unordered)[-1]["config"]


def unexplained(con, events, rules):
    """The cells whose parts do not give their value, and the parts that do not belong to their row."""
    shown = [e for e in map(read_event, events) if e is not None]
    sql_rows(con, events, rules, number_statuses(shown, []))
    for table in SPANS:
        key = ", ".join(BY_NAME[table].primary_key)
        assert con.sql(f"SELECT {key} FROM {table} GROUP BY ALL HAVING count(*) > 1").fetchall() == []
    con.execute("CREATE OR REPLACE TEMP VIEW agent_event AS FROM given_events")
    con.execute("CREATE OR REPLACE TEMP VIEW agent_status AS FROM given_numbers")
    agents, found = agents_of(con, events, rules), []
    for table in KEYS:
        for row in Answer(con.sql(f"FROM {table}")).rows():
            start, end = ms(row["interval_start_time"]), ms(row["interval_end_time"])
            agent = agents[row["instance_id"], row["user_id"]]
            for column in measures(table):
                if column.startswith("custom_") and not row[column] and int(column[-2:]) > len(agent.numbers):
                    continue  # no status has this number: to look for its time fifty times a row would take long
                parts = agent.parts({**row, "start": start, "end": end}, column)
                if sum(p.amount for p in parts) != row[column]:
                    found.append((table, column, start, row[column], [(p.start, p.end) for p in parts]))
                found += [(table, column, start, p) for p in parts if not sound(p, start, end)]
    return found, agents


def sound(part, start, end):
    """A stretch of time within the row's interval, or a moment in it, with the spans that hold then."""
    spans = [*part.contacts, *([part.status] if part.status else [])]
    return (
        start <= part.start <= part.end <= end
        and part.start < end
        and part.amount == (part.end - part.start or 1)
        and spans
        and all(s["opened_by"] and s["closed_by"] for s in spans)
        and (part.start == part.end or all(s["start"] <= part.start and part.end <= s["end"] for s in spans))
    )


def adds_up(con, seed_value):
    chance = random.Random(seed_value)

    def check(some, rules):
        events = apart(some)
        found, agents = unexplained(con, events, rules)
        if found:
            least = next(h for h in some if unexplained(con, h, rules)[0])
            for event in list(least):
                fewer = [e for e in least if e is not event]
                least = fewer if unexplained(con, fewer, rules)[0] else least
            pytest.fail(f"{rules}\n{least}\n{unexplained(con, least, rules)[0]}")
        settings = Settings(contacts_handled=rules.contacts_handled, idle_includes_ringing=rules.idle_includes_ringing)
        explainer = Explainer(lambda sql: Answer(con.sql(sql)), settings)
        for agent in chance.sample(sorted(agents), min(3, len(agents))):
            read, given = explainer.agent(*agent), agents[agent]
            assert (read.statuses, read.contacts, read.numbers) == (given.statuses, given.contacts, given.numbers)
            assert read.last_configuration() == given.last_configuration()

    return check


def test_every_cell_adds_up(con):
    batches(90, 45, adds_up(con, 2), 2)


def test_a_contact_that_comes_back_is_counted_where_it_was_first(con):
    """Gone in the millisecond of its coming, and shown again later: both times it begins then, the later time in an
    earlier place among the events of its millisecond."""
    events = json.loads((Path(__file__).parent / "golden" / "contact_that_comes_back.json").read_text())
    assert unexplained(con, events, Rules(15, 60_000, True, "routed"))[0] == []


@pytest.mark.soak
@pytest.mark.parametrize("number", range(10))
def test_every_cell_adds_up_long(con, number):
    batches(2_000, 100, adds_up(con, number), number)
