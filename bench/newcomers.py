"""An activation while many subscribe: a real worker, a real mail server, somebody who registers them one after another.

`python -m bench.newcomers URL COUNT` registers so many.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from bench.ground import DESK, NOTE, OUTAGE, PROGRAM, environment, process, timed
from bench.house import SENDER, subscribed
from domain.vocabulary import Audience
from infrastructure.database.database import Database
from infrastructure.database.making import make
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.registers.subscribers import Subscribers

WITHIN = 300.0
"""Seconds that the mail is waited for."""

ACTIVATION = ("reserve-routine-activated", "--deviation", "IT säger minst åtta timmar", "--as", DESK.value)
OF_THE_ACTIVATION = """
SELECT count(*), max(sent_at) FROM deliveries
WHERE state = 'sent' AND NOT summary AND fact = 'reserve-routine-activated'
"""


class Rush(NamedTuple):
    """Seconds from the activation's recording to the last of its mails, and the longest that a fact took to be written
    meanwhile."""

    last_mail: float
    longest_fact: float


def rush(url: str, port: int, count: int, newcomers: int) -> Rush:
    """So many are told of an outage and then of the activation, while so many others are registered."""
    database = subscribed(url, count)
    log = IncidentLog(database)
    incident = log.record(Proposal(OUTAGE, DESK, "s-1")).recorded.incident
    mail = {"RESERVRUTIN_SMTP_URL": f"smtp://127.0.0.1:{port}", "RESERVRUTIN_MAIL_FROM": SENDER}
    process((PROGRAM, "worker", "--once", "--json"), url, settings=mail)
    around = environment(url) | mail
    worker = subprocess.Popen((PROGRAM, "worker"), env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    adding = subprocess.Popen((sys.executable, "-m", "bench.newcomers", url, str(newcomers)))
    try:
        _until(lambda: len(Subscribers(database).all()) > count + newcomers // 10)
        process((PROGRAM, "record", *ACTIVATION), url)
        recorded_at = log.histories.history(incident)[-1].recorded_at
        longest = 0.0

        def is_told() -> bool:
            nonlocal longest
            longest = max(longest, timed(lambda: log.record(Proposal(NOTE, DESK, "s-1", incident))))
            sent: int = database.connection().execute(OF_THE_ACTIVATION).fetchone()[0]
            return sent >= count

        _until(is_told)
        _count, last = database.connection().execute(OF_THE_ACTIVATION).fetchone()
        return Rush((datetime.fromisoformat(last) - recorded_at).total_seconds(), longest)
    finally:
        for running in (worker, adding):
            running.terminate()
            running.wait()
        database.close()


def _until(done: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + WITHIN
    while not done():
        if time.monotonic() > give_up_at:
            raise RuntimeError("it did not come about")
        time.sleep(0.25)


if __name__ == "__main__":
    make(sys.argv[1])
    register = Subscribers(Database(sys.argv[1]))
    for number in range(int(sys.argv[2])):
        register.add(f"n{number}@example.se", Audience.STAFF, (), (), "sv")
