"""Each part of the bench runs on both databases, and measures what it says."""

import sys
from pathlib import Path

import pytest

from bench import appends, commands, door, growth, proof, reading
from bench.environments import NotThere, printed
from bench.figures import Figure, Found, Unmeasured
from bench.ground import FIRST_YEAR, PROGRAM, Ground, command, filled, incidents, process, referrals
from infrastructure.integrity.verifying import verify
from infrastructure.log.incident_log import IncidentLog
from tests.mailroom import mailroom

BOTH = {"SQLite", "PostgreSQL"}


def databases(found: list[Found], what: str) -> set[str]:
    """The databases that this was measured on."""
    return {figure.database for figure in found if isinstance(figure, Figure) and figure.what == what}


def test_a_log_is_filled_with_what_the_program_itself_would_have_written(url: str) -> None:
    database = filled(url, incidents(30, 4))
    assert verify(database).problems == []
    assert reading.count_of(database) == 120
    assert command(database, "show")() == 0


def test_an_incident_of_referrals_is_one_that_the_routine_admits(url: str) -> None:
    log = IncidentLog(filled(url, referrals(10)))
    incident = log.incident(log.history(f"{FIRST_YEAR}-0001"))
    assert (incident.received, incident.entered) == (10, 8)
    assert not incident.irregularities


def test_a_process_is_timed_alone_and_its_memory_is_its_own(tmp_path: Path) -> None:
    """However much memory has the process that starts it."""
    ballast = bytearray(200 << 20)
    done = process((sys.executable, "-c", "print('here')"))
    assert len(ballast) / (1 << 20) > done.peak > 1
    assert done.said == "here\n"
    assert 0 < done.cpu < done.seconds + 1


def test_a_process_that_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 3: nothing here"):
        process((sys.executable, "-c", "import sys; print('nothing here'); sys.exit(3)"))
    with pytest.raises(RuntimeError, match="show 9 ended with 3"):
        command(filled(f"sqlite:///{tmp_path / 'log.sqlite'}", incidents(1)), "show", "9")()


def test_what_is_timed_is_the_script_that_people_run() -> None:
    assert PROGRAM.name == "reservrutin"
    assert process((PROGRAM, "--version")).said.startswith("reservrutin")


@pytest.mark.long
def test_appends_are_measured_beside_the_bare_driver(tiny: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appends, "WRITERS", 2)
    monkeypatch.setattr(appends, "peers_python", lambda: Path(sys.executable))
    found = list(appends.measure(tiny))
    for writers in ("1 writer", "2 writers"):
        assert databases(found, f"fact store, with evidence, {writers}") == BOTH
    assert databases(found, "eventsourcing, its own module") >= {"SQLite"}
    assert databases(found, "an append with its leaf of the tree") == BOTH
    raw = [figure for figure in found if isinstance(figure, Figure) and figure.what.startswith("raw driver")]
    assert {figure.ratio for figure in raw} == {1.0}
    [*none] = [one for one in found if isinstance(one, Unmeasured) and "sqlalchemy" in one.what]
    assert all("eventsourcing_sqlalchemy" in one.why for one in none)


@pytest.mark.long
def test_commands_are_measured_beside_a_bare_python(tiny: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {what: commands.COMMANDS[what] for what in ("--help", "record", "review")}
    monkeypatch.setattr(commands, "COMMANDS", few)
    monkeypatch.setattr(commands, "COUNTED", ("--help", "record"))
    monkeypatch.setattr(commands, "IMPORTED", ())
    monkeypatch.setattr(commands, "peers_python", _no_peers)
    found = list(commands.measure(tiny))
    for what in few:
        assert databases(found, what) == databases(found, f"{what}, most memory") == BOTH
    assert databases(found, "sqlite3 and json, bare, one fact") == {"SQLite"}
    counted = {one.what: one for one in found if isinstance(one, Figure) and one.unit == "million"}
    assert counted["record, instructions"].median > counted["--help, instructions"].median > 0 if counted else True
    assert [one.why for one in found if isinstance(one, Unmeasured)] == ["no way to the registry"]


@pytest.mark.long
def test_growth_is_held_against_the_smallest_log(tiny: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "COMMANDS", {"record": growth.COMMANDS["record"]})
    monkeypatch.setattr(growth, "SETTLED", 1.0)
    found = list(growth.measure(tiny))
    figures = {figure.what: figure for figure in found if isinstance(figure, Figure)}
    assert figures["record, 1 incidents"].ratio == 1
    assert figures["record, 1 incidents"].goal is None
    for what in ("record", "record as a function", growth.IDLE):
        for size in ("2 incidents", "2 referrals"):
            assert databases(found, f"{what}, {size}") == BOTH
            has_goal = what == "record" or size == "2 incidents"
            assert figures[f"{what}, {size}"].at_most == (growth.FLAT if has_goal else None)
    assert databases(found, "idle worker, 2 incidents") == BOTH


AS_WRITTEN = "replay --written of the same"


@pytest.mark.long
def test_reading_is_measured_beside_decoding(tiny: Ground) -> None:
    found = list(reading.measure(tiny))
    for what in (
        "a pull that finds nothing new",
        "the board caught up from nothing",
        "… replayed step by step",
        AS_WRITTEN,
    ):
        assert databases(found, what) == BOTH


@pytest.mark.long
def test_proof_is_measured_beside_reading(tiny: Ground) -> None:
    found = list(proof.measure(tiny))
    for what in ("20 facts hashed into the tree", "verify of 20 facts", "verify, most memory"):
        assert databases(found, what) == BOTH


def test_a_peer_that_fails_says_why() -> None:
    with pytest.raises(NotThere, match="ModuleNotFoundError: No module named 'nobody'"):
        printed([sys.executable, "-c", "import nobody"])


def _no_peers() -> Path:
    raise NotThere("no way to the registry")


@pytest.mark.long
def test_the_door_is_measured_beside_a_bare_starlette(tiny: Ground) -> None:
    found = list(door.measure(tiny))
    for what in ("a bare Starlette, GET", "GET /", "POST, a reader leaves", "the door, most memory"):
        assert databases(found, what) == BOTH


def test_an_answer_that_is_no_answer_is_no_figure() -> None:
    with mailroom() as mails, pytest.raises(RuntimeError, match="answered b'220"):
        door.asked(int(mails.url.rpartition(":")[2]), [door.requested("GET", "/")])
