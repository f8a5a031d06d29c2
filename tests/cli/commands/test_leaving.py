"""A reader leaves by mail: by the token of their own mail alone, acted on once, answered once."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

from infrastructure.registers.subscribers import Subscribers
from notifiers.email.leaving import wish_in
from tests.mailroom import Mailroom, mailroom, port_of_nobody, text
from tests.terminal import Terminal

ANNA, BO = "anna@example.se", "bo@example.se"


@pytest.fixture
def mails() -> Iterator[Mailroom]:
    with mailroom() as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path, url: str, mails: Mailroom) -> Terminal:
    """Anna and Bo have each been mailed of an outage."""
    opened = Terminal(tmp_path, smtp_url=mails.url, url=url).at("08:00")
    for address in (ANNA, BO):
        assert opened.types(f"subscriber add {address} --audience staff").code == 0
    opened.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    opened.types("worker --once")
    return opened


def token(mails: Mailroom, name: str, number: int = 0) -> str:
    """What the way out of this mail ends with, in its header as in its text."""
    mail = mails.to(name)[number]
    way_out = r"<mailto:reservrutin@example\.se\?subject=avsluta%20([a-z2-7]{26})>"
    found = re.fullmatch(way_out, mail["List-Unsubscribe"])
    assert found
    assert f"med ämnet: avsluta {found[1]}" in " ".join(text(mail).split())
    return found[1]


def writes(folder: Path, subject: str, body: str = "", **headers: str) -> Path:
    """What somebody writes to us, as a file."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "nagon@example.se", "reservrutin@example.se", subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    path = folder / f"{len(list(folder.glob('*.eml')))}.eml"
    path.write_bytes(mail.as_bytes())
    return path


def told(desk: Terminal) -> list[str]:
    return sorted(reader.address for reader, _state in Subscribers(desk.desk.database).all())


def test_whoever_asks_with_the_token_of_their_mail_is_erased_and_answered_once(
    tmp_path: Path, desk: Terminal, mails: Mailroom
) -> None:
    path = writes(tmp_path, f"avsluta {token(mails, 'anna')}")
    read = desk.types(f"bounces read {path}")
    assert "vill inte ha fler besked" in read.out
    assert "har slutat: adressen är raderad" in read.out
    assert told(desk) == [BO]
    answer = mails.to("anna")[-1]
    assert answer["Subject"] == "Du får inga fler besked från oss"
    assert "Din adress är raderad" in text(answer)
    assert answer["Auto-Submitted"] == "auto-replied"
    assert [one["handled"] for one in desk.types(f"bounces read {path} --json").json] == ["known"]
    assert len(mails.to("anna")) == 2
    desk.at("08:30").records("prognosis-received --restored-by 10:00")
    desk.types("worker --once")
    assert (len(mails.to("anna")), len(mails.to("bo"))) == (2, 2)
    assert desk.types("verify").code == 0
    register = desk.types("log --of subscribers").out
    assert "har slutat själv" in register
    assert "Kanal: e-post" in " ".join(register.split())


@pytest.mark.parametrize(
    ("subject", "asked"),
    [
        ("Sv: avsluta {}", True),
        ("[EXTERN] AVSLUTA {}", True),
        ("unsubscribe {}", True),
        ("=?utf-8?q?avsluta_{}_=E2=80=93_tack_=C3=85sa?=", True),
        ("avsluta\r\n {}", True),
        ("avslutad {}", False),
        ("{}", False),
        ("=?utf-99?q?avsluta_{}?=", False),
    ],
)
def test_what_mail_programs_make_of_the_subject_is_understood(subject: str, asked: bool) -> None:
    given = "abcdefgh2345ijklmnop67qrst"
    mail = message_from_bytes(f"Subject: {subject.format(given)}\r\n\r\n".encode())
    assert wish_in(mail) == (given if asked else None)


def test_whoever_knows_an_address_or_a_pseudonym_alone_ends_nothing(
    tmp_path: Path, desk: Terminal, mails: Mailroom
) -> None:
    [reader] = [reader for reader, _state in Subscribers(desk.desk.database).all() if reader.address == ANNA]
    kept = desk.desk.database.connection().execute("SELECT id FROM ways_out").fetchone()[0]
    guesses = [f"avsluta {reader.id}", f"avsluta {ANNA}", "avsluta", f"avsluta {kept[:26]}", "avsluta " + "a" * 26]
    paths = [str(writes(tmp_path, guess, From_=ANNA)) for guess in guesses]
    read = desk.types(f"bounces read {' '.join(paths)} --json").json
    assert [one["handled"] for one in read] == ["unknown"] * len(guesses)
    assert "ingen giltig kod" in desk.types(f"bounces read {paths[0]}").out
    assert told(desk) == [ANNA, BO]
    assert len(mails.to("anna")) == 1, "and nobody is written to"


def test_an_answer_that_only_quotes_our_mail_ends_nothing(tmp_path: Path, desk: Terminal, mails: Mailroom) -> None:
    mail = mails.to("anna")[0]
    path = writes(tmp_path, f"Autosvar: {mail['Subject']}", text(mail), Auto_Submitted="auto-replied")
    assert [one["subscriber"] for one in desk.types(f"bounces read {path} --json").json] == [None]
    assert told(desk) == [ANNA, BO]


def test_the_token_of_any_of_their_mails_works_and_only_its_hash_is_kept(
    tmp_path: Path, desk: Terminal, mails: Mailroom
) -> None:
    desk.at("08:30").records("prognosis-received --restored-by 10:00")
    desk.types("worker --once")
    first, second = token(mails, "anna"), token(mails, "anna", 1)
    assert first != second, "another worker"
    assert token(mails, "bo") not in (first, second)
    rows = desk.desk.database.connection().execute("SELECT * FROM ways_out").fetchall()
    assert len(rows) == 4
    assert not any(given in str(rows) for given in (first, second))
    assert desk.types(f"bounces read {writes(tmp_path, f'avsluta {first}')} --json").json[0]["handled"] == "left"
    assert desk.types(f"bounces read {writes(tmp_path, f'avsluta {second}')} --json").json[0]["handled"] == "known"
    assert told(desk) == [BO]


def test_whoever_has_left_has_left_though_the_answer_could_not_be_sent(
    tmp_path: Path, desk: Terminal, mails: Mailroom, url: str
) -> None:
    path = writes(tmp_path, f"avsluta {token(mails, 'anna')}")
    away = Terminal(tmp_path, smtp_url=f"smtp://127.0.0.1:{port_of_nobody()}", url=url).at("09:00")
    read = away.types(f"bounces read {path}")
    assert read.code == 0
    assert "har slutat men har inte fått veta det" in read.err
    assert told(desk) == [BO]
