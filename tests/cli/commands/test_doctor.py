"""The doctor looks at everything that the log and its mail need, and says what to do where it is not well."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from application.assessment import Assessment, Meets
from application.doctor import looking
from infrastructure.database import postgres, sqlite
from notifiers.email.mail_server import parse_url
from tests.doorway import certificate, doorway, trusted
from tests.mailroom import Mailroom, mailroom, port_of_nobody, text
from tests.terminal import Terminal
from wording.doctor import TO_DO


@pytest.fixture
def mails() -> Iterator[Mailroom]:
    with mailroom() as opened:
        yield opened


@pytest.fixture
def desk(tmp_path: Path, url: str, mails: Mailroom, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """All that is needed: a log that a worker follows, a key, a mail server. The tests' own server is not durable."""
    monkeypatch.setattr(postgres, "DURABLE", {"synchronous_commit": ("on",)})
    opened = Terminal(tmp_path, smtp_url=mails.url, url=url).at("08:00")
    opened.types(f"keys create {tmp_path / 'log.key'}")
    set_to(opened, signing_key_file=tmp_path / "log.key")
    opened.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    opened.types("worker --once")
    return opened


def set_to(desk: Terminal, **more: Any) -> None:
    desk.desk.settings = replace(desk.desk.settings, **more)


def found(desk: Terminal, state: str = "wrong") -> set[str]:
    """The reasons of what is in this state."""
    return {one["reason"] for one in desk.types("doctor --json").json["findings"] if one["state"] == state}


def test_where_all_is_well_it_says_so_of_everything(desk: Terminal) -> None:
    said = desk.types("doctor")
    assert said.code == 0
    assert said.out.splitlines()[-1].startswith("Inget är fel; ")
    checks = {one["check"] for one in desk.types("doctor --json").json["findings"]}
    assert checks - {"disk"} == {"settings", "log", "clock", "time-zone", "keys", "relay", "worker"}
    assert max(map(len, said.out.splitlines())) <= 80


def test_a_test_mail_goes_through_everything_and_the_answer_is_shown(desk: Terminal, mails: Mailroom) -> None:
    said = desk.types("doctor --mail anna@example.se")
    assert said.code == 0
    assert "E-postservern tog emot det till anna@example.se: 250" in said.out
    [mail] = mails.to("anna")
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Prov av e-post från reservrutin", "auto-generated")
    assert "åäö" in text(mail)
    mails.refuses = "bo@example.se"
    refused = desk.types("doctor --mail bo@example.se")
    assert refused.code == 6
    assert "tog inte emot det till bo@example.se: 550" in " ".join(refused.out.split())
    assert desk.types("doctor --mail ingen-adress").code == 2


def test_what_is_wrong_is_named_with_what_to_do(desk: Terminal, tmp_path: Path) -> None:
    set_to(desk, mail_server=parse_url(f"smtp://127.0.0.1:{port_of_nobody()}"))
    assert found(desk) == {"relay-away"}
    set_to(desk, mail_server=None)
    assert found(desk) == {"no-relay"}
    assert "→ Sätt smtp_url." in desk.types("doctor").out
    set_to(desk, signing_key_file=tmp_path / "gone.key")
    assert "key-file" in found(desk)
    set_to(desk, signing_key_file=None)
    assert "no-key" in found(desk, "doubtful")
    desk.at("08:30").records("note-added --text 'ingen följer loggen'")
    assert "no-worker" not in found(desk.at("08:31"))
    assert "no-worker" in found(desk.at("09:00"))
    assert "Ingen arbetare har följt loggen sedan 2026-12-07 08:30 CET" in " ".join(desk.types("doctor").out.split())


