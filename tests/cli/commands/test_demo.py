"""The demo: pleasant in 80 columns, readable when piped, and everything in it is real."""

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.vocabulary import SWEDEN
from tests.pseudo_terminal import Screen
from tests.terminal import Terminal

MAILS = 28


@pytest.mark.parametrize("language", ["sv", pytest.param("en", marks=pytest.mark.long)])
def test_the_demo_plays_a_whole_outage_and_says_where_it_is(language: str, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RESERVRUTIN_")} | {"TMPDIR": str(tmp_path)}
    played = subprocess.run(
        [sys.executable, "-m", "cli", "demo", "--lang", language],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    assert "\x1b[" not in played.stdout, "no colour in a pipe"
    told = played.stdout.splitlines()
    assert max(len(line) for line in told if "reservrutin-demo-" not in line) <= 80
    assert played.stdout.count("$ reservrutin board") == 3
    assert played.stdout.count("✉") == MAILS
    assert not re.search("ställ den|set it", played.stdout), "the day that is told is the log's own"
    found = re.search(r"export RESERVRUTIN_DATABASE_URL=sqlite:///(\S+)/reservrutin\.sqlite", played.stdout)
    assert found
    folder = Path(found[1])
    mails = sorted((folder / "mail").glob("*.eml"))
    assert len(mails) == MAILS
    assert len([mail for mail in mails if "-anna" in mail.name]) == 2, "one to confirm by, one while she subscribed"
    assert "-ortopeden" in mails[-1].name, "told after she had left"
    assert "List-Unsubscribe=One-Click" in played.stdout
    assert b"anna@example.se" not in (folder / "reservrutin.sqlite").read_bytes(), "erased"
    assert (folder / "page" / "index.html").exists()
    assert f"  │ {'Publicerat tidigare' if language == 'sv' else 'Published earlier'}" in told
    commands = [line.split(maxsplit=1)[1] for line in told[-3:]]
    assert [command.split()[0] for command in commands] == ["review", "replay", "deliveries"]
    for command in commands:
        explored = subprocess.run(
            [sys.executable, "-m", "cli", *command.split()],
            env=environment | {"RESERVRUTIN_DATABASE_URL": f"sqlite:///{folder / 'reservrutin.sqlite'}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert explored.returncode == 0, explored.stdout + explored.stderr
        assert explored.stdout


def test_the_transcript_in_the_readme_is_that_of_a_real_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a winter's day in the year of the transcript; the last chapter tells of today."""
    monkeypatch.setattr("cli.demo.reader.play", lambda *_: None)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    transcript = readme.split("<!-- transcript -->\n```\n")[1].split("\n```")[0]
    terminal = Terminal(tmp_path).at("10:00")
    played = terminal.types("demo").out
    for part in transcript.split("\n\n  …\n\n"):
        assert part in played
    terminal.close()


def test_on_a_terminal_the_day_waits_at_each_chapter_for_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    screen = Screen(tmp_path, "demo")
    for chapter in (1, 2, 3, 4):
        screen.until(f"── {chapter}/5 ")
        screen.until("Enter går vidare.")
        assert f"── {chapter + 1}/5 " not in screen.shown
        screen.types("\r")
    screen.until(f"deliveries {datetime.now(SWEDEN) - timedelta(days=1):%Y}-0001")
    assert screen.ends() == 0


def test_without_its_servers_the_demo_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.demo.story.find_spec", lambda name: None if name == "aiosmtpd" else name)
    terminal = Terminal(tmp_path).at("10:00")
    told = terminal.types("demo")
    assert (told.code, told.out) == (2, "")
    assert "reservrutin[demo]" in told.err
    terminal.close()
