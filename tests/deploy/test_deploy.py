"""What deploy/ says is true of the program, and systemd understands it."""

import re
import subprocess
from pathlib import Path

import pytest

from application.settings import load
from infrastructure.database.grants import ROLES
from notifiers.email.mail_server import Tls, with_password
from tests.programs import found, needs
from tests.terminal import Terminal

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(DEPLOY.glob("*.service"))}
UNIT = UNITS["reservrutin-worker"]
ANALYZE = found("systemd-analyze")
MOST_EXPOSED = 20
"""Of 100, as systemd-analyze counts; what it calls "OK" goes to 50."""


def analyze(folder: Path, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """systemd's opinion of the unit, on a machine where the program is not in /opt."""
    unit = folder / f"{name}.service"
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNITS[name], flags=re.MULTILINE)
    unit.write_text(text, encoding="utf-8")
    assert ANALYZE
    return subprocess.run([ANALYZE, *words, str(unit)], capture_output=True, text=True, check=False)


@needs("systemd-analyze")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_every_line_of_the_unit(name: str, tmp_path: Path) -> None:
    done = analyze(tmp_path, name, "verify", "--man=no")
    assert [line for line in done.stderr.splitlines() if f"{name}.service" in line] == []


@needs("systemd-analyze")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_the_unit_hardened(name: str, tmp_path: Path) -> None:
    done = analyze(tmp_path, name, "security", "--offline=true", f"--threshold={MOST_EXPOSED}")
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


@pytest.mark.parametrize("name", ["reservrutin-web", "reservrutin-staff"])
def test_what_answers_the_web_has_a_user_of_its_own_that_reaches_no_secret_of_the_workers(name: str) -> None:
    lines = UNITS[name].splitlines()
    said = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    worker = {line for line in UNIT[UNIT.index("PrivateTmp=") :].splitlines() if not line.startswith("MemoryMax=")}
    assert worker <= set(lines), "hardened as the worker's"
    user = said["User"]
    assert user not in {
        re.findall(r"^User=(.*)$", other, re.MULTILINE)[0] for key, other in UNITS.items() if key != name
    }
    assert re.search(rf"^u {user} ", (DEPLOY / "reservrutin.sysusers.conf").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"-/var/lib/reservrutin/signing.key", "-/etc/reservrutin/smtp-password"} <= {
        *said["InaccessiblePaths"].split()
    }
    [listens] = re.findall(r"--listen (unix:\S+)", said["ExecStart"])
    assert listens.startswith(f"unix:/run/{said['RuntimeDirectory']}/")
    assert f"server {listens};" in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert said["RuntimeDirectoryMode"] == "0750", "whoever reaches the socket is taken at their word"
    assert said["LoadCredential"].startswith("database-url:")


@pytest.mark.parametrize(("name", "command"), [("worker", "worker"), ("web", "web"), ("staff", "web --staff")])
def test_the_unit_starts_what_it_is_called_with_options_that_it_has(
    terminal: Terminal, name: str, command: str
) -> None:
    [started] = re.findall(r"^ExecStart=\S+ (.*)$", UNITS[f"reservrutin-{name}"], flags=re.MULTILINE)
    known = terminal.types(f"{command.split()[0]} --help").out
    options = re.findall(r"--[a-z]+", started)
    assert started.startswith(f"{command} ")
    assert len(options) > 1
    assert all(re.search(rf"{option}\b", known) for option in options)


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


def test_the_doors_settings_are_settings_and_hold_no_secret(tmp_path: Path) -> None:
    """Where the log is, with its password, systemd hands to the door alone."""
    address = tmp_path / "database-url"
    address.write_text("postgresql+psycopg://reservrutin_door:hemligt@db.example.se/reservrutin\n", encoding="utf-8")
    settings = load(DEPLOY / "door.toml", {"RESERVRUTIN_DATABASE_URL_FILE": str(address)})
    assert settings.database_url.startswith("postgresql+psycopg://reservrutin_door:hemligt@")
    assert f"server_name {settings.web_url.removeprefix('https://')};" in (DEPLOY / "nginx.conf").read_text("utf-8")
    assert settings.web_url in (DEPLOY / "reservrutin.toml").read_text("utf-8"), "where the worker's links lead"
    assert (settings.mail_server, settings.signing_key_file) == (None, None)


