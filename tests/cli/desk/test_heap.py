"""A heap of papers at the desk: what was entered once is written or said not to be."""

import sqlite3
from pathlib import Path

import pytest
from textual.pilot import Pilot

from cli.desk.heap import Heap
from infrastructure.database import sqlite
from tests.cli.desk.screen import opened, press, seconds_pass, text, types
from tests.conftest import on_sqlite
from tests.terminal import Terminal

pytestmark = on_sqlite


@pytest.fixture
def paper(terminal: Terminal) -> Terminal:
    """The reserve routine has been in force since 12:10."""
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    terminal.at("12:10").records("reserve-routine-activated")
    return terminal.at("12:30")


async def test_number_enter_number_enter(paper: Terminal, tmp_path: Path) -> None:
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "f")
        await types(pilot, "OT-1", "enter", *"OT-2", "enter", *"OT-1", "enter", *"OT-3", "enter")
        assert "3 skrivna, 1 inte skrivna" in text(pilot)
        assert "✗ OT-1 Remiss OT-1 är redan mottagen" in text(pilot)
    assert paper.status()["referrals"]["outstanding"] == ["OT-1", "OT-2", "OT-3"]


async def test_way_and_unit_stay_until_they_are_changed(paper: Terminal, tmp_path: Path) -> None:
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "f", "down")
        await types(pilot, "Lund", "down", "2", "up", "up", "up")
        await types(pilot, "OT-1", "enter", *"OT-2", "enter")
    written = [entry["data"] for entry in paper.types("log --json").json[-2:]]
    assert [(data["serial"], data["unit"], data["via"]) for data in written] == [
        ("OT-1", "Lund", "post"),
        ("OT-2", "Lund", "post"),
    ]


async def test_what_is_wrong_with_a_number_is_said_before_enter(paper: Terminal, tmp_path: Path) -> None:
    paper.records("referral-received --serial OT-1")
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "f")
        await types(pilot, "OT-1")
        assert "Remiss OT-1 är redan mottagen" in text(pilot)
        await press(pilot, "ctrl+u")
        await types(pilot, "19121212-1212")
        assert "ett personnummer" in text(pilot)
        assert "19121212-1212" in text(pilot), "nothing is lost"
    assert paper.status()["referrals"]["received"] == 1


async def test_a_heap_stays_at_the_incident_in_its_title_when_somebody_else_closes_it(
    paper: Terminal, tmp_path: Path
) -> None:
    paper.at("12:40").records("service-restored --incident 2026-0001 --system sesam-s2")
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "f")
        assert "Remiss mottagen · 2026-0001" in text(pilot)
        paper.at("12:50").records("disturbance-reported --incident new --unit Lund")
        paper.records("reserve-routine-deactivated --incident 2026-0001")
        paper.records("incident-closed --incident 2026-0001 --deviation Övning")
        await seconds_pass(pilot, 2)
        assert "2026-0002 MISSTÄNKT" in text(pilot), "the head has gone on"
        await types(pilot, "OT-1", "enter")
        assert "Remiss mottagen · 2026-0001" in text(pilot)
        assert "✓ OT-1" in text(pilot)
    assert paper.status("2026-0001")["referrals"]["outstanding"] == ["OT-1"]
    assert paper.status("2026-0002")["entries"] == 1


async def test_a_paper_that_waited_takes_nobody_from_the_incident_that_they_are_at(
    paper: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    paper.records("disturbance-reported --incident new --unit Lund")
    other = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "h", "f")
        other.execute("BEGIN IMMEDIATE")
        await types(pilot, "OT-1", "enter")
        assert "1 väntar på loggen" in text(pilot)
        await press(pilot, "escape", "h", "f")
        assert "Remiss mottagen · 2026-0002" in text(pilot)
        other.execute("ROLLBACK")
        await seconds_pass(pilot, 1)
        assert "✓ OT-1" in text(pilot)
        assert "2026-0002 MISSTÄNKT" in text(pilot)
    other.close()
    assert paper.status("2026-0001")["referrals"]["outstanding"] == ["OT-1"]


async def test_a_paper_that_waits_for_the_log_has_the_time_at_which_it_was_entered(
    paper: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    other = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
    paper.at("14:00")
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "f")
        other.execute("BEGIN IMMEDIATE")
        await types(pilot, "OT-1", "enter")
        await to(pilot, "När")
        await types(pilot, "-20m", "enter")
        await types(pilot, "OT-2", "enter")
        assert "2 väntar på loggen" in text(pilot)
        paper.at("19:00")
        other.execute("ROLLBACK")
        await seconds_pass(pilot, 1)
        assert "2 skrivna" in text(pilot)
    other.close()
    written = paper.types("log --json").json[-2:]
    assert [(entry["data"]["serial"], entry["occurred_at"]) for entry in written] == [
        ("OT-1", "2026-12-07T13:00:00Z"),
        ("OT-2", "2026-12-07T12:40:00Z"),
    ]


async def test_a_time_that_is_none_is_refused_at_once_also_while_the_log_is_away(
    paper: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    other = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "f")
        await to(pilot, "När")
        other.execute("BEGIN IMMEDIATE")
        await types(pilot, "99:99", "enter")
        await types(pilot, "OT-1", "enter")
        assert "1 inte skrivna" in text(pilot)
        assert "✗ OT-1 ”99:99” är ingen tid" in text(pilot)
        other.execute("ROLLBACK")
    other.close()
    assert paper.status()["referrals"]["received"] == 0


async def to(pilot: Pilot[None], label: str) -> None:
    """Go down to the field of that name."""
    form = pilot.app.query_one(Heap)
    for _field in form.sheet.fields:
        if form.focused_field is not None and form.focused_field.label == label:
            return
        await press(pilot, "down")


async def test_a_paper_without_a_number_is_given_one_to_write_on_it(paper: Terminal, tmp_path: Path) -> None:
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "f", "enter")
        assert "Skriv UTAN-NR-1 på pappret, tryck sedan Enter." in text(pilot)
        await press(pilot, "enter", "enter", "enter")
    assert paper.status()["referrals"]["outstanding"] == ["UTAN-NR-1", "UTAN-NR-2"]


async def test_the_partner_enters_what_is_outstanding(paper: Terminal, tmp_path: Path) -> None:
    paper.records("referral-received --serial OT-1")
    paper.records("referral-received --serial OT-2")
    paper.at("13:00").records("service-restored --system sesam-s2")
    paper.types("staff add anna --role partner")
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "f")
        assert "Remiss inmatad · 2026-0001" in text(pilot)
        assert "OT-1, OT-2" in text(pilot), "what is left stands there"
        await types(pilot, "OT-2", "down", *"884213", "up", "enter")
    status = paper.status()["referrals"]
    assert (status["entered"], status["outstanding"]) == (1, ["OT-1"])
    assert paper.types("log --json").json[-1]["data"] == {"serial": "OT-2", "reference": "884213"}


async def test_what_was_received_in_this_sitting_is_still_to_be_entered(paper: Terminal, tmp_path: Path) -> None:
    paper.types("staff add anna --role partner")
    async with opened(paper, tmp_path) as pilot:
        await press(pilot, "f")
        await types(pilot, "OT-1", "enter")
        await types(pilot, "OT-2", "enter")
        await press(pilot, "ctrl+t")
        screen = text(pilot)
        assert "Remiss inmatad" in screen
        assert "OT-1, OT-2" in screen, "what is left stands there"
        assert "skrivna" not in screen, "and none of them has been entered"
