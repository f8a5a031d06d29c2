"""A day at the desk, on each database."""

from pathlib import Path

from tests.cli.desk.screen import opened, press, text, types
from tests.terminal import Terminal


async def test_a_day_at_the_desk(terminal: Terminal, tmp_path: Path) -> None:
    terminal.at("08:05")
    async with opened(terminal, tmp_path) as pilot:
        await press(pilot, "2", "2", "0", "enter")
        assert "2026-0001 PÅGÅR" in text(pilot)
        await press(pilot, "1", "2", "enter")
        assert "✓ Skrivet: post 2, systemansvarig kontaktad" in text(pilot)
        terminal.at("12:10")
        await press(pilot, "s", "enter")
        await press(pilot, "u", "enter")
        assert "✓ Skrivet: post 4, post återtagen" in text(pilot)
        await press(pilot, "n")
        await types(pilot, "reservrutin aktiverad", "enter", "enter")
        assert "RESERVRUTIN" in text(pilot)
        await press(pilot, "f")
        await types(pilot, "OT-1", "enter", *"OT-1", "enter", *"OT-2", "enter")
        assert "2 skrivna, 1 inte skrivna" in text(pilot)
        await press(pilot, "escape", "n")
        await types(pilot, "anteckning", "enter")
        await types(pilot, "Lugnt", "escape")
    async with opened(terminal, tmp_path) as pilot:
        await press(pilot, "n")
        await types(pilot, "anteckning", "enter")
        assert "Text * Lugnt" in text(pilot), "what was left is there at the next desk"
        await press(pilot, "enter")
    assert terminal.status()["referrals"]["outstanding"] == ["OT-1", "OT-2"]
    assert terminal.types("log --json").json[-1]["data"]["text"] == "Lugnt"
