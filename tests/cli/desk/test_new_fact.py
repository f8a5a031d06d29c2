"""A fact that nobody has written a line for has its form at the desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain import fact as facts
from domain.fact import Fact, Required, said
from domain.routine_document import builtin_versions
from domain.vocabulary import System, Word
from tests.cli.desk.screen import opened, press, text, types
from tests.conftest import on_sqlite
from tests.terminal import Terminal

pytestmark = on_sqlite


class Loudness(Word):
    LOW = "low", "quiet"
    HIGH = "high", "loud"


@pytest.fixture
def siren(terminal: Terminal, tmp_path: Path) -> Iterator[type[Fact]]:
    """A fact of its own, which the routine in force knows."""

    class SirenSounded(Fact, wire="siren-sounded", label="siren sounded", meaning="The siren was heard."):
        where: Required = said("where it was heard")
        loudness: Loudness = said("how loud it was")
        systems: tuple[System, ...] = said("the system", ())
        minutes: int = said("for how long", 1)

    document = tmp_path / "routine.toml"
    newest = builtin_versions()[-1][1]
    version = next(line for line in newest.splitlines() if line.startswith("version = "))
    known = '[facts.siren-sounded]\nrecorded_by = ["hjalpmedel-administration"]\n\n[facts.note-added]'
    newest = newest.replace(version, 'version = "99"', 1).replace("[facts.note-added]", known)
    document.write_text(newest, encoding="utf-8")
    reply = terminal.types(f"routine adopt {document} --as vo-hjalpmedel")
    assert reply.code == 0, reply.err
    yield SirenSounded
    del facts.CATALOGUE["siren-sounded"]


async def test_a_new_fact_has_its_form(siren: type[Fact], terminal: Terminal, tmp_path: Path) -> None:
    terminal.at("08:11").records("outage-detected --scope all-users --system sesam-s2")
    async with opened(terminal, tmp_path) as pilot:
        await press(pilot, "n")
        await types(pilot, "siren", "enter")
        assert "Siren sounded · 2026-0001" in text(pilot)
        await types(pilot, "Taket", "down")
        assert "1 quiet 2 loud" in text(pilot)
        await press(pilot, "2", "2", "3", "enter")
        assert "✓ Skrivet: post 2, siren sounded" in text(pilot)
    entry = terminal.types("log --json").json[-1]
    assert entry["fact"] == "siren-sounded"
    assert entry["data"] == {
        "where": "Taket",
        "loudness": "high",
        "systems": ["websesam", "visma-websesam"],
        "minutes": 1,
    }