def test_durability_is_what_is_in_force_and_not_what_was_asked_for(
    desk: Terminal, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "postgresql" in url:
        monkeypatch.setitem(postgres.ASKED, "synchronous_commit", "off")
    else:
        monkeypatch.setattr(sqlite, "PRAGMAS", ("synchronous=OFF",))
    assert found(desk) == {"not-as-asked" if "postgresql" in url else "not-durable"}


def test_to_look_at_an_old_log_does_not_upgrade_it(desk: Terminal) -> None:
    with desk.desk.database.writing() as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0014'")
    desk.desk.database.close()
    assert found(desk) == {"schema-other"}
    assert desk.desk.database.version() == "0014"


def test_where_there_is_no_log_none_is_made(tmp_path: Path, mails: Mailroom) -> None:
    desk = Terminal(tmp_path, smtp_url=mails.url, url=f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert "no-log" in found(desk, "doubtful")
    looked_at = {one["check"] for one in desk.types("doctor --json").json["findings"]}
    assert not looked_at & {"clock", "worker"}, "there is no log that they could be said to agree with"
    assert not (tmp_path / "none.sqlite").exists()


def test_a_log_that_is_away_is_said_once(tmp_path: Path, mails: Mailroom) -> None:
    nobody = f"postgresql+psycopg://anna@127.0.0.1:{port_of_nobody()}/log"
    desk = Terminal(tmp_path, smtp_url=mails.url, url=nobody)
    assert found(desk) == {"database"}
    assert desk.types("doctor").out.count(str(port_of_nobody())) == 1


def test_what_the_relay_does_not_let_us_do_is_told(desk: Terminal, mails: Mailroom) -> None:
    """The encryption and the login that are asked for are looked at, and a server without them is no mail server."""
    for asked in ("?tls=starttls", "?tls=implicit"):
        set_to(desk, mail_server=parse_url(mails.url + asked))
        assert found(desk) == {"relay-away"}, asked
    set_to(desk, mail_server=parse_url(mails.url.replace("//", "//anna:fel@")))
    assert found(desk) == {"relay-away"}
    set_to(desk, mail_server=replace(parse_url(mails.url), ehlo_name="sesam.example.se"))
    assert "Vi kallar oss sesam.example.se där (EHLO)." in desk.types("doctor").out


def test_what_the_accessibility_statement_does_not_know_is_named_where_there_are_pages(
    desk: Terminal, tmp_path: Path
) -> None:
    assert "statement-unknown" not in found(desk, "doubtful"), "there is no page"
    set_to(desk, publish_dir=tmp_path, organisation="Region Skåne")
    said = " ".join(desk.types("doctor").out.split())
    assert "kräver: accessibility_contact, accessibility_assessed. → Ange dem" in said
    assessed = Assessment(date(2026, 11, 20), Meets.PARTLY, "egen granskning")
    set_to(desk, accessibility_contact="tillganglighet@example.se", accessibility_assessed=assessed)
    assert "statement" in found(desk, "well")


def test_the_door_is_tried_as_the_worker_tries_it(
    desk: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def web() -> dict[str, str]:
        findings = desk.types("doctor --json").json["findings"]
        return {one["reason"]: one["state"] for one in findings if one["check"] == "web"}

    assert web() == {}, "none is set"
    with doorway(certificate(trusted(tmp_path, monkeypatch))) as door:
        set_to(desk, web_url=door.url)
        assert web() == {"web": "well"}
        assert f"✓ prenumerationssidan: {door.url} svarar." in desk.types("doctor").out
        door.status = 502
        assert web() == {"web-unwell": "wrong"}
    assert web() == {"web-away": "wrong"}
    said = desk.types("doctor")
    assert said.code == 6
    assert f"{door.url} går inte att nå. → Starta reservrutin web" in " ".join(said.out.split())
    with doorway() as plain:
        set_to(desk, web_url=plain.url)
        assert web() == {"web": "well", "web-unencrypted": "doubtful"}
    assert max(map(len, said.out.splitlines())) <= 80


def test_whatever_is_not_well_has_a_word_of_what_to_do() -> None:
    """Of what the doctor says itself; a refusal and a clock say in their own sentence what is right."""
    source = "".join(path.read_text("utf-8") for path in Path(looking.__file__).parent.glob("*.py"))
    named = set(re.findall(r'(?:wrong|doubtful)\(\s*"[a-z-]+",\s*"([a-z-]+)"', source))
    assert len(named) > 10
    assert named <= set(TO_DO)


def test_a_log_that_only_its_owner_may_write_in_a_folder_for_a_group_is_named(tmp_path: Path, mails: Mailroom) -> None:
    """As an older version made it, or a copy that was put back."""
    tmp_path.chmod(0o2770)
    desk = Terminal(tmp_path, smtp_url=mails.url, url=f"sqlite:///{tmp_path / 'log.sqlite'}").at("08:05")
    desk.records("outage-detected --scope all-users --system sesam-s2")
    assert "not-its-groups" not in found(desk, "doubtful")
    (tmp_path / "log.sqlite").chmod(0o600)
    assert "not-its-groups" in found(desk, "doubtful")
    said = "".join(desk.types("doctor").out.split())
    assert f"chmod660{tmp_path}/log.sqlite" in said


def test_a_test_mail_comes_back_where_notices_do_and_it_is_told_where_spf_says_nothing_for_dmarc(
    desk: Terminal, mails: Mailroom
) -> None:
    """A relay that lets us send as one domain may refuse us as another: so the test has a notice's envelope."""
    sender = ("Reservrutin Sesam", "reservrutin@skane.example.se")
    for domain, is_told in (
        ("skane.example.se", False),
        ("studs.skane.example.se", False),
        ("studs.example.org", True),
    ):
        set_to(desk, mail_from=sender, mail_return_path=f"b@{domain}", mail_return_secret="0123456789abcdef")  # noqa: S106
        assert ("not-aligned" in found(desk, "doubtful")) == is_told
        said = " ".join(desk.types("doctor --mail anna@example.se").out.split())
        assert mails.senders[-1].startswith("b+0.")
        assert mails.senders[-1].endswith(f"@{domain}")
        assert (
            "Mejlet har reservrutin@skane.example.se som avsändare. Kan det inte levereras kommer det tillbaka till "
            f"{mails.senders[-1]}" in said
        )
