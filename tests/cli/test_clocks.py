"""A clock that does not agree with the order of writing: who looks at the log is told, with both times."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from application.desk import Desk
from infrastructure.database.making import make
from tests import postgres
from tests.conftest import on_sqlite
from tests.empty_log import empty_log
from tests.mailroom import mailroom
from tests.pseudo_terminal import Screen
from tests.terminal import Terminal

OUTAGE = "outage-detected --scope all-users --system sesam-s2"
CONTACT = "system-owner-contacted --outcome reached"


@pytest.fixture
def behind(terminal: Terminal) -> Terminal:
    """At 08:05 an outage; then a second desk whose clock says 07:59, and a note by one that is right."""
    terminal.at("08:05").records(OUTAGE)
    terminal.at("07:59").records(f"{CONTACT} --incident 1")
    terminal.at("08:10").records("note-added --text 'Lugnt i växeln' --incident 1")
    return terminal


def test_verify_names_the_entry_with_both_times_and_ends_with_6(behind: Terminal) -> None:
    reply = behind.types("--lang en verify")
    assert reply.code == 6
    said = " ".join(reply.out.split())
    assert "Position 2: It was recorded 2026-12-07 07:59:00 CET by its clock" in said
    assert "position 1, recorded 2026-12-07 08:05:00 CET" in said
    document = behind.types("verify --json").json
    assert [(p["position"], p["reason"]) for p in document["problems"]] == [(2, "clock-set-back")]
    assert document["ok"] is False


def test_review_and_every_replay_name_it_with_both_times(behind: Terminal) -> None:
    said = " ".join(behind.types("--lang en review 1").out.split())
    assert "Clock, entry 2: It was recorded 2026-12-07 07:59:00 CET" in said
    both = {"entry": 2, "position": 2, "recorded_at": "2026-12-07T06:59:00Z", "after": 1}
    both["newest"] = "2026-12-07T07:05:00Z"
    assert behind.types("review 1 --json").json["clocks"] == [both]
    for how in ("", "--written", "--known-at 08:10", "--as-of 08:10"):
        steps = behind.types(f"replay 1 {how} --json").json
        assert [step["clocks"] for step in steps if step["entry"] == 2] == [[both]]
        assert not any(step["clocks"] for step in steps if step["entry"] != 2)
        told = " ".join(behind.types(f"--lang en replay 1 {how}").out.split())
        assert "recorded 2026-12-07 07:59:00 CET by its clock" in told
        assert "recorded 2026-12-07 08:05:00 CET" in told


def test_what_was_written_after_what_was_recorded_later_was_not_known_and_that_is_said(terminal: Terminal) -> None:
    """What is proved is the order of the whole log: the later one stands in another incident."""
    terminal.at("08:05").records(OUTAGE)
    terminal.at("12:00").records(f"{OUTAGE} --incident new --note 'En annan'")
    terminal.at("11:30").records("prognosis-received --restored-by 14:00 --incident 1")
    terminal.at("13:00")
    for command in ("replay 1 --known-at 11:45", "replay 1 --known-at 11:45 --written", "review 1 --known-at 11:45"):
        reply = terminal.types(f"--lang en {command}")
        assert "Left out: entry 2" in " ".join(reply.out.split()), command
        assert "14:00" not in reply.out, command
    assert "Left out: entry 2" in " ".join(terminal.types("--lang en due 1 --known-at 11:45").out.split())
    assert [step["entry"] for step in terminal.types("replay 1 --known-at 11:45 --json").json] == [1]
    assert [step["entry"] for step in terminal.types("replay 1 --known-at 12:00 --json").json] == [1, 2]


def test_those_that_a_clock_ahead_left_behind_are_named_together(terminal: Terminal) -> None:
    terminal.at("12:00").records(OUTAGE)
    for minute in (5, 6, 7):
        terminal.at(f"08:0{minute}").records("note-added --text 'Lugnt i växeln' --incident 1 --at 08:00")
    [problem] = terminal.at("12:10").types("--lang en verify --json").json["problems"]
    assert (problem["position"], problem["reason"]) == (2, "clocks-set-back")
    assert "3 facts up to position 4" in problem["problem"]
    assert "entries 2 to 4" in terminal.types("--lang en review 1").out


@on_sqlite
def test_a_correction_that_places_an_entry_after_it_was_recorded_is_flagged_wherever_it_is_read(
    terminal: Terminal,
) -> None:
    terminal.at("08:10").records(OUTAGE)
    terminal.at("12:00").records(f"{CONTACT} --at 11:50")
    correct = "record entry-corrected --incident 1 --entry 1 --reason fel --occurred-at"
    assert terminal.types(f"{correct} 08:05 --json").json["flags"] == []
    said = "Entry 1 is said to have happened 2026-12-07 09:30:00 CET, after it was recorded, 2026-12-07 08:10:00 CET"
    tried = terminal.types(f"--lang en {correct} 09:30 --dry-run")
    assert (tried.code, said in " ".join(tried.out.split())) == (0, True), "told before it is written"
    assert terminal.types(f"{correct} 09:30 --json").json["flags"] == ["placed-after"], "and not refused"
    both = {"entry": 4, "of": 1, "occurred_at": "2026-12-07T08:30:00Z", "recorded_at": "2026-12-07T07:10:00Z"}
    assert terminal.types("review 1 --json").json["placed_after"] == [both]
    assert f"Clock, entry 4: {said}" in " ".join(terminal.types("--lang en review 1").out.split())
    for how in ("", "--written"):
        steps = terminal.types(f"replay 1 {how} --json").json
        assert [(step["entry"], step["placed_after"]) for step in steps if step["placed_after"]] == [(4, [both])]
        assert said in " ".join(terminal.types(f"--lang en replay 1 {how}").out.split())


BEHIND = "This computer's clock is 6 min behind the log's newest entry"


@on_sqlite
def test_whoever_records_with_a_clock_behind_the_log_is_told_and_refused_nothing_true(terminal: Terminal) -> None:
    terminal.at("08:05").records(OUTAGE)
    terminal.at("07:59")
    for line in (f"record {CONTACT} --at 08:06", "record note-added --text Lugnt", "board", "due"):
        reply = terminal.types(f"--lang en {line}")
        assert (reply.code, reply.err) == (0, ""), line
        assert BEHIND in " ".join(reply.out.split()), line
        in_json = terminal.types(f"--lang en {line} --json")
        assert in_json.json is not None
        assert BEHIND in " ".join(in_json.err.split()), line
    assert [step["recorded_at"] for step in terminal.types("log 1 --json").json][1:] == ["2026-12-07T06:59:00Z"] * 4
    assert terminal.types("record note-added --text Snart --at 09:06").code == 2, "more than an hour on it is a slip"
    assert BEHIND not in terminal.at("08:06").types("--lang en board").out


def test_at_a_terminal_it_is_told_before_anything_is_asked_or_written(tmp_path: Path) -> None:
    (tmp_path / "reservrutin").mkdir()
    ahead = Terminal(tmp_path / "reservrutin").on(datetime.now(UTC) + timedelta(minutes=30))
    ahead.desk.settings = replace(ahead.settings, database_url=empty_log(tmp_path / "reservrutin/reservrutin.sqlite"))
    ahead.records(OUTAGE)
    ahead.close()
    screen = Screen(tmp_path, "record note-added")
    screen.until("Den här datorns klocka går 30 min efter loggens senaste post")
    screen.until("Text")
    screen.types("Lugnt\n")
    screen.until("Skrivet")
    screen.until("klocka går 30 min efter")
    assert screen.ends() == 0


@on_sqlite
def test_a_time_ahead_of_a_clock_that_nothing_speaks_against_is_refused_as_ever(terminal: Terminal) -> None:
    terminal.at("08:05").records(OUTAGE)
    assert terminal.types("record note-added --text Snart --at 08:06").code == 2


@on_sqlite
def test_a_mail_says_as_of_when_the_log_held_no_more_and_what_is_written_later_is_held_against_it(
    terminal: Terminal, tmp_path: Path
) -> None:
    settings = replace(terminal.settings, signing_key_file=tmp_path / "signing.key", log_origin="logg.example.se")
    terminal.desk.settings = settings
    terminal.types("keys create")
    terminal.types("subscriber add anna@example.se --audience staff")
    terminal.at("11:00").records(OUTAGE)
    with mailroom() as room:
        terminal.desk.settings = replace(settings, mail_server=room.server())
        assert terminal.at("11:30").types("worker --once").code == 0
        [wire] = room.raw
    kept = tmp_path / "ett.eml"
    kept.write_bytes(wire)
    assert b"X-Reservrutin-Checkpoint-Date: Mon, 07 Dec 2026 11:30:00 +0100" in wire
    terminal.at("11:31").records("note-added --text 'Lugnt i växeln'")
    assert terminal.types(f"verify --against {kept} --json").json["problems"] == [], "an honest log"
    kept.write_bytes(wire.replace(b"-Date: Mon, 07 Dec 2026 11:30", b"-Date: Mon, 07 Dec 2026 11:45"))
    [problem] = terminal.types(f"--lang en verify --against {kept} --json").json["problems"]
    assert (problem["position"], problem["reason"]) == (5, "clocks-before-mail")
    assert "2026-12-07 11:30:00 CET" in problem["problem"]
    assert "ett.eml had seen 2026-12-07 11:45:00 CET, up to position 4" in problem["problem"]
    read = terminal.types(f"witness read {kept} --json")
    assert (read.code, read.json["ok"], read.json["problems"]) == (6, False, terminal.types(
        f"verify --against {kept} --json").json["problems"])  # fmt: skip
    with mailroom() as room:
        terminal.desk.settings = replace(settings, signing_key_file=None, mail_server=room.server())
        terminal.at("11:50").types("worker --once")
        [mail, *_more] = room.mails
    assert mail["X-Reservrutin-Checkpoint"]
    assert mail["X-Reservrutin-Checkpoint-Date"] is None, "the log may hold more than another machine has signed for"


@pytest.fixture(params=[8, -8])
def elsewhere(request: pytest.FixtureRequest, postgresql_url: str, tmp_path: Path) -> Iterator[tuple[Terminal, int]]:
    """A desk whose clock is so many minutes behind the server's, or ahead of it: the server shows another time."""
    name = postgresql_url.rpartition("/")[2].partition("?")[0]
    with postgres.administering(postgresql_url) as line:
        line.execute(
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
            f"$$ SELECT pg_catalog.clock_timestamp() + interval '{request.param} minutes' $$"
        )
        line.execute(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')
        make(postgresql_url)
        line.execute("ALTER FUNCTION append_facts SET search_path = public, pg_catalog")  # it looks at no other's clock
    opened = Terminal(tmp_path, url=postgresql_url)
    opened.desk = Desk(opened.settings)  # type: ignore[assignment]  # by the clocks as they are
    yield opened, request.param
    opened.close()


def test_on_a_server_its_clock_is_the_logs_and_a_desk_that_is_off_is_told(elsewhere: tuple[Terminal, int]) -> None:
    terminal, minutes = elsewhere
    there = datetime.now(UTC) + timedelta(minutes=minutes)
    at = f"{there:%Y-%m-%dT%H:%M:%SZ}"
    which = "behind the log's" if minutes > 0 else "ahead of the log's"
    for line in (f"record {OUTAGE} --at {at}", "record note-added --text Lugnt --at -0m", "board", "due"):
        reply = terminal.types(f"--lang en {line}")
        assert (reply.code, reply.err) == (0, ""), line
        assert f"This computer's clock is 8 min {which}" in " ".join(reply.out.split()), line
    first, second = terminal.types("log 1 --json").json
    assert first["occurred_at"] == at
    for entry in (first, second):
        off = datetime.fromisoformat(entry["recorded_at"]) - there
        assert timedelta(seconds=-1) < off < timedelta(minutes=1), "recorded by the server's clock"
    late = datetime.fromisoformat(second["recorded_at"]) - datetime.fromisoformat(second["occurred_at"])
    assert timedelta(0) <= late < timedelta(minutes=1), "and what happens now by it too"
    assert terminal.types("verify --json").json["problems"] == []
