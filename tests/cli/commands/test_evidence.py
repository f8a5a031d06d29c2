"""`keys`, `checkpoint`, `verify`, and the mail that bears witness, as people meet them."""

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from proofbundle import checkpoint as theirs

from tests.mailroom import mailroom, text
from tests.terminal import Terminal

NAME = "logg.example.se/sesam"


@pytest.fixture
def keyed(terminal: Terminal, tmp_path: Path) -> Terminal:
    """A terminal whose settings name a key that is not there yet."""
    path = tmp_path / "keys" / "signing.key"
    terminal.desk.settings = replace(terminal.settings, signing_key_file=path, log_origin=NAME)
    return terminal


@pytest.fixture
def signing(keyed: Terminal) -> Terminal:
    assert keyed.types("keys create").code == 0
    keyed.records("outage-detected --scope all-users --system sesam-s2 --at 08:05")
    return keyed


def key_of(terminal: Terminal) -> Path:
    assert terminal.desk.settings.signing_key_file
    return terminal.desk.settings.signing_key_file


def test_a_key_is_made_once_and_its_owner_alone_can_read_it(keyed: Terminal) -> None:
    made = keyed.types("keys create --json")
    assert made.code == 0
    assert made.json["name"] == NAME
    path = key_of(keyed)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    again = keyed.types("keys create")
    assert again.code == 5
    assert path.read_text() == before
    assert keyed.types("keys show").out.strip() == made.json["verifier"]
    path.chmod(0o640)
    refused = keyed.types("checkpoint")
    assert (refused.code, "chmod 600" in refused.err) == (2, True)


def test_a_log_takes_its_name_from_the_archives_address(keyed: Terminal, tmp_path: Path) -> None:
    keyed.desk.settings = replace(keyed.desk.settings, log_origin="", base_url="https://logg.example.se/sesam/")
    assert keyed.types("keys create --json").json["name"] == NAME
    keyed.desk.settings = replace(keyed.desk.settings, log_origin="två ord", signing_key_file=tmp_path / "x")
    assert keyed.types("keys create").code == 2
    assert not (tmp_path / "x").exists()


def test_the_private_key_is_nowhere_in_the_database(signing: Terminal) -> None:
    signing.types("checkpoint")
    secret = key_of(signing).read_text().strip().split("+", 4)[-1].encode()
    assert len(secret) > 40
    folder = signing.desk.database.path.parent
    assert all(secret not in path.read_bytes() for path in folder.glob("log.sqlite*"))


def test_a_checkpoint_is_what_others_can_read(signing: Terminal) -> None:
    note = signing.types("checkpoint").out
    verifier = signing.types("keys show").out.strip()
    found = theirs.verify_checkpoint(note, verifier)
    assert found["ok"]
    assert note.split("\n")[:2] == [NAME, "1"]
    assert signing.types("checkpoint").out == note, "nothing new, nothing else signed"
    signing.records("note-added --text Lugnt")
    document = signing.types("checkpoint --json").json
    assert document["size"] == 2
    assert document["note"].startswith(f"{NAME}\n2\n{document['root']}\n\n— {NAME} ")


def test_without_a_key_or_a_fact_there_is_nothing_to_sign(terminal: Terminal, keyed: Terminal) -> None:
    keyed.types("keys create")
    assert keyed.types("checkpoint").code == 3
    keyed.desk.settings = terminal.settings
    refused = keyed.types("checkpoint")
    assert refused.code == 3
    assert "keys create" in refused.err
    assert keyed.types("keys show").code == 3


def test_verify_says_that_everything_matches_and_what_could_not_be_checked(
    signing: Terminal, terminal: Terminal
) -> None:
    first = signing.types("verify")
    assert first.code == 0
    assert "1 notering: allt stämmer" in first.out
    assert "Ingen kontrollpunkt är signerad" in first.out
    signing.types("checkpoint")
    key = signing.types("keys show").out.strip()
    document = signing.types("verify --json").json
    assert (document["ok"], document["facts"], document["problems"]) == (True, 1, [])
    assert document["checkpoint"]["signature"] == "valid"
    assert document["root"] == document["checkpoint"]["root"]
    signing.desk.settings = terminal.settings  # a reviewer's, who has neither key nor settings
    assert signing.types("verify --json").json["checkpoint"]["signature"] == "unchecked"
    assert signing.types(f"verify --json --key {key}").json["checkpoint"]["signature"] == "valid"
    assert signing.types("verify --key not-a-key").code == 2


def test_verify_names_what_somebody_changed_and_ends_with_six(signing: Terminal) -> None:
    connection = signing.desk.database.connection()
    connection.execute("UPDATE leaves SET hash = ?", (bytes(32),))
    found = signing.types("verify")
    assert found.code == 6
    assert "Position 1:" in found.out
    [problem] = signing.types("verify --json").json["problems"]
    assert (problem["position"], problem["reason"]) == (1, "bytes-changed")
    assert problem["problem"]