DROP_IN = (DEPLOY / "worker-on-postgresql.conf").read_text(encoding="utf-8")
OPERATIONS = (DEPLOY.parent / "docs" / "operations.md").read_text(encoding="utf-8")
HANDED_OVER = re.compile(r"^ *LoadCredential=(\S+?):(\S+)\n *Environment=(\S+?)=%d/(\S+)$", re.MULTILINE)


def test_every_secret_that_systemd_hands_over_is_read_as_the_setting_that_it_is(tmp_path: Path) -> None:
    """As systemd lays it out: a folder with a file by each credential's name."""
    secrets = {
        "smtp-password": "hemligt",
        "database-url": "postgresql+psycopg://reservrutin_worker:hemligt@db.example.se/reservrutin",
        "mail-return-secret": "0123456789abcdef",
    }
    for name, secret in secrets.items():
        (tmp_path / name).write_text(f"{secret}\n", encoding="utf-8")
    handed_over = [found for text in (*UNITS.values(), DROP_IN, OPERATIONS) for found in HANDED_OVER.findall(text)]
    assert {name for name, _file, _variable, _read in handed_over} == set(secrets)
    table = OPERATIONS.partition("### Secrets")[2]
    for name, file, variable, read in handed_over:
        assert read == name
        assert f"| `{file.removeprefix('/etc/reservrutin/')}` |" in table
        found = load(DEPLOY / "reservrutin.toml", {variable: str(tmp_path / name)})
        told = {found.database_url, found.mail_return_secret} | {
            with_password(server).password for server in [found.mail_server] if server and server.password_file
        }
        assert secrets[name] in told, variable


@needs("systemd-analyze")
def test_systemd_understands_what_the_worker_on_postgresql_is_told_more(tmp_path: Path) -> None:
    folder = tmp_path / "reservrutin-worker.service.d"
    folder.mkdir()
    (folder / "postgresql.conf").write_text(DROP_IN, encoding="utf-8")
    done = analyze(tmp_path, "reservrutin-worker", "verify", "--man=no")
    assert [line for line in done.stderr.splitlines() if "reservrutin-worker" in line] == []
    (folder / "postgresql.conf").write_text(DROP_IN.replace("LoadCredential=", "LoadCredentials="), encoding="utf-8")
    assert "LoadCredentials" in analyze(tmp_path, "reservrutin-worker", "verify", "--man=no").stderr


def test_staffs_page_is_told_who_reads_in_the_header_that_nginx_sets() -> None:
    settings = load(DEPLOY / "staff.toml", {})
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert f"proxy_set_header {settings.web_staff_header} $reservrutin_login;" in nginx
    assert (settings.mail_server, settings.signing_key_file) == (None, None)


def test_the_pages_for_everybody_are_written_where_the_unit_lets_the_worker_and_nginx_serves() -> None:
    [folder] = re.findall(r'publish_dir = "(.*)"', (DEPLOY / "reservrutin.toml").read_text("utf-8"))
    assert f"ReadWritePaths=-{folder}\n" in UNIT
    assert f"root {folder};" in (DEPLOY / "nginx.conf").read_text("utf-8")


def test_every_figure_that_an_alert_or_the_runbook_names_is_one_that_the_worker_gives() -> None:
    source = Path(DEPLOY.parent, "application", "worker", "metrics.py").read_text(encoding="utf-8")
    given = {*re.findall(r'"(reservrutin_[a-z_]+)"', source), *ROLES}  # the database's roles are called alike
    for path in (DEPLOY / "alerts.yml", DEPLOY.parent / "docs" / "operations.md"):
        for name in set(re.findall(r"reservrutin_[a-z_]+", path.read_text(encoding="utf-8"))):
            assert re.sub(r"_(total|count|sum|bucket)$", "", name) in given, name
