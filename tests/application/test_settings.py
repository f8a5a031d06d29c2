"""Settings are read once, into types, and a wrong one is told by every command: which, where, and what is right."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from platformdirs import user_config_dir, user_data_dir

from application.setting_forms import SETTINGS
from application.settings import Settings, load, system_places
from cli.app import run
from domain.audience import ChannelName
from domain.refusals import Invalid
from notifiers.email.mail_server import MailServer, Tls
from notifiers.retry import RetryPolicy

PROGRAM = Path(sys.executable).with_name("reservrutin")
KEY = "logg.example.se+42d53ebc+AQKqS6m9aGbY7RT3dUCbHVGKp1n0yVnZ0N6BI7KMDNdS"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "reservrutin.toml"
    path.write_text(text, encoding="utf-8")
    return path


def set_to(tmp_path: Path, **settings: str) -> Settings:
    """The settings where these are given in the environment and nothing in the file."""
    return load(written(tmp_path, ""), {f"RESERVRUTIN_{name.upper()}": text for name, text in settings.items()})


@pytest.mark.parametrize("folder", ["", "  ", "inställningar"])
def test_the_settings_are_read_from_the_platforms_folder(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own shortcut on Linux leads where the library would."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / folder) if folder.strip() else folder)
    file = Path(user_config_dir("reservrutin", appauthor=False)) / "reservrutin.toml"
    file.parent.mkdir(parents=True)
    file.write_text('mail_hold = "7s"\n', encoding="utf-8")
    assert file.is_relative_to(tmp_path) or sys.platform != "linux"
    assert load(environment={}).mail_hold == timedelta(seconds=7)


def test_the_systems_file_holds_for_everybody_and_the_persons_own_and_the_environment_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk whose settings stood in the system's place wrote into a private log of its own."""
    far, near, own = tmp_path / "far", tmp_path / "near", tmp_path / "own"
    for place, text in (
        (far, 'lang = "en"\nrole = "partner"\nmail_hold = "7s"\ndatabase_url = "sqlite:////srv/log.sqlite"\n'),
        (near, 'role = "unit-manager"\nmail_hold = "8s"\n'),
        (own, 'mail_hold = "9s"\n'),
    ):
        (place / "reservrutin").mkdir(parents=True)
        (place / "reservrutin" / "reservrutin.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{near}:{far}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(own))
    found = load(environment={"RESERVRUTIN_LANG": "sv"})
    assert (found.database_url, found.role) == ("sqlite:////srv/log.sqlite", "unit-manager")
    assert (found.mail_hold, found.lang) == (timedelta(seconds=9), "sv")
    assert found.given["role"].path == near / "reservrutin" / "reservrutin.toml"
    assert load(written(tmp_path, 'lang = "en"'), {}).role == "", "a file that is named stands alone"


def test_a_systems_file_that_may_not_be_read_is_told_and_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "reservrutin").mkdir()
    (tmp_path / "reservrutin" / "reservrutin.toml").mkdir()  # what root in a test can't read either
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    with pytest.raises(Invalid, match="settings-file"):
        load(environment={})


def test_the_place_of_debians_packages_is_looked_in_last_of_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_DIRS", raising=False)
    assert system_places() == ["/etc/xdg/reservrutin/reservrutin.toml", "/etc/reservrutin/reservrutin.toml"]


@pytest.mark.parametrize("folder", ["", "  ", "data"])
def test_the_log_lies_in_the_platforms_folder(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / folder) if folder.strip() else folder)
    lies = Path(user_data_dir("reservrutin", appauthor=False)) / "reservrutin.sqlite"
    assert load(environment={}).database_url == f"sqlite:///{lies}"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = written(tmp_path, 'lang = "en"\nbase_url = "https://a.example.se"\nrole = "partner"\n')
    found = load(config, {"RESERVRUTIN_LANG": "sv", "RESERVRUTIN_BASE_URL": "", "OTHER_ROLE": "x"})
    assert (found.lang, found.base_url, found.role) == ("sv", "https://a.example.se", "partner")


