"""What a routine names is called what the routine calls it, wherever people read it, in Swedish and English."""

import re
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from tests.mailroom import Mailroom, mailroom, text
from tests.renamed import built_in_names, identifiers, name_of, renamed
from tests.terminal import Terminal
from wording.words import LANGUAGES, Language

READS = (
    "board",
    "show",
    "log",
    "due",
    "due --at 13:30",
    "replay 1",
    "replay 1 --written",
    "replay 1 --as-of 12:30",
    "review",
    "review 1",
    "deliveries",
    "subscriber list",
    "staff list",
    "routine show",
    "record --help",
    "record outage-detected --help",
    "record referral-received --help",
)
WRITES = (
    ("08:00", "record disturbance-reported --unit Lund --description 'kommer inte in'"),
    (
        "08:05",
        "record outage-detected --incident 1 --scope all-users --system sesam-s2 --system websesam --area hearing",
    ),
    ("08:10", "record system-owner-contacted --outcome no-answer"),
    ("08:20", "record servicedesk-incident-created --channel ritz --reference INC1"),
    ("08:30", "record prognosis-received --restored-by 09:30"),
    (
        "08:40",
        "record operating-information-published --as system-owner --channel intranet --text nere --link https://x.se",
    ),
    ("08:45", "record scope-reclassified --scope region-wide --reason fler"),
    ("08:50", "record entry-corrected --entry 2 --reason fel --set systems=visma-websesam --set areas=vision"),
    ("08:55", "record scope-reclassified --scope all-users --reason färre"),
    ("12:30", "record reserve-routine-activated --deviation prov"),
    ("12:40", "record referral-received --serial OT-1 --via post"),
    ("13:00", "record referral-entered --as partner --serial OT-1"),
    ("13:10", "record partner-notified --as system-owner --message heads-up --outcome reached"),
    ("13:20", "record service-restored --system visma-websesam"),
)
TYPED = re.compile(
    r"reservrutin \w.*(?:\n +--.*)*|(?:record|registrera) [a-z-]+|--[a-z-]+(?: \S+)?|\([a-z0-9-]+\)|^  [a-z-]+(?=  )",
    re.MULTILINE,
)
"""A command or an option as it is typed, and an identifier in parentheses or in the list of a help, beside its name."""


def leaks(said: str, language: Language) -> set[str]:
    """What stands in the words that a person reads and is an identifier, or a name that the built-in routine has."""
    read = TYPED.sub("", said)
    typed = {identifier for identifier in identifiers() if "-" in identifier}
    wrong = typed | {name for name in built_in_names(language) if name not in ("fax", "post")}  # post is an entry, too
    return {name for name in wrong if re.search(rf"(?<![\w~.-]){re.escape(name)}(?![\w~.@-])", read)}


@pytest.fixture
def mails() -> Iterator[Mailroom]:
    with mailroom() as opened:
        yield opened


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    asked: Language = request.param
    return asked


@pytest.fixture
def at_work(tmp_path: Path, mails: Mailroom, language: Language) -> Iterator[Terminal]:
    """A terminal whose log has adopted the renamed routine."""
    document = tmp_path / "renamed.toml"
    document.write_text(renamed(), encoding="utf-8")
    terminal = Terminal(tmp_path, smtp_url=mails.url)
    terminal.desk = terminal.desk.speaking(language)
    assert terminal.at("07:00").types(f"routine adopt {document} --as vo-hjalpmedel").code == 0
    yield terminal
    terminal.close()


def test_whatever_is_written_or_read_the_routines_own_names_are_used(
    at_work: Terminal, language: Language, mails: Mailroom
) -> None:
    for audience in ("staff", "duty", "partner", "compliance"):
        at_work.types(f"subscriber add {audience}@example.se --audience {audience} --language {language}")
    at_work.types("subscriber add public@example.se --audience public --system sesam-s2 --area hearing")
    said: dict[str, str] = {}
    for clock, line in WRITES:
        reply = at_work.at(clock).types(line)
        said[line] = reply.out + reply.err
        worked = at_work.types("worker --once")
        said[f"worker {clock}"] = worked.out + worked.err
    for line in READS:
        reply = at_work.at("13:30").types(line)
        assert reply.code in (0, 6), reply.err
        said[line] = reply.out
    said |= {
        str(mail["Subject"]): f"{mail['Subject']}\n{text(mail)}" for mail in mails.mails if "public" not in mail["To"]
    }
    found = {line: leaks(words, language) for line, words in said.items()}
    assert {line: wrong for line, wrong in found.items() if wrong} == {}
    assert name_of("outage-detected", language) in said["log"]
    assert name_of("system-owner", language) in said["record outage-detected --help"]


