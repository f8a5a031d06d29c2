"""The interactive replay, driven as a person drives it, on a terminal of 80 by 24."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from cli.terminal.timeline import Timeline
from domain.history import Limits
from domain.routine_document import builtin
from infrastructure.outbox.figures import told
from tests.domain.test_replay import long_day
from tests.empty_log import empty_log
from tests.terminal import Terminal
from wording.limits import heading
from wording.steps import Account
from wording.words import Language, texts_in

SIZE = (80, 24)
HANGS = 60
"""Seconds of silence after which nothing more will come."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """In a file alone: the screen shows what `replay` reads, which is tried on both."""
    return empty_log(tmp_path / "log.sqlite")


@pytest.fixture
def day(terminal: Terminal) -> Terminal:
    """An outage whose third entry was written down late, and whose second was corrected."""
    terminal.types("subscriber add handlaggare@example.se --audience staff")
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    terminal.at("08:10").records("system-owner-contacted --outcome reached")
    terminal.at("09:00").records("supplier-contacted --outcome reached --at 08:15")
    terminal.at("09:10").records("prognosis-received --restored-by 11:00 --source Visma")
    terminal.at("09:20").records("entry-corrected --entry 2 --occurred-at 08:25 --reason 'fel tid'")
    terminal.at("10:00").records("referral-received --serial OT-1")
    terminal.at("10:30").records("service-restored --system sesam-s2")
    return terminal


@asynccontextmanager
async def opened(day: Terminal, size: tuple[int, int] = SIZE, lang: Language = "sv") -> AsyncIterator[Pilot[None]]:
    texts = texts_in(lang)
    facts = day.desk.log.history("2026-0001")
    routine = day.desk.incident(facts).routine
    limits = Limits()
    app = Timeline(
        limits.known(facts),
        limits.happened(facts),
        routine,
        Account(texts.of(routine), facts, told(day.desk.database, "2026-0001")),
        [heading(limits, texts, by_writing=written) for written in (False, True)],
        by_writing=False,
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


def seen(pilot: Pilot[None]) -> list[str]:
    """What stands on the screen, line by line."""
    return ["".join(segment.text for segment in strip) for strip in pilot.app.screen._compositor.render_strips()]


def left(pilot: Pilot[None]) -> list[str]:
    return [line[:30].strip() for line in seen(pilot)[2:-1]]


def right(pilot: Pilot[None]) -> str:
    """The right side as one text."""
    return " ".join(" ".join(line[31:] for line in seen(pilot)[2:-1]).split())


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_the_timeline_is_to_the_left_and_the_incident_at_that_moment_to_the_right(day: Terminal) -> None:
    async with opened(day) as pilot:
        screen = seen(pilot)
        assert len(screen) == 24
        assert all(len(line) == 80 for line in screen)
        assert "HÄNDE" in screen[0]
        assert "så som det hände, enligt det som är känt nu" in screen[1]
        assert left(pilot)[:2] == ["2026-12-07", "08:05   avbrott upptäckt"]
        assert left(pilot)[2].startswith("08:15 ~ fick kontakt: systeml"), "written down late"
        assert left(pilot)[3].startswith("08:25   fick kontakt: systema")
        assert "10:00 ! OT-1: remiss mottagen" in left(pilot), "which paper"
        assert "PÅGÅR" in right(pilot)
        assert "Prognos ingen" in right(pilot)


async def test_arrows_go_about_in_time_and_the_incident_follows(day: Terminal) -> None:
    async with opened(day) as pilot:
        await press(pilot, "down", "right", "right")
        assert "post 4" in seen(pilot)[0]
        assert "Prognos fungerar igen senast 11:00 CET – Visma" in right(pilot)
        await press(pilot, "end")
        assert "I DRIFT IGEN" in right(pilot)
        assert "status pågår → i drift igen" in right(pilot)
        await press(pilot, "home", "up", "left")
        assert "post 1" in seen(pilot)[0]


async def test_a_key_turns_between_what_happened_and_what_was_known_at_the_same_entry(day: Terminal) -> None:
    async with opened(day) as pilot:
        await press(pilot, "down", "down")
        assert "08:25 CET  post 2  (3/7)" in seen(pilot)[0]
        assert "Anmäl till systemansvarig, 5 min försenat" in right(pilot)
        await press(pilot, "t")
        assert "KÄNT  2026-12-07 08:10 CET  post 2  (2/7)" in seen(pilot)[0]
        assert "Anmäl till systemansvarig, i tid" in right(pilot)
        assert "så som det skrevs" in seen(pilot)[1]
        await press(pilot, "t")
        assert "HÄNDE  2026-12-07 08:25 CET  post 2  (3/7)" in seen(pilot)[0]


async def test_what_was_known_is_read_with_the_corrections_that_were_known(day: Terminal) -> None:
    async with opened(day) as pilot:
        await press(pilot, "t", "end", "up", "up", "c")
        page = "\n".join(seen(pilot))
        assert "för sent  Anmäl till systemansvarig" in page


async def test_search_finds_goes_on_and_says_when_there_is_nothing(day: Terminal) -> None:
    async with opened(day) as pilot:
        await press(pilot, "slash", *"OT-1", "enter")
        assert "post 6" in seen(pilot)[0]
        assert "Hittat: OT-1" in seen(pilot)[-1]
        await press(pilot, "up")
        assert "avsluta" in seen(pilot)[-1]
        await press(pilot, "slash", *"VISMA", "enter")
        assert "post 4" in seen(pilot)[0], "case does not matter, and it goes on round the end"
        await press(pilot, "slash", *"finnsinte", "enter")
        assert "Hittas inte: finnsinte" in seen(pilot)[-1]
        assert "post 4" in seen(pilot)[0]
        await press(pilot, "slash", *"q", "escape", "down")
        assert "post 5" in seen(pilot)[0], "q was a letter there"


async def test_the_clause_of_a_verdict_is_a_key_away(day: Terminal) -> None:
    async with opened(day) as pilot:
        await press(pilot, "down", "down", "c")
        page = "\n".join(seen(pilot))
        assert "Klausuler för det här steget" in page
        assert "Anmäl till systemansvarig" in page
        assert "SR-061" in page
        assert "”" in page
        await press(pilot, "escape")
        assert "avbrott upptäckt" in "\n".join(seen(pilot))
        await press(pilot, "enter")
        assert "Klausuler" in "\n".join(seen(pilot))


async def test_help_names_every_key_in_the_language_that_is_spoken(day: Terminal) -> None:
    turn: dict[Language, str] = {"sv": "vänd klockan", "en": "turn the clock"}
    for lang, words in turn.items():
        async with opened(day, lang=lang) as pilot:
            await press(pilot, "question_mark")
            page = "\n".join(seen(pilot))
            assert words in page
            for key in ("t ", "/ ", "c Enter", "q "):
                assert f"  {key}" in page


async def test_nothing_is_lost_in_a_small_or_a_wide_terminal(day: Terminal) -> None:
    for size in ((60, 15), (160, 50)):
        async with opened(day, size) as pilot:
            await press(pilot, "end", "space", "t", "b")
            assert "I DRIFT IGEN" in "\n".join(seen(pilot))
            assert all(len(line) == size[0] for line in seen(pilot))


async def test_q_ends_it(day: Terminal) -> None:
    async with opened(day) as pilot:
        await press(pilot, "q")
        assert not pilot.app.is_running


async def test_five_thousand_steps_are_gone_about_in(terminal: Terminal) -> None:
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    facts = long_day(5000)
    account = Account(texts_in("sv").of(builtin()), facts, {})
    app = Timeline(facts, facts, builtin(), account, ["", ""], by_writing=False)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "end", "t", "up")
        assert "(4999/5000)" in seen(pilot)[0]


def test_without_a_terminal_it_says_so_in_one_sentence(day: Terminal) -> None:
    for line in ("replay 1 --interactive", "replay 1 --interactive --json"):
        reply = day.types(line)
        assert reply.code == 2
        assert "terminal" in reply.err
        assert len(reply.err.strip().splitlines()) == 1


def test_in_a_real_terminal_it_draws_and_q_gives_the_shell_back(day: Terminal) -> None:
    ours, theirs = pty.openpty()
    environment = os.environ | {
        "RESERVRUTIN_DATABASE_URL": day.settings.database_url,
        "TERM": "xterm-256color",
        "COLUMNS": "80",
        "LINES": "24",
    }
    command = [sys.executable, "-m", "cli", "replay", "2026-0001", "--interactive"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as running:
        os.close(theirs)
        drawn, pressed = b"", False
        while select.select([ours], [], [], HANGS)[0]:
            try:
                drawn += os.read(ours, 65536)
            except OSError:  # the other side has closed it
                break
            if not pressed and b"avsluta" in drawn:
                os.write(ours, b"q")
                pressed = True
        else:
            running.kill()
        assert running.wait() == 0
    os.close(ours)
    assert "avbrott upptäckt" in drawn.decode(errors="replace")
