"""`replay` as it is read: by which clock, what each step says, and that a part replayed is what `show` showed then."""

import random
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from typing import Any

import click
import pytest

from tests.docs.pictures import Terminals
from tests.terminal import DAY, Terminal

COMMANDS = (
    "outage-detected --incident 1 --scope local --system websesam",
    "outage-detected --incident 1 --scope region-wide --system sesam-s2",
    "scope-reclassified --scope all-users --reason bilden",
    "system-owner-contacted --outcome no-answer",
    "unit-manager-contacted --outcome reached",
    "supplier-contacted --outcome reached",
    "instruction-received --text papper",
    "prognosis-received --restored-by +90m",
    "prognosis-received --restored-by +10m",
    "prognosis-withdrawn --reason oklart",
    "activation-deferred --reason snart --until +60m",
    "reserve-routine-activated --deviation 'vi väntar inte'",
    "reserve-routine-deactivated --deviation 'det gick inte'",
    "referral-received --serial OT-1",
    "referral-received --serial OT-2",
    "referral-set-aside --serial OT-1 --reason duplicate",
    "service-restored --system sesam-s2 --system websesam --system visma-websesam",
    "service-restored --system sesam-s2",
    "callers-informed --count 3",
    "incident-closed --deviation 'klart ändå'",
    "incident-reopened --reason 'mer papper'",
)
WEIGHTS = [1 if "closed" in command else 8 for command in COMMANDS]


@pytest.mark.parametrize("seed", range(8))
def test_replaying_a_part_gives_the_status_that_show_gave_then(terminal: Terminal, seed: int) -> None:
    """Facts of every kind, back-dated and corrected at will; `show` is asked after each, and the replay afterwards."""
    dice = random.Random(seed)  # noqa: S311 - a day of its own for each seed
    now = DAY + timedelta(hours=6)
    terminal.on(now).records("outage-detected --scope all-users --system sesam-s2")
    shown: list[tuple[datetime, Any]] = [(now, terminal.status("1"))]
    for _ in range(45):
        now += timedelta(minutes=dice.choice([1, 5, 20, 60]))
        ago = dice.choice([0, 0, 0, 3, 45, 200])
        line = f"{dice.choices(COMMANDS, WEIGHTS)[0]} --at -{ago}m"
        if dice.random() < 0.2:
            entry, when = dice.randint(1, len(shown)), dice.choice([5, 30, 180])
            line = f"entry-corrected --entry {entry} --occurred-at -{when}m --reason fel"
        as_ = "--as vo-hjalpmedel" if "reopened" in line else ""
        if terminal.on(now).types(f"record {line} {as_}").code == 0:
            shown.append((now, terminal.status("1")))
    assert len(shown) > 12
    terminal.on(now + timedelta(days=40))
    written = terminal.types("replay 2026-0001 --written --json").json
    assert [step["status"] for step in written] == [status for _, status in shown]
    for entry, (moment, status) in enumerate(shown, 1):
        for limit in (f"--to-entry {entry}", f"--known-at {moment.isoformat()}"):
            last = terminal.types(f"replay 2026-0001 {limit} --json").json[-1]
            assert last["status"] == status, f"entry {entry}, {limit}"
    assert terminal.types("replay 2026-0001 --json").json[-1]["status"] == terminal.status("2026-0001")


@pytest.fixture
def day(terminal: Terminal) -> Terminal:
    """An outage with a prognosis that was written down long after it came."""
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    terminal.at("08:25").records("system-owner-contacted --outcome reached")
    terminal.at("11:45").records("prognosis-received --restored-by 13:00 --at 11:30")
    terminal.at("11:50").records("referral-received --serial OT-1")
    return terminal.at("12:30")


def test_each_limit_is_said_with_the_clock_it_is_meant_by(day: Terminal) -> None:
    def heading(limits: str, lang: str = "sv") -> str:
        return " ".join(day.types(f"replay 1 {limits} --lang {lang}").out.split("\n2026-12-07\n")[0].split())

    assert heading("") == "2026-0001 så som det hände, enligt det som är känt nu"
    assert heading("--as-of 11:35") == "2026-0001 det som hade hänt 2026-12-07 11:35 CET, enligt det som är känt nu"
    assert heading("--known-at 11:35") == "2026-0001 så som det hände, enligt det som var känt 2026-12-07 11:35 CET"
    both = "2026-0001 what had happened 2026-12-07 11:35 CET, by what was known 2026-12-07 11:50 CET, entries up to 3"
    assert heading("--as-of 11:35 --known-at 11:50 --to-entry 3", "en") == both
    assert "så som det skrevs" in heading("--written")


def test_a_step_says_in_words_what_it_changed_began_fulfilled_and_how_late_it_was_written(day: Terminal) -> None:
    told = " ".join(day.types("replay 1").out.split())
    assert "Läge status pågår; ska aktiveras 12:05 CET" in told
    assert "Börjar Anmäl till systemansvarig – VO Hjälpmedel, senast 08:20 CET (SR-061)" in told
    assert "Gjort Anmäl till systemansvarig, 5 min försenat (SR-061)" in told
    assert "Sent" not in told, "a quarter of an hour is within what the routine takes for at once"
    assert "registrerat 11:45 CET, 15 min senare" in told
    assert "mottagna remisser 0 → 1, kvar 0 → 1" in told
    assert "Obs papper medan reservrutinen inte är aktiv" in told
    day.types("record callers-informed --count 2 --at 09:00")
    assert "Sent registrerat 12:30 CET, 3 h 30 min senare" in " ".join(day.types("replay 1").out.split())