def test_whoever_subscribes_is_told_as_what(at_work: Terminal, language: Language) -> None:
    for audience in ("duty", "staff"):
        reply = at_work.types(f"subscriber add {audience}@example.se --audience {audience}")
        assert name_of(audience, language) in reply.out
        assert name_of(audience, language) in at_work.types("subscriber list").out


def test_whoever_is_registered_may_record_as_what(at_work: Terminal, language: Language) -> None:
    reply = at_work.types("staff add anna --role vo-hjalpmedel --role system-owner")
    listed = at_work.types("staff list")
    for function in ("vo-hjalpmedel", "system-owner"):
        assert name_of(function, language) in reply.out
        assert name_of(function, language) in listed.out
        assert function not in listed.out


@pytest.mark.parametrize(("language", "duty"), [("sv", "systemansvarig och ersättare"), ("en", "stand-ins")])
def test_in_the_shipped_routine_too(terminal: Terminal, language: Language, duty: str) -> None:
    terminal.desk = terminal.desk.speaking(language)
    said = terminal.types("subscriber add d@example.se --audience duty").out
    assert duty in said
    assert "moment" not in said
    assert "(d-" not in said
    terminal.types("staff add anna --role system-owner")
    assert "system-owner" not in terminal.types("staff list").out


def test_the_worker_calls_a_fact_what_record_calls_it(
    at_work: Terminal, language: Language, mails: Mailroom, capsys: pytest.CaptureFixture[str]
) -> None:
    at_work.types("subscriber add a@example.se --audience staff")
    at_work.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    said = at_work.types("worker --once").out
    assert f"2026-0001 {name_of('outage-detected', language)} → " in said
    assert mails.mails


class Aside(StringIO):
    """Standard output in which each thread has a page of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[int, list[str]] = {}

    def write(self, text: str) -> int:
        written = super().write(text)
        self.pages.setdefault(threading.get_ident(), []).append(text)
        return written


def test_two_threads_that_speak_two_languages_do_not_disturb_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Aside()
    monkeypatch.setattr(sys, "stdout", page)
    monkeypatch.setattr(sys, "stderr", page)
    lines = (
        "board",
        "log 1",
        "record --help",
        "record outage-detected --help",
        "record outage-detected --scope nobody",
        "log a b",
        "subscriber list --nonsense",
        "nonsense",
        "show 99",
    )
    alone: dict[Language, list[str]] = {}
    together: dict[Language, list[str]] = {}

    def work(language: Language, answers: dict[Language, list[str]], times: int) -> None:
        folder = tmp_path / f"{language}{times}"
        folder.mkdir()
        terminal = Terminal(folder).at("08:10")
        terminal.desk = terminal.desk.speaking(language)
        mine = page.pages.setdefault(threading.get_ident(), [])
        terminal.runs("record outage-detected --scope all-users --system sesam-s2 --at 08:05")
        answers[language] = []
        for _ in range(times):
            for line in lines:
                mine.clear()
                terminal.runs(line)
                answers[language].append("".join(mine))
        terminal.close()

    for language in LANGUAGES:
        work(language, alone, 1)
    threads = [threading.Thread(target=work, args=(language, together, 5)) for language in LANGUAGES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == {language: alone[language] * 5 for language in LANGUAGES}
    assert alone["sv"] != alone["en"]
    assert "Usage:" not in "".join(alone["sv"])
    english = " ".join("".join(alone["en"]).split())
    assert not re.search("[åäö]", english.replace("Hjälpmedel", "").replace("Vårdgivare Skåne", ""))