def test_whoever_can_not_read_the_key_can_verify_all_the_same(signing: Terminal) -> None:
    note = signing.types("checkpoint").out
    key_of(signing).unlink()
    assert signing.types("verify --json").json["checkpoint"]["signature"] == "valid"
    signing.desk.database.connection().execute("DELETE FROM checkpoints")
    [problem] = signing.types("verify --json").json["problems"]
    assert (problem["table"], problem["reason"]) == ("checkpoints", "rows-missing")
    signing.desk.database.connection().execute("UPDATE registers SET rows = 0 WHERE name = 'checkpoints'")
    assert signing.types("verify").code == 0
    key_of(signing).with_name("signing.key.signed").write_text(note.replace("\n1\n", "\n7\n"))
    found = signing.types("verify --json")
    assert (found.code, found.json["problems"][0]["reason"]) == (6, "shorter-than-signed")


def test_every_mail_bears_witness(signing: Terminal, tmp_path: Path) -> None:
    signing.types("subscriber add anna@example.se --audience staff")
    signing.types("subscriber add lund@example.se --audience public --language en")
    with mailroom() as room:
        signing.desk.settings = replace(signing.desk.settings, mail_server=room.server())
        signing.records("operating-information-published --text Nere --channel intranet --as system-owner")
        note = signing.types("checkpoint").out
        assert signing.types("worker --once").code == 0
        raw, mails = list(room.raw), list(room.mails)
    assert len(mails) >= 2
    size, root = note.split("\n")[1:3]
    for mail in mails:
        assert mail["X-Reservrutin-Checkpoint"] == f"{size} {root}"
        assert note in text(mail).replace("\r\n", "\n")
    signing.records("note-added --text Lugnt")
    for number, content in enumerate(raw):
        kept = tmp_path / f"{number}.eml"
        kept.write_bytes(content)
        found = signing.types(f"verify --json --against {kept}")
        assert found.code == 0, found.out
        [seen] = found.json["against"]
        assert (seen["size"], seen["extended"], seen["signature"]) == (int(size), True, "valid")
        assert len(seen["consistency"]) > 0
    forwarded = tmp_path / "forwarded.eml"
    forwarded.write_bytes(b"Subject: Fwd\r\nContent-Type: message/rfc822\r\n\r\n" + raw[0])
    assert signing.types(f"verify --against {forwarded}").code == 0
    other = "0" if root[0] != "0" else "1"
    kept.write_bytes(raw[0].replace(root.encode(), (other + root[1:]).encode()))
    forged = signing.types(f"verify --against {kept}")
    assert forged.code == 6
    assert "det är inte vad vi skickade" in forged.out
    assert "Något mellan position" not in forged.out, "it says nothing of the log"


def test_of_a_mail_whose_footer_is_lost_the_header_still_bears_witness(signing: Terminal, tmp_path: Path) -> None:
    size, root = signing.types("checkpoint").out.split("\n")[1:3]
    kept = tmp_path / "kept.eml"
    kept.write_text(f"Subject: Hej\nX-Reservrutin-Checkpoint: {size}\n {root}\n\nbortklippt\n")
    [seen] = signing.types(f"verify --json --against {kept}").json["against"]
    assert (seen["extended"], seen["signature"]) == (True, None)
    kept.write_text("Subject: Hej\n\nbortklippt\n")
    assert signing.types(f"verify --against {kept}").code == 2
    assert signing.types(f"verify --against {tmp_path / 'nowhere'}").code == 2


def test_a_checkpoint_that_can_not_be_made_stops_no_mail(signing: Terminal) -> None:
    signing.types("subscriber add anna@example.se --audience staff")
    signing.types("checkpoint")
    signing.records("note-added --text Lugnt")
    signing.desk.database.connection().execute("UPDATE tree SET frontier = ?", (bytes(32),))
    with mailroom() as room:
        signing.desk.settings = replace(signing.desk.settings, mail_server=room.server())
        sent = signing.types("worker --once")
        assert sent.code == 0
        assert "verify" in sent.err
        [mail] = room.mails
    assert str(mail["X-Reservrutin-Checkpoint"]).startswith("2 "), "the newest that there is"
    assert mail["X-Reservrutin-Checkpoint-Date"] is None, "and the log holds more"


def test_without_checkpoints_mail_is_as_it_was(outage: Terminal) -> None:
    outage.types("subscriber add anna@example.se --audience staff")
    outage.records("note-added --text Lugnt")
    with mailroom() as room:
        outage.desk.settings = replace(outage.settings, mail_server=room.server())
        outage.types("worker --once")
        [mail] = room.mails
    assert mail["X-Reservrutin-Checkpoint"] is None
    assert "—" not in text(mail)


def test_recording_does_not_bring_the_cryptography_along(tmp_path: Path) -> None:
    opened = "cli.commands.record, cli.commands.board, infrastructure.log.incident_log"
    said = f"import sys, {opened}; print('cryptography' in sys.modules)"
    environment = os.environ | {"RESERVRUTIN_DATABASE_URL": f"sqlite:///{tmp_path / 'log.sqlite'}"}
    found = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == "False"