def test_what_is_asked_about_a_moment_ends_with_what_show_said_then(terminal: Terminal) -> None:
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    shown = terminal.at("11:40").types("show 1").out
    terminal.at("11:45").records("prognosis-received --restored-by 13:00 --at 11:30")
    asked = terminal.at("15:00").types("replay 1 --known-at 11:40").out
    assert asked.endswith(f"Så stod det till 2026-12-07 11:40 CET:\n{shown}")
    by_today = terminal.types("replay 1 --as-of 11:40").out
    assert "fungerar igen senast 13:00 CET" in by_today
    assert "Så stod det till" not in terminal.types("replay 1").out


def test_every_line_fits_a_terminal_of_eighty_columns(day: Terminal) -> None:
    day.types("record entry-corrected --entry 2 --occurred-at 08:10 --reason 'klockan i receptionen går fel'")
    for line in ("replay 1", "replay 1 --written", "replay 1 --as-of 11:31 --known-at 11:46 --lang en"):
        assert max(map(len, day.types(line).out.splitlines())) <= 80


def test_the_json_says_what_the_words_say(day: Terminal) -> None:
    first, second, third, fourth = day.types("replay 1 --json").json
    assert first["changed"]["status"] == {"before": None, "after": "ongoing", "by_time": False}
    begun = {duty["duty"]: duty["due_at"] for duty in first["duties_started"]}
    assert begun["report-to-system-owner"] == "2026-12-07T07:20:00Z"
    [done] = second["duties_fulfilled"]
    assert (done["duty"], done["verdict"], done["late_seconds"]) == ("report-to-system-owner", "late", 300)
    assert third["changed"]["prognosis"]["after"] == "2026-12-07T12:00:00Z"
    assert third["status_at"] == third["occurred_at"]
    assert fourth["status_at"] == "2026-12-07T11:30:00Z", "the last one is as it stands at the moment asked for"
    assert [odd["code"] for odd in fourth["flags"]] == ["paper-without-reserve-routine"]
    assert [step["told"] for step in (first, second, third, fourth)] == [[], [], [], []]


def test_the_order_of_writing_can_not_be_limited_by_the_other_clock(day: Terminal) -> None:
    reply = day.types("replay 1 --written --as-of 11:40")
    assert reply.code == 2
    assert "--known-at" in reply.err


@pytest.fixture
def papers(terminal: Terminal) -> Terminal:
    """Ten papers come one after the other and are entered: about one somebody writes a note, one is corrected."""
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2 --at 05:00")
    terminal.at("10:00").records("reserve-routine-activated")
    for place in range(1, 11):
        terminal.at(f"11:{place:02d}").records(f"referral-received --serial OT-{place}")
    terminal.at("12:00").records("service-restored --system sesam-s2")
    for place in range(1, 11):
        note = "--note oläslig" if place == 5 else ""
        terminal.at(f"13:{place:02d}").records(f"referral-entered --serial OT-{place} --as partner {note}")
    terminal.records("entry-corrected --entry 23 --set reference=88 --reason glömt --as partner")
    return terminal


def on_a_terminal(terminal: Terminal, line: str) -> str:
    with redirect_stdout(Terminals()) as out:
        assert terminal.runs(line) == 0
    return " ".join(click.unstyle(out.getvalue()).split())


def test_alike_papers_fold_to_one_line_on_a_terminal_and_what_deviates_stands_by_itself(papers: Terminal) -> None:
    shown = on_a_terminal(papers, "replay 1")
    assert "3–12 11:01–11:10 CET 10 pappersremisser mottagna (OT-1 … OT-10)" in shown
    assert "Läge mottagna remisser 0 → 10, kvar 0 → 10" in shown
    assert "14–17 13:01–13:04 CET 4 pappersremisser inmatade (OT-1 … OT-4) Aktiv ortopedteknik" in shown
    assert "18 13:05 CET remiss inmatad: OT-5 Aktiv ortopedteknik anteckning: oläslig" in shown
    assert "23 13:10 CET remiss inmatad: OT-10" in shown
    assert "18 poster är hopfällda: --unfold visar var och en." in shown
    assert "OT-7" not in shown
    whole = on_a_terminal(papers, "replay 1 --unfold")
    assert all(f"remiss inmatad: OT-{place} " in whole for place in range(1, 11))
    assert "hopfällda" not in whole
    written = on_a_terminal(papers, "replay 1 --written --lang en")
    assert "14–17 13:01–13:04 CET 4 paper referrals entered" in written
    assert "OT-7" in papers.types("replay 1").out, "a pipe is searched, and has each"
    assert len(papers.types("replay 1 --json").json) == 24


def test_a_row_says_which_duty_which_paper_and_which_outcome(papers: Terminal) -> None:
    papers.records("system-owner-contacted --outcome no-answer --at 08:10")
    papers.types("worker --once")
    told = " ".join(papers.types("replay 1").out.split())
    assert "tid har gått ut: Anmäl till systemansvarig klockan" in told
    assert "remiss mottagen: OT-3 Hjälpmedel Administration" in told
    assert "systemansvarig kontaktad: svarar inte Hjälpmedel Administration" in told
    assert "Att göra: Anmäl" not in told, "what the headline says is not said twice"