def test_a_setting_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql+psycopg://anna:hemligt@db/log\n", encoding="utf-8")
    in_a_file = {"RESERVRUTIN_DATABASE_URL_FILE": str(secret)}
    config = written(tmp_path, 'database_url = "sqlite:///från-filen"')
    assert load(config, in_a_file).database_url == "postgresql+psycopg://anna:hemligt@db/log"
    for file in (secret, tmp_path / "missing"):
        both = {"RESERVRUTIN_DATABASE_URL": "sqlite:///direkt", "RESERVRUTIN_DATABASE_URL_FILE": str(file)}
        assert load(config, both).database_url == "sqlite:///direkt", "the variable itself wins"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="settings-file"):
        set_to(tmp_path, smtp_url_file=str(tmp_path / "missing"))
    with pytest.raises(Invalid, match="settings-file"):
        load(tmp_path / "missing.toml", {})
    in_another_encoding = tmp_path / "latin-1.toml"
    in_another_encoding.write_text('mail_from = "Förvaltning <a@example.se>"', encoding="latin-1")
    with pytest.raises(Invalid, match="settings-text"):
        load(in_another_encoding, {})


def test_settings_are_not_changed_once_read(tmp_path: Path) -> None:
    found = set_to(tmp_path)
    with pytest.raises(AttributeError):
        found.lang = "en"  # type: ignore[misc]


def test_every_setting_is_read_into_its_type(tmp_path: Path) -> None:
    found = set_to(
        tmp_path,
        smtp_url="smtp://anna:p%40ss@relay.example.se",
        smtp_ca_file="/etc/region.pem",
        smtp_ehlo_name="sesam.example.se",
        smtp_connections="8",
        smtp_mails_per_connection="9",
        mail_from="Reservrutin Sesam <reservrutin@example.se>",
        mail_return_path="bounces@example.se",
        mail_return_secret="en hemlighet som räcker",  # noqa: S106 - a test's own
        mail_hold="1 min",
        mail_throttle="3/2 h",
        mail_suspend_at="1.5",
        mail_one_click="off",
        web_url="https://besked.example.se/",
        mail_retry="5s 1 min 2h ambiguous=10m jitter=50%",
        mail_expiry="3h service-restored=2d note-added=30 min",
        notice_folder="/tmp/besked",  # noqa: S108 - nothing is written
        only_channel="folder",
        signing_key_file="/etc/signing.key",
    )
    assert found.mail_server == MailServer(
        "relay.example.se",
        587,
        Tls.STARTTLS,
        "anna",
        "p@ss",
        ca_file=Path("/etc/region.pem"),
        ehlo_name="sesam.example.se",
        connections=8,
        mails_per_connection=9,
    )
    assert found.mail_from == ("Reservrutin Sesam", "reservrutin@example.se")
    assert (found.mail_hold, found.mail_throttle) == (timedelta(minutes=1), (3, timedelta(hours=2)))
    assert found.mail_suspend_at == 1.5
    policy = found.mail_retry
    assert policy
    assert policy.waits == (timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=2))
    assert (policy.ambiguous_wait, policy.jitter, policy.expiry) == (timedelta(minutes=10), 0.5, timedelta(hours=3))
    assert policy.expiry_of["service-restored"] == timedelta(days=2)
    assert policy.expiry_of["prognosis-received"] == RetryPolicy().expiry_of["prognosis-received"]
    assert (found.notice_folder, found.only_channel) == (Path("/tmp/besked"), ChannelName.FOLDER)  # noqa: S108 - as above
    assert found.signing_key_file == Path("/etc/signing.key")
    assert "hemlighet" not in repr(found)


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if setting.default])
def test_a_default_is_what_its_text_means(tmp_path: Path, name: str) -> None:
    """`reservrutin settings` shows the text; a command that is given nothing has the value."""
    as_made, as_written = set_to(tmp_path), set_to(tmp_path, **{name: SETTINGS[name].default})
    assert as_made.mail_retry is None
    if as_written.mail_retry is not None:
        assert as_written.mail_retry == RetryPolicy()
    elif name.startswith("smtp_"):
        server = MailServer("localhost", 25, Tls.NONE)
        assert set_to(tmp_path, smtp_url="smtp://localhost", **{name: SETTINGS[name].default}).mail_server == server
    else:
        assert as_written == as_made


