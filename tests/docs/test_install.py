"""docs/install.md, typed from its first line to its last by root and two users of one machine."""

import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from infrastructure.database.grants import DOOR, OWNER, READER, RECORDER, ROLES, WORKER
from tests.docs.machine import ROOT, Machine
from tests.docs.pages import parts_of
from tests.mailroom import Mailroom, mailroom
from tests.postgres import PROTOCOL, in_memory, own_server
from tests.programs import needs
from tests.test_installed import wheel

__all__ = ["wheel"]

PAGE = ROOT / "docs" / "install.md"
RELAY = "smtp://reservrutin@relay.example.se:587?tls=starttls"
CALL = "reservrutin record note-added --text"


def blocks(heading: str) -> Iterator[str]:
    """What a part of the page says to type, to the next heading of its kind."""
    said = re.split(r"^(?=## )", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    [part] = [part for part in said if part.lstrip("# ").startswith(f"{heading}\n")]
    return (text for kind, text in parts_of(part) if kind == "sh")


@pytest.fixture(scope="module")
def mails() -> Iterator[Mailroom]:
    with mailroom() as opened:
        yield opened


@pytest.fixture(scope="module")
def machine(wheel: Path, mails: Mailroom) -> Iterator[Machine]:
    """With the program on it, and two staff who have recorded."""
    if os.getuid() != 0:
        pytest.skip("only root can become other users")
    with tempfile.TemporaryDirectory("", "reservrutin-", in_memory(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        made = Machine(Path(folder), wheel, {RELAY: mails.url})
        made.plays(blocks("Installing"))
        made.types("install -D -m 600 /dev/null /etc/reservrutin/smtp-password")  # as the worker's unit wants it
        made.plays(blocks("Several on one machine"))
        yield made


def the_log(machine: Machine) -> Path:
    return machine.root / "var/lib/reservrutin/reservrutin.sqlite"


@needs("sqlite3")
def test_two_staff_record_on_one_log_whoever_made_its_files_and_however_they_ended(
    machine: Machine, mails: Mailroom
) -> None:
    """As the page has it, then: a closed umask, a worker that is killed, somebody who may only read the file."""
    log = the_log(machine)
    group = log.parent.stat().st_gid
    assert [mail["Subject"] for mail in mails.to("anna")] == ["Prov av e-post från reservrutin"]
    assert (log.stat().st_mode & 0o777, log.stat().st_gid) == (0o660, group)
    machine.types(f"umask 077; sudo -u anna {CALL} ett")
    with machine.killed("reservrutin", "reservrutin worker --log json") as said:
        assert "started" in next(iter(said))
        machine.types(f"umask 077; sudo -u anna {CALL} två")
    left = {path.name: path.stat() for path in log.parent.glob(f"{log.name}-*")}
    assert left[f"{log.name}-wal"].st_size > 0
    assert {(found.st_mode & 0o777, found.st_gid) for found in left.values()} == {(0o660, group)}
    for who in ("bo", "anna", "reservrutin"):
        machine.types(f"sudo -u {who} reservrutin board")
    machine.types(f"sudo -u bo {CALL} tre")
    machine.types("sudo -u reservrutin reservrutin worker --once")
    machine.types("sudo -u reservrutin reservrutin verify")
    assert mails.to("jour")
    key = "RESERVRUTIN_SIGNING_KEY_FILE=/var/lib/reservrutin/signing.key"
    told = json.loads(machine.types(f"sudo -u anna env {key} reservrutin doctor --json"))
    assert (told["ok"], {one["reason"] for one in told["findings"]} & {"key-unseen", "not-its-groups"}) == (
        True,
        {"key-unseen"},
    ), "the key is its owner's, and that is as it should be"
    key = "RESERVRUTIN_SIGNING_KEY_FILE=/var/lib/reservrutin/closed.key"
    machine.types("umask 077; sudo -u reservrutin reservrutin keys create /var/lib/reservrutin/closed.key")
    machine.types(f"umask 077; sudo -u reservrutin env {key} reservrutin worker --once")
    said = machine.types(f"sudo -u anna env {key} reservrutin verify")
    assert "signerad med en känd nyckel" in said, "whoever records verifies, though the key is none of theirs"
    with closing(sqlite3.connect(log)) as opened:
        told = [row[0].decode() for row in opened.execute("SELECT bytes FROM facts ORDER BY position")]
    assert [text for text in ("ett", "två", "tre") if any(f'"{text}"' in fact for fact in told)] == [
        "ett",
        "två",
        "tre",
    ]

    log.chmod(0o640)
    assert "inget skrevs" in machine.types(f"sudo -u bo {CALL} fyra", code=4)
    assert {path.stat().st_uid for path in log.parent.glob(f"{log.name}-*")} == {machine.numbers["bo"]}
    subscribe = "sudo -u reservrutin reservrutin subscriber add {}@example.se --audience duty"
    machine.types(subscribe.format("ny"))

    wal = log.with_name(f"{log.name}-wal")
    wal.touch(mode=0o600)
    assert str(wal) in machine.types(subscribe.format("nyare"), code=4).replace("\n", "")


@needs("sqlite3")
def test_one_person_has_the_program_from_one_file(machine: Machine) -> None:
    """pipx stands in: what it is told to install is there, under that name, with such an extra."""
    [block] = blocks("One person")
    said = re.search(r"^pipx install '\./(\S+\.whl)\[(\w+)\]'$", block, re.MULTILINE)
    assert said
    assert (machine.root / "dist" / said[1]).is_file()
    assert f'{said[2]} = ["psycopg' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@needs("sqlite3")
def test_each_role_has_its_address_and_two_staff_record_on_postgresql(machine: Machine, mails: Mailroom) -> None:
    with own_server("-c fsync=on") as server:
        here = f"127.0.0.1:{server.port}"
        (server.data / "pg_hba.conf").write_text("host all postgres all trust\nhost all all all scram-sha-256\n")
        server.stop()
        server.start()
        machine.instead |= {"HOST:5432": here, "@HOST": f"@{here}"}
        [init], *rest = (block.splitlines() for block in blocks("On PostgreSQL"))
        made = machine.types(init)
        found = re.findall(rf"^ *({re.escape(PROTOCOL)}(\w+):(\S+)@{here}/reservrutin)$", made, re.MULTILINE)
        address = {role: whole for whole, role, _secret in found}
        secret = {role: password for _whole, role, password in found}
        assert set(secret) == set(ROLES)

        [line] = re.findall(r"^`(HOST:.*:PASSWORD)`:$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
        kept = line.replace("HOST:5432", here).replace("PASSWORD", secret[RECORDER])
        files = {WORKER: "worker", READER: "staff", DOOR: "door"}
        machine.typed = {f"{name}-database-url": address[role] for role, name in files.items()} | {".pgpass": kept}
        machine.instead["=PASSWORD "] = f"={secret[OWNER]} "
        told = [machine.types(said) for block in rest for said in block]
        assert [f"som {role}" in " ".join(one.split()) for one, role in zip(told[-3:], files, strict=True)] == [
            True,
            False,
            True,
        ]
        assert "2026" in told[-2] or "PÅGÅR" in told[-2], "staff's page reads how it stands"

        machine.types("sudo -u anna cat /etc/reservrutin/worker-database-url", code=1)
        [owner, *_] = [said for block in rest for said in block if "_owner@" in said]
        machine.types(owner.partition("staff add")[0] + "subscriber add jour@example.se --audience duty")
        machine.types(f"sudo -u bo {CALL} vidare")
        credentials = machine.root / "credentials"
        machine.types(f"install -d -m 755 {credentials}")
        machine.types(f"install -m 400 -o reservrutin /etc/reservrutin/worker-database-url {credentials}/database-url")
        [said] = re.findall(
            r"^Environment=(.*)$", (ROOT / "deploy" / "worker-on-postgresql.conf").read_text("utf-8"), re.M
        )
        machine.types(f"sudo -u reservrutin env {said.replace('%d', str(credentials))} reservrutin worker --once")
