"""New facts, heard of at once where the database can tell; where it can't, whoever waits looks again in time.

On PostgreSQL the trigger on facts notifies. Hearing of it only ever shortens a wait: a notification that is lost
costs no more than the look that would have come anyway.
"""

import threading
from collections.abc import Callable

import psycopg

from domain.refusals import Unavailable
from infrastructure.database.postgres_connection import DriverConnection

CHANNEL = "reservrutin_facts"
REACHED_AGAIN_AFTER = 1.0
"""Seconds between attempts to listen again after the connection was cut."""
LOOKS_UP_EVERY = 0.5
"""Seconds after which the listener notices that it is to stop."""


class Listener:
    """Calls `on_fact` from a thread of its own whenever facts have been committed, until it is stopped."""

    def __init__(self, connect: Callable[[], DriverConnection], on_fact: Callable[[], None]) -> None:
        self._connect = connect
        self._on_fact = on_fact
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                connection = self._connect()
                try:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._on_fact()  # whatever came while nobody listened
                    while not self._stopped.is_set():
                        for _heard in connection.notifies(timeout=LOOKS_UP_EVERY, stop_after=1):
                            self._on_fact()
                finally:
                    connection.close()
            except (Unavailable, psycopg.Error):
                self._stopped.wait(REACHED_AGAIN_AFTER)
