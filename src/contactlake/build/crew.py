"""Connections to one database that work at the same time. Never names a table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TypeVar

import duckdb

AT_ONCE = 2
"""How many work at a time: each takes memory."""

Item = TypeVar("Item")

_AGAIN = 0.05  # seconds
_working: dict[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection] = {}  # for which connection's crew
_lock = threading.RLock()


class Crew:
    """Connections to one database that work side by side: each has what is temporary for itself.

    To be used in a ``with``, after which the database has its threads again.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._threads = con.execute("SELECT CAST(CURRENT_SETTING('threads') AS BIGINT)").fetchall()[0][0]

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.execute(f"SET threads = {self._threads}")

    def side_by_side(
        self, work: Callable[[duckdb.DuckDBPyConnection, Item], None], items: Iterable[Item], width: int = AT_ONCE
    ) -> None:
        """Do ``work`` for every item, for ``width`` of them at a time, each on a connection of its own.

        They begin in the order given. Where one fails, the others are interrupted, wherever they are."""

        def alone(item: Item) -> None:
            with self.con.cursor() as own:
                with _lock:
                    _working[own] = self.con
                try:
                    work(own, item)
                finally:
                    with _lock:
                        del _working[own]

        begun: list[Future[None]] = []
        with ThreadPoolExecutor(width) as pool:
            try:
                for item in items:
                    begun.append(pool.submit(alone, item))
                wait(begun, return_when=FIRST_EXCEPTION)
                for one in begun:
                    if one.done():
                        one.result()
            except BaseException:  # nobody waits for what would not be used
                for one in reversed(begun):  # what came later may wait for what came before, not the other way round
                    one.cancel()
                while not all(one.done() for one in begun):
                    _interrupt(self.con)
                    wait(begun, timeout=_AGAIN)  # between two queries, nothing is interrupted
                raise

    def at_once(
        self, work: Callable[[duckdb.DuckDBPyConnection, Item], None], items: Iterable[Item], width: int = AT_ONCE
    ) -> None:
        """The same for steps that are alike, and too small to keep several threads busy."""
        waiting = list(items)
        self.leave_threads(min(width, len(waiting)))
        self.side_by_side(work, waiting, width)

    def leave_threads(self, connections: int) -> None:
        """The database has so many threads fewer as ``connections`` bring: more than it was given would stand in each
        other's way. (To change them takes a while: what is free is given back then.)"""
        self.con.execute(f"SET threads = {max(1, self._threads + 1 - max(1, connections))}")


def _interrupt(con: duckdb.DuckDBPyConnection) -> None:
    """Interrupt what is done for a connection's crew, and for the crews of those."""
    with _lock:
        for own in [own for own, of in _working.items() if of is con]:
            own.interrupt()
            _interrupt(own)
