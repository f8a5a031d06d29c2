"""Two troubles that are told apart: the log's database is away, and what is derived from the log can't be.

The one is worth trying again and no read model's fault; the other stops nobody, and is named until it is mended.
"""

import sqlite3
from contextlib import closing
from itertools import groupby

import pytest

from application.worker.loop import _round
from application.worker.round import Round
from domain.refusals import Unavailable
from infrastructure.database import sqlite
from infrastructure.log.incident_log import Proposal
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.board import Board
from tests.application.worker.test_wrong_clock import Hears
from tests.conftest import on_sqlite
from tests.given import VO, outage
from tests.terminal import Terminal

AWAY, BROKEN = "Loggen svarar inte", "Läsmodellen {} stannade vid position {}: RuntimeError: trasig"

pytestmark = on_sqlite


@pytest.fixture
def behind(terminal: Terminal) -> Terminal:
    """A log with two outages, of which only the first has been followed; somebody is to be told of both."""
    terminal.types("subscriber add anna@example.se --audience staff")
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    assert terminal.types("worker --once").code == 0
    terminal.desk.log.record(Proposal(outage(), VO, "s-1"))
    return terminal


def stuck(terminal: Terminal) -> dict[str, str | None]:
    """What the log has written down of each that follows it."""
    return dict(terminal.desk.database.connection().execute("SELECT projection, problem FROM tracking").fetchall())


@pytest.fixture(params=[Board, Planner])
def projection(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The read model that raises."""

    def raises(*_: object) -> None:
        raise RuntimeError("trasig")

    monkeypatch.setattr(request.param, "apply", raises)
    name: str = request.param.name
    return name


def test_a_broken_projection_ends_no_command_and_is_named_by_each(behind: Terminal, projection: str) -> None:
    at = (
        behind.desk.database.connection()
        .execute("SELECT position FROM tracking WHERE projection = ?", (projection,))
        .fetchone()[0]
    )
    said = BROKEN.format(projection, at)
    worked = behind.types("worker --once")
    assert (worked.code, said in worked.err, AWAY in worked.err) == (0, True, False)
    board = behind.types("board")
    assert board.code == 0
    assert "2026-0001" in board.out
    assert "2026-0002" in board.out
    assert (said in board.out) == (projection == "board")
    assert stuck(behind)[projection] == "RuntimeError: trasig"
    assert behind.types("record note-added --text Lugnt --incident 1").code == 0


def test_a_database_that_is_away_is_worth_trying_again_and_leaves_no_projection_for_broken(
    behind: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stuck(behind)
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    with closing(sqlite3.connect(behind.desk.database.path, isolation_level=None)) as other:
        behind.desk.database.close()  # whose connections have their patience from before
        other.execute("BEGIN IMMEDIATE")
        for command in ("board", "worker --once", "record note-added --text Lugnt --incident 1"):
            told = behind.types(command)
            assert told.code == 75, command
            assert AWAY in told.err
            assert "Läsmodellen" not in told.out + told.err
        assert behind.desk.board.broken is None
    assert stuck(behind) == before
    assert behind.types("board").code == behind.types("worker --once").code == 0


async def test_a_worker_that_stays_tells_which_of_the_two_it_is_and_when_it_is_over(
    behind: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    hears = Hears()
    work = Round(behind.desk, [hears], at_once=True)

    def raising(error: Exception) -> None:
        def raises(*_: object) -> None:
            raise error

        monkeypatch.setattr(Board, "apply", raises)

    raising(Unavailable("database", problem="connection refused"))
    await _round(work)
    await _round(work)
    raising(RuntimeError("trasig"))
    await _round(work)
    monkeypatch.undo()
    await _round(work)
    heard = [event for event, _ in groupby(hears.heard) if event.startswith(("database", "projection"))]
    assert heard == ["database", "projection", "database-back"]
