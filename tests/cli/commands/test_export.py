"""`export`: a file that is there whole or not at all, and holds nobody's address or login."""

import json
import os
import pty
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from application.exports import cloudevents
from cli.commands.export import FORMATS, STREAMS
from cli.terminal.login import login_at_the_keyboard
from infrastructure.log.pages import Source
from tests.conftest import on_sqlite
from tests.mailroom import mailroom
from tests.terminal import Terminal


@pytest.fixture
def day(outage: Terminal) -> Terminal:
    """An outage of two facts."""
    outage.records("system-owner-contacted --outcome reached")
    return outage


def program(terminal: Terminal, *arguments: str) -> list[str]:
    """The program itself on this terminal's log."""
    os.environ["RESERVRUTIN_DATABASE_URL"] = terminal.settings.database_url
    return [sys.executable, "-m", "cli", *arguments]


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("format_", STREAMS)
def test_an_incident_becomes_a_file(day: Terminal, tmp_path: Path, format_: str) -> None:
    target = tmp_path / "ut.json"
    reply = day.types(f"export 1 --format {format_} -o {target} --json")
    assert reply.code == 0, reply.err
    assert reply.json == {
        "file": str(target),
        "format": format_,
        "incidents": 1,
        "facts": 2,
        "bytes": target.stat().st_size,
    }
    assert "2026-0001" in target.read_text(encoding="utf-8")
    assert "2 noteringar" in day.types(f"export 1 --format {format_} -o {target} --force").out


@pytest.mark.parametrize("format_", STREAMS)
def test_the_whole_log_becomes_a_file(day: Terminal, tmp_path: Path, format_: str) -> None:
    day.records("outage-detected --scope local --system websesam")
    target = tmp_path / "ut.json"
    reply = day.types(f"export --all --format {format_} -o {target} --json").json
    assert (reply["incidents"], reply["facts"]) == (2, 3)
    assert {number in target.read_text(encoding="utf-8") for number in ("2026-0001", "2026-0002")} == {True}


def test_a_file_that_is_there_is_replaced_only_by_force(day: Terminal, tmp_path: Path) -> None:
    target = tmp_path / "ut.xes"
    target.write_text("mitt", encoding="utf-8")
    refused = day.types(f"export 1 --format xes -o {target}")
    assert refused.code == 2
    assert "--force" in refused.err
    assert target.read_text(encoding="utf-8") == "mitt"
    assert day.types(f"export 1 --format xes -o {target} --force").code == 0
    assert target.read_text(encoding="utf-8").startswith("<?xml")


