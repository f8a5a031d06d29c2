"""`witness read` and `verify --against`: old mails as people have them, held against the log."""

import mailbox
import re
import textwrap
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path

import pytest

from domain.checkpoint import parse
from infrastructure.integrity import keys
from tests import outlook
from tests.mailroom import mailroom, text
from tests.terminal import Terminal

NAME = "logg.example.se/sesam"


@pytest.fixture
def signing(terminal: Terminal, tmp_path: Path) -> Terminal:
    """A log with a key and three facts, of which the first is signed for."""
    path = tmp_path / "signing.key"
    terminal.desk.settings = replace(terminal.settings, signing_key_file=path, log_origin=NAME)
    assert terminal.types("keys create").code == 0
    terminal.types("subscriber add anna@example.se --audience staff")
    terminal.records("outage-detected --scope all-users --system sesam-s2 --at 08:05")
    return terminal


@pytest.fixture
def mail(signing: Terminal) -> bytes:
    """The mail that told of the outage, as it was received; the log has grown since."""
    with mailroom() as room:
        signing.desk.settings = replace(signing.desk.settings, mail_server=room.server())
        assert signing.types("worker --once").code == 0
        [received] = room.raw
    signing.records("note-added --text Lugnt")
    signing.records("note-added --text Ännu")
    return received