NATURAL = (
    ("smtp_connections = 8", 'smtp_connections = "8"'),
    ("mail_suspend_at = 1.5", 'mail_suspend_at = "1.5"'),
    ("mail_one_click = false", 'mail_one_click = "off"'),
    ('subscribe_domains = ["example.se", "lund.example.se"]', 'subscribe_domains = "example.se lund.example.se"'),
    (
        'accessibility_faults = ["Länkar utan namn.", "En bild."]',
        'accessibility_faults = "Länkar utan namn.\\nEn bild."',
    ),
    ('mail_retry = ["10s", "5m"]', 'mail_retry = "10s 5m"'),
)


@pytest.mark.parametrize(("as_toml", "as_text"), NATURAL)
def test_a_number_a_switch_and_several_are_written_as_toml_has_them(tmp_path: Path, as_toml: str, as_text: str) -> None:
    relay = 'smtp_url = "smtp://localhost"\n'
    found = load(written(tmp_path, relay + as_toml), {})
    assert found == load(written(tmp_path, relay + as_text), {})
    assert found != load(written(tmp_path, relay), {})


WRONG = {
    "lang": ["no"],
    "database_url": ["log.sqlite", "mysql://anna:hemligt@db/log"],
    "base_url": ["logg.example.se", "javascript:alert(1)", 'https://example.se/"onclick="', "https://å.se"],
    "web_url": ["besked.example.se", "https://besked.example.se/?a=1", "https://besked.example.se/#a", "https://å.se"],
    "mail_one_click": ["ja", "1", "false"],
    "driftinfo_url": ["https://example.se/\r\nBcc: b@example.se"],
    "smtp_url": ["relay.example.se", "smtp://:hemligt@relay.example.se", "smtp://u:hemligt@relay.example.se?tls=none"],
    "smtp_ehlo_name": ["sesam example.se", "sesam.example.se.", "-sesam", "sesam\tQUIT", "å.se", "[192.0.2]", "a" * 64,
                       "[IPv6:x]", "[2001:db8::1]", ".".join(["a" * 60] * 5)],
    "smtp_connections": ["0", "65", "four", "-1", "٣"],
    "smtp_mails_per_connection": ["-1", "100001"],
    "mail_from": ["Reservrutin", "åsa@example.se", "a@example.se\r\nBcc: b@example.se", "A\r\nBcc: b <a@example.se>"],
    "mail_return_path": ["bounces", "åter@example.se", f"{'b' * 25}@example.se"],
    "mail_return_secret": ["hemligt"],
    "mail_hold": ["banana", "strax", "-1s", "20", "999 d"],
    "mail_throttle": ["0/15m", "6", "6/0s", "six/15m"],
    "mail_suspend_at": ["0", "ofta", "-1", "nan"],
    "mail_retry": [
        "10", "0s", "10s, 30s", "-1m", "jitter=20%", "10s jitter=101%", "10s ambiguous=", "10s whenever=1m", "8 d",
        "1m " * 21,
    ],
    "mail_expiry": ["6", "no-such-fact=2h", "=2h", "note-added=", "note-added", "0s"],
    "accessibility_contact": ["tillgänglighet", "javascript://x", "a@example.se?bcc=b@example.se"],
    "accessibility_assessed": ["2026-11-20", "2026-11-20 partly", "2026-11-31 fully x", "2026-11-20 perfectly x"],
    "web_staff_header": ["X-Remote-User: anna", "X_Remote_User", "x" * 65, "användare"],
    "only_channel": ["brevduva", "folder"],
    "log_origin": ["två ord", "a+b"],
    "verifier_keys": ["hemligt"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_a_value_that_cannot_be_is_told_with_its_place_and_no_secret(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        set_to(tmp_path, **{name: text})
    assert (refusal.value.reason, refusal.value.data["name"]) == ("setting", name)
    assert refusal.value.data["variable"] == f"RESERVRUTIN_{name.upper()}"
    assert not SETTINGS[name].is_secret or "hemligt" not in repr(refusal.value.data)


def test_what_does_not_go_together_is_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="setting"):
        set_to(tmp_path, mail_return_path="bounces@example.se")
    with pytest.raises(Invalid, match="setting"):
        set_to(tmp_path, accessibility_assessed="2026-11-20 fully prov", accessibility_faults="En bild saknar text.")
    with pytest.raises(Invalid, match="setting"):
        set_to(tmp_path, smtp_url="smtp://u:p@relay.example.se", smtp_password_file="/etc/password")  # noqa: S106 - a path


# Told by every command


def said(tmp_path: Path, command: str, config: str = "", **environment: str) -> tuple[int, str]:
    """How a real process ended, and the one line that it complained with."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("RESERVRUTIN_")}
    around |= {"XDG_DATA_HOME": str(tmp_path)} | environment
    words: list[str | Path] = [PROGRAM, *command.split(), "--config", written(tmp_path, config)]
    ended = subprocess.run(words, env=around, capture_output=True, text=True, check=False)
    assert ended.stdout == ""
    [line] = ended.stderr.splitlines()
    return ended.returncode, line


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """says(command, config, VARIABLE=…): the one line with which it refuses in this process."""
    for name in [name for name in os.environ if name.startswith("RESERVRUTIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    def say(command: str, config: str = "", **environment: str) -> str:
        with monkeypatch.context() as around:
            for name, text in environment.items():
                around.setenv(name, text)
            code = run([*command.split(), "--config", str(written(tmp_path, config))])
        ended = capsys.readouterr()
        assert (code, ended.out) == (2, "")
        [line] = ended.err.splitlines()
        return line

    return say


@pytest.mark.parametrize("command", ["board", "worker --once", "record note-added --text x", "due", "routine show"])
def test_every_command_tells_of_a_setting_that_is_wrong(tmp_path: Path, command: str) -> None:
    expected = "RESERVRUTIN_MAIL_HOLD kan inte vara ”banana”: skriv en tid som 20s, 15 min eller 4 h."
    assert said(tmp_path, command, RESERVRUTIN_MAIL_HOLD="banana") == (2, expected)
    assert not (tmp_path / "reservrutin" / "reservrutin.sqlite").exists()


@pytest.mark.parametrize(
    ("config", "swedish", "english"),
    [
        (
            '# mejl\nmail_from = "a@example.se"\nmail_hold = "banana"\n',
            "mail_hold i {path}, rad 3, kan inte vara ”banana”: skriv en tid som 20s, 15 min eller 4 h.",
            "mail_hold in {path}, line 3, can't be “banana”: write a duration like 20s, 15 min or 4 h.",
        ),
        (
            'smtp_url = "smtp://anna:hemligt@relay.example.se?tls=maybe"',
            "smtp_url i {path}, rad 1, är fel: tls är starttls, implicit eller none, och smtps är alltid implicit.",
            "smtp_url in {path}, line 1, is wrong: tls is starttls, implicit or none, and smtps is always implicit.",
        ),
        (
            '\nsmtp_ulr = "smtp://x"',
            "Det finns ingen inställning smtp_ulr ({path}, rad 2): menade du smtp_url?",
            "There is no setting smtp_ulr ({path}, line 2): did you mean smtp_url?",
        ),
        (
            "[smtp]\nurl = 'x'",
            "Det finns ingen inställning smtp ({path}, rad 1): menade du smtp_url?",
            "There is no setting smtp ({path}, line 1): did you mean smtp_url?",
        ),
        (
            "lang = true",
            "lang i {path}, rad 1, kan inte vara ”true”: skriv sv eller en.",
            "lang in {path}, line 1, can't be “true”: write sv or en.",
        ),
        (
            "smtp_connections = true",
            "smtp_connections i {path}, rad 1, kan inte vara ”true”: skriv ett heltal från 1 till 64.",
            "smtp_connections in {path}, line 1, can't be “true”: write a whole number from 1 to 64.",
        ),
        (
            'organisation = ["Region Skåne"]',
            'organisation i {path}, rad 1, kan inte vara ”["Region Skåne"]”: skriv den mellan citattecken.',
            'organisation in {path}, line 1, can\'t be “["Region Skåne"]”: write it between quotation marks.',
        ),
        (
            "role = 'partner'\nlang = ",
            '{path}, rad 2, går inte att läsa: en inställning skrivs namn = "värde", en gång.',
            '{path}, line 2, can\'t be read: a setting is written name = "value", once.',
        ),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_line(
    tmp_path: Path, says: Callable[..., str], config: str, swedish: str, english: str
) -> None:
    path = tmp_path / "reservrutin.toml"
    assert says("board --lang sv", config) == swedish.format(path=path)
    assert says("board --lang en", config) == english.format(path=path)


def test_a_variable_that_is_no_setting_is_told(says: Callable[..., str]) -> None:
    answered = says("board --lang en", RESERVRUTIN_SMPT_URL="smtp://x")
    assert answered == "There is no setting RESERVRUTIN_SMPT_URL: did you mean RESERVRUTIN_SMTP_URL?"
    answered = says("board --lang en", RESERVRUTIN_SMPT_URL_FILE="/etc/relay")
    assert answered == "There is no setting RESERVRUTIN_SMPT_URL_FILE: did you mean RESERVRUTIN_SMTP_URL_FILE?"


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts[:1]])
def test_every_wrong_value_has_its_sentence_in_both_languages(says: Callable[..., str], name: str, text: str) -> None:
    swedish = says("board", **{f"RESERVRUTIN_{name.upper()}": text})
    english = says("board --lang en", **{f"RESERVRUTIN_{name.upper()}": text})
    assert swedish.startswith(f"RESERVRUTIN_{name.upper()} ")
    assert re.sub(r"^\S+ ", "", swedish) != re.sub(r"^\S+ ", "", english)


def test_whoever_records_need_not_be_let_near_the_workers_secrets(tmp_path: Path) -> None:
    """A relay that wants a login: the board opens without the password, and the worker says that it is missing."""
    config = 'smtp_url = "smtp://anna@relay.example.se"\nlang = "en"'
    around = {"RESERVRUTIN_SMTP_PASSWORD_FILE": "/nowhere/password"}
    code, line = said(tmp_path, "worker --once", config, **around)
    assert (code, "/nowhere/password" in line) == (2, True)
    assert said(tmp_path, "worker --once", config)[1].startswith("The mail server wants a password for anna")
    path = written(tmp_path, config)
    board: list[str | Path] = [PROGRAM, "board", "--config", path]
    home = os.environ | around | {"XDG_DATA_HOME": str(tmp_path)}
    assert subprocess.run(board, env=home, capture_output=True, check=False).returncode == 0


def test_who_has_no_home_is_asked_where_the_log_is_and_gets_none_in_whatever_folder_they_stand_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A container knows nobody by name. XDG lets a place count that is whole, and no other."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    with pytest.raises(Invalid, match="no-home"):
        load(environment={})
    given = load(environment={"RESERVRUTIN_DATABASE_URL": "sqlite:////srv/log.sqlite"})
    assert given.database_url == "sqlite:////srv/log.sqlite"
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    with pytest.raises(Invalid, match="no-home"):
        load(environment={})
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/data")
    assert load(environment={}).database_url == "sqlite:////srv/data/reservrutin/reservrutin.sqlite"