def test_what_a_link_points_at_is_replaced_and_the_link_stays(day: Terminal, tmp_path: Path) -> None:
    target, link = tmp_path / "ut.xes", tmp_path / "senaste.xes"
    target.write_text("förra", encoding="utf-8")
    link.symlink_to(target)
    assert day.types(f"export 1 --format xes -o {link} --force").code == 0
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize("before", [None, "förra"])
def test_an_export_that_fails_leaves_everything_as_it_was(
    day: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    def fails(source: Source) -> Iterator[bytes]:
        yield b"{"
        raise RuntimeError("mitt i")

    monkeypatch.setattr(cloudevents, "export", fails)
    folder = tmp_path / "ut"
    folder.mkdir()
    if before:
        (folder / "log.jsonl").write_text(before, encoding="utf-8")
    assert day.types(f"export 1 --format cloudevents -o {folder / 'log.jsonl'} --force").code == 1
    assert [path.read_text(encoding="utf-8") for path in folder.iterdir()] == ([before] if before else [])


def test_a_disk_that_takes_no_more_is_told_and_nothing_is_left(
    day: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudevents, "export", lambda _source: iter([b"x" * 2_000_000]))
    folder = tmp_path / "ut"
    folder.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        reply = day.types(f"export 1 --format cloudevents -o {folder / 'ut'}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert reply.code == 1
    assert "kunde inte skrivas färdig" in reply.err
    assert list(folder.iterdir()) == []


def test_a_pipe_is_written_to(day: Terminal, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()), daemon=True)
    reader.start()
    day.types(f"export 1 --format cloudevents -o {pipe} --force")
    reader.join(30)
    assert stat.S_ISFIFO(pipe.stat().st_mode), "a device is written to, never replaced"
    assert len(found[0].splitlines()) == 2


WRONG = {
    "export --format xes -o {folder}/x": 2,
    "export 1 --all --format xes -o {folder}/x": 2,
    "export --all --format html -o {folder}/x": 2,
    "export --all --format bundle -o {folder}/x": 2,
    "export 1 --format pdf -o {folder}/x": 2,
    "export 1 --format xes": 2,
    "export 1 --format xes -o - --json": 2,
    "export 1 --format xes -o {folder}": 2,
    "export 1 --format xes -o {folder}/nowhere/x": 2,
    "export abc --format xes -o {folder}/x": 2,
    "export 99 --format xes -o {folder}/x": 3,
}


@on_sqlite
@pytest.mark.parametrize(("line", "code"), WRONG.items())
def test_what_can_not_be_exported_is_told_in_a_sentence(day: Terminal, tmp_path: Path, line: str, code: int) -> None:
    folder = tmp_path / "ut"
    folder.mkdir()
    reply = day.types(line.format(folder=folder))
    assert reply.code == code
    assert len(reply.err.strip().splitlines()) == 1
    assert list(folder.iterdir()) == []


def test_stdout_gets_the_export_and_stderr_the_words(day: Terminal) -> None:
    done = subprocess.run(
        program(day, "export", "2026-0001", "--format", "cloudevents", "-o", "-"), capture_output=True, check=True
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["2026-0001/1", "2026-0001/2"]
    assert done.stderr.decode() == "2026-0001 som cloudevents: 2 noteringar.\n"


def test_a_bar_shows_on_a_terminal_and_nowhere_else(day: Terminal) -> None:
    arguments = program(day, "export", "--all", "--format", "ocel", "-o", "-")
    os.environ["TERM"] = "xterm"
    os.environ.pop("NO_COLOR", None)
    ours, theirs = pty.openpty()
    watched = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    os.close(theirs)
    seen = os.read(ours, 100_000).decode()
    os.close(ours)
    assert watched.returncode == 0
    assert "Exporterar" in seen
    assert "100%" in seen
    unwatched = subprocess.run(arguments, capture_output=True, check=True)
    assert unwatched.stderr.decode() == "1 händelse som ocel: 2 noteringar.\n"


@pytest.mark.parametrize("format_", STREAMS)
def test_no_address_and_no_login_leaves_the_house(tmp_path: Path, format_: str) -> None:
    with mailroom() as mails:
        terminal = Terminal(tmp_path, smtp_url=mails.url).at("08:00")
        mails.refuses = "bo@example.se"
        login = login_at_the_keyboard()
        terminal.types(f"staff add {login} --role vo-hjalpmedel --role hjalpmedel-administration")
        for name in ("anna", "bo"):
            terminal.types(f"subscriber add {name}@example.se --audience staff")
        terminal.at("08:10").records("outage-detected --scope all-users --system sesam-s2")
        terminal.types("worker --once")
        told = terminal.types("deliveries 1 --json").json
        target = tmp_path / "ut"
        assert terminal.types(f"export --all --format {format_} -o {target}").code == 0
        terminal.close()
    assert {delivery["state"] for delivery in told} == {"sent", "refused"}
    text = target.read_text(encoding="utf-8")
    assert "@" not in text
    assert f'"{login}"' not in text
    if format_ == "ocel":
        assert {delivery["subscriber"] in text for delivery in told} == {True}


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_can_be_made(day: Terminal, tmp_path: Path, format_: str) -> None:
    target = tmp_path / "ut"
    assert day.types(f"export 1 --format {format_} -o {target}").code == 0
    assert target.stat().st_size > 0
