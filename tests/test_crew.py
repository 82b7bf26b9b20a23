"""What works side by side ends together: when one fails, the others do not go on."""

import os
import signal
import threading
import time

import duckdb
import pytest

from contactlake.build.crew import Crew

LONG = "SELECT SUM(a.range * b.range % 7) FROM RANGE(1_000_000) AS a, RANGE(100_000) AS b"


def long(own, _=None):
    own.execute(LONG).fetchall()


def nested(own):
    with Crew(own) as crew:
        crew.side_by_side(long, range(3))


def between_queries(own):
    time.sleep(0.3)
    long(own)


@pytest.fixture
def con():
    with duckdb.connect(config={"threads": 2}) as con:
        yield con


@pytest.mark.parametrize("other", [long, nested, between_queries])
@pytest.mark.parametrize("first", [True, False])
def test_what_fails_ends_the_others(con, other, first):
    def failing(own):
        time.sleep(0.1)
        raise LookupError("not there")

    works = [failing, other] if first else [other, failing]
    begun = time.monotonic()
    with pytest.raises(LookupError, match="not there"), Crew(con) as crew:
        crew.side_by_side(lambda own, work: work(own), [*works, long, long])
    assert time.monotonic() - begun < 20  # the query alone takes minutes
    assert con.execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.parametrize("work", [long, nested, between_queries])
def test_an_interrupt_ends_all(con, work):
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    begun = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt), Crew(con) as crew:
        crew.side_by_side(lambda own, work: work(own), [work, work, work])
    assert time.monotonic() - begun < 20
