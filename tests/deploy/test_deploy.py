"""What deploy/ says is true of the program, and systemd understands it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from application.settings import load
from infrastructure.database.grants import ROLES
from notifiers.email.mail_server import Tls, with_password
from tests.terminal import Terminal

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = (DEPLOY / "reservrutin-worker.service").read_text(encoding="utf-8")
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 20
"""Of 100, as systemd-analyze counts; what it calls "OK" goes to 50."""


def analyze(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """systemd's opinion of the unit, on a machine where the program is not in /opt."""
    unit = folder / "reservrutin-worker.service"
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT, flags=re.MULTILINE), encoding="utf-8")
    assert ANALYZE
    return subprocess.run([ANALYZE, *words, str(unit)], capture_output=True, text=True, check=False)


@pytest.mark.skipif(ANALYZE is None, reason="no systemd here")
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    done = analyze(tmp_path, "verify", "--man=no")
    assert [line for line in done.stderr.splitlines() if "reservrutin-worker.service" in line] == []


@pytest.mark.skipif(ANALYZE is None, reason="no systemd here")
def test_systemd_finds_the_unit_hardened(tmp_path: Path) -> None:
    done = analyze(tmp_path, "security", "--offline=true", f"--threshold={MOST_EXPOSED}")
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd looks at running units alone")
    assert done.returncode == 0, done.stdout


def test_the_unit_is_hardened_and_keeps_its_promises() -> None:
    said = dict(line.split("=", 1) for line in UNIT.splitlines() if "=" in line and not line.startswith("#"))
    assert said["ProtectSystem"] == "strict"
    assert said["NoNewPrivileges"] == "yes"
    assert said["CapabilityBoundingSet"] == ""
    assert said["Restart"] == "always"
    assert said["Type"] == "notify"
    assert said["LoadCredential"].startswith("smtp-password:")
    assert "password" not in said["ExecStart"]


def test_the_unit_starts_the_worker_with_options_that_it_has(terminal: Terminal) -> None:
    [started] = re.findall(r"^ExecStart=\S+ (.*)$", UNIT, flags=re.MULTILINE)
    known = terminal.types("worker --help").out
    options = re.findall(r"--[a-z]+", started)
    assert started.startswith("worker ")
    assert options
    assert all(f"{option} " in known for option in options)


def test_the_example_settings_are_settings(tmp_path: Path) -> None:
    """Whoever records reads them without the password, which systemd hands to the worker alone."""
    for_everybody = load(DEPLOY / "reservrutin.toml", {})
    assert for_everybody.database_url.removeprefix("sqlite:///").startswith("/var/lib/reservrutin/")
    password = tmp_path / "smtp-password"
    password.write_text("hemligt\n", encoding="utf-8")
    for_the_worker = load(DEPLOY / "reservrutin.toml", {"RESERVRUTIN_SMTP_PASSWORD_FILE": str(password)})
    assert for_the_worker.mail_server
    server = with_password(for_the_worker.mail_server)
    assert (server.tls, server.password) == (Tls.STARTTLS, "hemligt")


def test_every_figure_that_an_alert_or_the_runbook_names_is_one_that_the_worker_gives() -> None:
    source = Path(DEPLOY.parent, "application", "worker", "metrics.py").read_text(encoding="utf-8")
    given = {*re.findall(r'"(reservrutin_[a-z_]+)"', source), *ROLES}  # the database's roles are called alike
    for path in (DEPLOY / "alerts.yml", DEPLOY.parent / "docs" / "operations.md"):
        for name in set(re.findall(r"reservrutin_[a-z_]+", path.read_text(encoding="utf-8"))):
            assert re.sub(r"_(total|count|sum|bucket)$", "", name) in given, name