def plain(mail: bytes) -> str:
    found = message_from_bytes(mail, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return text(found).replace("\r\n", "\n")


def shown(mail: bytes) -> str:
    """The page that a mail program shows, which is all that Outlook keeps of a mail in two forms."""
    body = message_from_bytes(mail, policy=policy.default).get_body(("html",))
    assert body
    return str(body.get_content())


def written(content: str, subtype: str = "plain", cte: str = "8bit", **params: str) -> bytes:
    """A mail of somebody's, with this in it."""
    made = EmailMessage(policy=policy.SMTP)
    made["Subject"] = "SV: Avbrott"
    made.set_content(content, subtype=subtype, cte=cte)
    for name, value in params.items():
        made.set_param(name, value)
    return made.as_bytes()


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def wrapped(text: str, width: int = 72) -> str:
    return "\n".join("\n".join(textwrap.wrap(line, width)) for line in text.splitlines())


def page(text: str) -> str:
    lines = "".join(f"<p class=MsoNormal>{escape(line) or '&nbsp;'}<o:p></o:p></p>\n" for line in text.splitlines())
    linked = lines.replace(NAME, f'<a href="http://{NAME}">{NAME}</a>')
    return f"<html><style>p {{ margin: 0 }}</style><body>{linked}</body></html>"


def dated(mail: bytes, date: str) -> bytes:
    return re.sub(rb"(?m)^Date: .*$", f"Date: {date}".encode(), mail, count=1)


def forwarded(mail: bytes) -> bytes:
    return b"Subject: Fwd\r\nContent-Type: message/rfc822\r\n\r\n" + mail


SAVED: dict[str, Callable[[bytes], bytes]] = {
    "as-received.eml": lambda mail: mail,
    "forwarded.eml": forwarded,
    "quoted.eml": lambda mail: written(quoted(plain(mail))),
    "quoted-twice-and-wrapped.eml": lambda mail: written(wrapped(quoted(quoted(plain(mail))))),
    "flowed.eml": lambda mail: written(wrapped(plain(mail)).replace("\n", " \n"), format="flowed", delsp="no"),
    "base64.eml": lambda mail: written(plain(mail), cte="base64"),
    "html-only.eml": lambda mail: written(page(plain(mail)), "html", "quoted-printable"),
    "own-page.eml": lambda mail: written(shown(mail), "html", "quoted-printable"),
    "wrapped.txt": lambda mail: wrapped(plain(mail), 76).encode(),
    "one-line.txt": lambda mail: " ".join(plain(mail).split()).encode(),
    "ansi.txt": lambda mail: plain(mail).replace("\n", "\r\n").encode("cp1252", "replace"),
    "no-dash.txt": lambda mail: plain(mail).encode("latin-1", "replace"),
    "utf-8-sig.txt": lambda mail: plain(mail).encode("utf-8-sig"),
    "utf-16.txt": lambda mail: plain(mail).encode("utf-16"),
    "utf-16-le.txt": lambda mail: plain(mail).encode("utf-16-le"),
    "utf-16-be.txt": lambda mail: plain(mail).encode("utf-16-be"),
    "source-utf-16.eml": lambda mail: mail.decode().encode("utf-16"),
    "outlook.msg": lambda mail: outlook.msg("Subject: Avbrott\nDate: Mon, 7 Dec 2026 08:06:00 +0100", plain(mail)),
    "outlook-page.msg": lambda mail: outlook.msg("Subject: Avbrott", "Se sidan.", shown(mail)),
    "no-zone-there-is.eml": lambda mail: dated(mail, "Mon, 07 Dec 2026 08:06:00 +99999999999999"),
    "no-year-there-is.eml": lambda mail: dated(mail, "Mon, 07 Dec 99999999999999999999 08:06:00 +0100"),
}


def test_a_mail_bears_witness_whatever_it_was_saved_as(signing: Terminal, mail: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    for name, saved in SAVED.items():
        (folder / name).write_bytes(saved(mail))
    found = signing.types(f"witness read {folder} --json")
    assert (found.code, found.json["problems"], found.json["unreadable"], found.json["without"]) == (0, [], [], [])
    read = {seen["file"]: (seen["size"], seen["extended"], seen["signature"]) for seen in found.json["mails"]}
    assert read == dict.fromkeys(SAVED, (2, True, "valid"))
    ours = [seen["file"] for seen in found.json["mails"] if seen["delivery"]]
    assert ours == [
        "as-received.eml",
        "forwarded.eml",
        "no-year-there-is.eml",
        "no-zone-there-is.eml",
        "source-utf-16.eml",
    ], "an answer has a name of its own"
    shown = signing.types(f"witness read {folder}").out
    assert f"{len(SAVED)} signerade kontrollpunkter" in " ".join(shown.split())
    for name in SAVED:
        assert f"{name}: signerat till position 2, loggen bygger vidare på det." in " ".join(shown.split())
    assert all(len(line) <= 80 for line in shown.splitlines())
    for name in SAVED:
        assert signing.types(f"verify --against {folder / name}").code == 0, name


def test_mailboxes_maildirs_and_folders_in_them_are_read_at_once(
    signing: Terminal, mail: bytes, tmp_path: Path
) -> None:
    box = mailbox.mbox(tmp_path / "box.mbox")
    box.add(mail)
    box.add(b"Subject: Lunch\r\n\r\nKl 12?\r\n")
    box.close()
    maildir = mailbox.Maildir(tmp_path / "Maildir")
    maildir.add(mail)
    maildir.add_folder("2026").add(mail)
    (tmp_path / "saved" / "2026").mkdir(parents=True)
    (tmp_path / "saved" / "2026" / "one.eml").write_bytes(mail)
    (tmp_path / "saved" / "broken.msg").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 2000)
    found = signing.types(f"witness read {tmp_path}/box.mbox {tmp_path}/Maildir {tmp_path}/saved --json").json
    assert [seen["extended"] for seen in found["mails"]] == [True] * 4
    assert found["without"] == ["box.mbox:2"]
    assert [one["file"] for one in found["unreadable"]] == ["broken.msg"]
    shown = signing.types(f"witness read {tmp_path}/box.mbox {tmp_path}/saved")
    assert shown.code == 0
    assert "box.mbox:2: ingen kontrollpunkt." in shown.out
    assert signing.types(f"witness read {tmp_path / 'nowhere'}").code == 2
    (tmp_path / "lunch.eml").write_text("Subject: Lunch\n\nKl 12?\n")
    assert signing.types(f"witness read {tmp_path / 'lunch.eml'}").code == 2


def invented(terminal: Terminal, folder: Path, name: str, size: int = 1, key: Path | None = None) -> Path:
    """A mail with a checkpoint of another log, signed by a key of the same name, or by this one."""
    signer = keys.read(key) if key else keys.create(folder / f"{name}.key", NAME)
    note = signer.note(f"{NAME}\n{size}\n{'A' * 43}=\n")
    (folder / f"{name}.eml").write_bytes(written(note))
    return folder / f"{name}.eml"


def test_what_nobody_trusted_has_signed_proves_nothing(signing: Terminal, mail: bytes, tmp_path: Path) -> None:
    path = invented(signing, tmp_path, "invented")
    found = signing.types(f"witness read {path} --json")
    assert (found.code, found.json["problems"]) == (0, [])
    [seen] = found.json["mails"]
    assert (seen["extended"], seen["proves_nothing"], seen["signature"]) == (False, True, "unknown")
    shown = signing.types(f"witness read {path}")
    assert "bevisar ingenting" in shown.out
    assert "Ingenting är bevisat" in shown.out
    assert signing.types(f"verify --against {path}").code == 0
    bare = tmp_path / "bare.eml"
    bare.write_text(f"X-Reservrutin-Checkpoint: 1 {'A' * 43}=\n\nHej\n")
    assert "ingenting signerat" in " ".join(signing.types(f"witness read {bare}").out.split())
    signing.desk.settings = replace(signing.desk.settings, signing_key_file=None)
    (tmp_path / "real.eml").write_bytes(mail)
    unkeyed = signing.types(f"witness read {path} {tmp_path / 'real.eml'}")
    assert unkeyed.code == 0
    assert "Ingenting är bevisat" in unkeyed.out, "no key is known, so nothing is"
    assert "--key" in unkeyed.out


def test_a_mail_that_was_changed_says_nothing_of_the_log(signing: Terminal, mail: bytes, tmp_path: Path) -> None:
    changed = tmp_path / "changed.txt"
    changed.write_text(plain(mail).replace(f"{NAME}\n2\n", f"{NAME}\n3\n"), encoding="utf-8")
    found = signing.types(f"witness read {changed}")
    assert found.code == 6
    assert "changed.txt: bevisar ingenting om loggen." in found.out
    assert "är INTE en fortsättning" not in found.out
    assert [one["reason"] for one in signing.types(f"witness read {changed} --json").json["problems"]] == [
        "witness-forged"
    ]


def test_a_key_that_has_signed_two_logs_is_said_to_have(signing: Terminal, mail: bytes, tmp_path: Path) -> None:
    real, key = tmp_path / "real.eml", signing.desk.settings.signing_key_file
    real.write_bytes(mail)
    other = invented(signing, tmp_path, "other", key=key)
    beyond = [invented(signing, tmp_path, f"beyond-{size}", size=size, key=key) for size in (40, 41)]

    def reasons(*paths: Path, more: str = "") -> tuple[int, set[str]]:
        found = signing.types(f"witness read {' '.join(map(str, paths))} --json {more}")
        return found.code, {problem["reason"] for problem in found.json["problems"]}

    assert reasons(real, other) == (6, {"other-than-witness", "signed-otherwise"})
    shown = " ".join(signing.types(f"witness read {other}").out.split())
    assert "nyckeln för logg.example.se/sesam har signerat båda: den har signerat två olika loggar" in shown
    neighbour = keys.create(tmp_path / "neighbour.key", "annan.example.se/sesam")
    (tmp_path / "neighbour.eml").write_bytes(written(neighbour.note(f"{neighbour.name}\n1\n{'A' * 43}=\n")))
    trusted = reasons(real, tmp_path / "neighbour.eml", more=f"--key {neighbour.verifier}")
    assert trusted == (6, {"other-than-witness"}), "two keys, each of a log of its own"
    assert reasons(*beyond) == (6, {"missing"}), "that of the larger is not known to begin with the smaller"
    twin = tmp_path / "twin.eml"
    note = keys.read(key or Path()).note(f"{NAME}\n40\n{'B' * 42}A=\n")
    twin.write_bytes(written(note))
    assert parse(note)[0].size == 40
    assert reasons(beyond[0], twin) == (6, {"missing", "signed-twice"})


def test_a_history_made_anew_with_the_key_is_given_away_by_an_old_mail(
    signing: Terminal, mail: bytes, tmp_path: Path
) -> None:
    """Whoever has the key signs for another log as well; what left the house before says so."""
    real = tmp_path / "real.eml"
    real.write_bytes(mail)
    (tmp_path / "other").mkdir()
    other = Terminal(tmp_path / "other")
    other.desk.settings = replace(other.settings, signing_key_file=tmp_path / "copy.key", log_origin=NAME)
    key = signing.desk.settings.signing_key_file
    assert key
    (tmp_path / "copy.key").write_bytes(key.read_bytes())
    (tmp_path / "copy.key").chmod(0o600)
    other.at("08:55").records("outage-detected --scope all-users --system sesam-s2 --at 08:50")
    other.records("note-added --text Lugnt")
    other.types("checkpoint")
    found = other.types(f"witness read {real} --json")
    other.close()
    assert found.code == 6
    assert {problem["reason"] for problem in found.json["problems"]} == {"other-than-witness", "signed-otherwise"}


def test_a_mail_is_held_against_what_the_ledger_says_of_it(signing: Terminal, mail: bytes, tmp_path: Path) -> None:
    real, other = tmp_path / "real.eml", tmp_path / "other.eml"
    real.write_bytes(mail)
    other.write_bytes(mail.replace(b"anna@example.se", b"bertil@example.se", 1))
    found = signing.types(f"verify --against {real} --json")
    [row] = signing.types("deliveries --json").json
    assert (found.code, found.json["against"][0]["delivery"]) == (0, row["id"])
    for said in (f"verify --against {other}", f"witness read {other}"):
        found = signing.types(said)
        assert found.code == 6
        assert f"är leverans {row['id']} men gick till en annan adress än" in " ".join(found.out.split())
    assert signing.types(f"subscriber remove {row['subscriber']}").code == 0
    for said in (f"verify --against {real}", f"witness read {real}"):
        found = signing.types(said)
        assert found.code == 0
        assert "mottagaren har raderats sedan dess" in " ".join(found.out.split())


def test_the_log_says_itself_what_had_been_sent(signing: Terminal, mail: bytes, tmp_path: Path) -> None:
    """The delivery and its attempt are deleted and the counters lowered, with the mail's reader erased before."""
    out = tmp_path / "whole.jsonl"
    assert signing.types(f"export --all --format cloudevents -o {out}").code == 0
    assert out.read_text(encoding="utf-8").count("se.reservrutin.ledger-sealed.v1") == 1
    [row] = signing.types("deliveries --json").json
    signing.types(f"subscriber remove {row['subscriber']}")
    whole = signing.types("verify --json")
    assert (whole.code, whole.json["checkpoint"]["size"]) == (0, 3), "it is signed for in the same round"
    connection = signing.desk.database.connection()
    for table, whose in (("attempts", "delivery"), ("deliveries", "id")):
        connection.execute(f"DELETE FROM {table} WHERE {whose} = ?", (row["id"],))
        connection.execute("UPDATE registers SET rows = 0 WHERE name = ?", (table,))
    found = signing.types("verify")
    assert found.code == 6
    assert "Av raderna som förseglades då är dessa borta ur deliveries: 1." in found.out
    assert "Av raderna som förseglades då är dessa borta ur attempts: 1." in found.out
