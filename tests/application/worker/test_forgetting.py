"""A worker lives for months: of what is over it remembers nothing. Counted in entries, whoever holds them."""

import asyncio
import gc
import re
from pathlib import Path

import pytest

from application.worker.metrics import Metrics
from application.worker.round import Round
from infrastructure.log import routines
from tests.conftest import on_sqlite
from tests.mailroom import mailroom, port_of_nobody
from tests.terminal import DAY, Terminal

INCIDENTS = 12
FEW = 8
"""Incidents that may be remembered: those that each of three judges keeps on purpose, and the last one told."""

DAY_OF_ITS_OWN = DAY.replace(year=2031)
NUMBER = re.compile(r"2031-\d{4}")
OUTAGE = "outage-detected --scope all-users --system sesam-s2"


@pytest.fixture(autouse=True)
def few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept on purpose is kept of two, so that twelve incidents show it."""
    monkeypatch.setattr(routines, "KEPT", 2)


def remembered() -> set[str]:
    """The numbers of incidents that anything in this process still holds."""
    gc.collect()
    looked_at = gc.get_objects()
    found = set()
    while looked_at:
        held = gc.get_referents(*looked_at)
        held += [key for each in looked_at if type(each) is dict for key in each]
        found |= {each for each in held if type(each) is str and NUMBER.fullmatch(each)}
        looked_at = [each for each in held if type(each) is tuple and not gc.is_tracked(each)]
    return found


def test_many_incidents_opened_told_and_closed_leave_nothing_behind(tmp_path: Path, url: str) -> None:
    with mailroom() as mails:
        terminal = Terminal(tmp_path, url=url, smtp_url=mails.url, day=DAY_OF_ITS_OWN).at("08:10")
        for name in ("anna", "bo"):
            terminal.types(f"subscriber add {name}@example.se --audience staff")
        work = Round(terminal.desk, [Metrics(terminal.desk.database, terminal.desk.now)], at_once=True)
        for _incident in range(INCIDENTS):
            terminal.records(OUTAGE)
            asyncio.run(work.run())
            terminal.records("service-restored --as system-owner --system sesam-s2")
            terminal.records("incident-closed --deviation 'inget mer'")
            asyncio.run(work.run())
        assert len(mails.mails) == INCIDENTS * 2 * 2
        mails.mails.clear()
        assert 1 <= len(remembered()) <= FEW
        terminal.close()


@on_sqlite
def test_a_fact_that_nobody_was_told_after_all_is_forgotten_too(tmp_path: Path, url: str) -> None:
    away = f"smtp://127.0.0.1:{port_of_nobody()}"
    terminal = Terminal(tmp_path, url=url, smtp_url=away, day=DAY_OF_ITS_OWN).at("08:10")
    anna = terminal.types("subscriber add anna@example.se --audience staff --json").json["subscriber"]
    work = Round(terminal.desk, [Metrics(terminal.desk.database, terminal.desk.now)], at_once=True)
    for _incident in range(INCIDENTS):
        terminal.types(f"subscriber resume {anna}")
        terminal.records(OUTAGE)
        assert asyncio.run(work.run()).deferred == 1
        terminal.types(f"subscriber pause {anna}")
        terminal.records("incident-closed --deviation 'inget mer'")
        asyncio.run(work.run())
    assert 1 <= len(remembered()) <= FEW
    terminal.close()
