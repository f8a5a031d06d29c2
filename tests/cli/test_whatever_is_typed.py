"""Whatever is typed gets an answer of the contract: good lines with words changed, left out and doubled, and lines
drawn from the program's own commands and options with values of every kind. The same lines every time."""

import contextlib
import io
import json
import random
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from application.desk import Desk
from cli.app import program, run
from domain.fact import CATALOGUE
from domain.vocabulary import Audience, Orders, Scope, Situation, System
from tests.terminal import Terminal

CODES = {0, 2, 3, 4, 5, 6, 7}
"""All that the contract has but 1, which is our own fault, and 75: the log is there."""

GOES_ON = {"desk", "demo", "web", "worker", "completion"}
"""Commands that go on until they are ended, or that start others."""

TIMES = (
    "08:05",
    "0805",
    "-20m",
    "−1h30",
    "+2h",
    "i går 22:10",
    "27/11 08:05",
    "2026-12-07T08:05Z",
    "25:61",
    "9999-12-31",
)
KNOWN = (word.value for words in (Scope, System, Orders, Situation, Audience) for word in words)
WORDS = (*KNOWN, "reached", "no-answer", "fax", "sv", "system-owner", "acute", "html")
ODD = (
    *(
        "",
        " ",
        "-",
        "--",
        "---",
        "=",
        "*",
        "ÅÄÖ",
        "å" * 300,
        "x" * 2001,
        "\u202e",
        "\x1b[31m",
        "\x00",
        "\udcff",
        "💊",
        "İ",
    ),
    *(
        "{unit}",
        "%s",
        "%(x)s",
        "'",
        '"',
        "\\",
        "a\nb",
        "; DROP TABLE facts",
        "<b>&amp;",
        "=1+1",
        "../../x",
        "[1]",
        "null",
    ),
    *("0", "-1", "1", "2", "007", "99999999999999999999", "1.5", "1e400", "NaN", "2026-0001", "2026-9999", "0000-0000"),
    *("811218-9876", "811218 9876", "anna@example.se", "a@", "@", "OT-0017", "OT 17", "https://x.se/a", "javascript:1"),
)
VALUES = (*TIMES, *WORDS, *ODD)

GOOD = """\
record outage-detected --scope local --system websesam --at -10m --note hej
record störning --enhet Lund
record system-owner-contacted --outcome reached --at 09:10
record supplier-contacted --outcome no-answer --reference 4711
record callers-informed --count 3
record scope-reclassified --scope region-wide --reason nätet
record instruction-received --text vänta --orders wait --incident 1
record operating-information-requested --text Avvakta.
record operating-information-published --as system-owner --channel vardgivare-skane --text Avvakta. --situation down
record prognosis-received --restored-by 12:00 --source IT --dry-run
record prognosis-withdrawn --reason okänt
record activation-deferred --until 13:00 --reason snart --deviation nej
record reserve-routine-activated --deviation ordern --at -2m
record partner-notified --outcome reached --message activation
record referral-received --serial OT-0017 --serial OT-0018 --unit Lund --via fax --acute --area orthopaedic
record referral-entered --as partner --serial OT-0017
record referral-set-aside --serial OT-0018 --reason duplicate
record service-restored --system sesam-s2 --command-id c-1
record reserve-routine-deactivated
record note-added --text hej --incident 2026-0001 --command-id c-2
record entry-corrected --entry 1 --reason fel --occurred-at 08:00
record entry-corrected --entry 1 --reason fel --set scope=local
record entry-withdrawn --entry 2 --reason fel
record incident-voided --reason övning --incident 2
record incident-closed --summary klart --deviation ja
record incident-reopened --reason mer
board
show 1
say --lang en
log 2026-0001
due --at 12:00
replay 1 --as-of 09:00
replay 1 --to-entry 2 --written
review 1 --known-at 09:00
review --all
export 1 --format html -o page.html
export 1 --format ocel -o log.json
export --all --format xes -o log.xes
deliveries 1
deliveries --retry 1
subscriber add eva@example.se --audience public --language en --system websesam
subscriber list --json
subscriber pause anna@example.se
subscriber remove eva@example.se
staff list
verify
checkpoint
routine show
settings
database check
projections rebuild
help record
"""


@pytest.fixture
def busy(terminal: Terminal, tmp_path: Path) -> Iterator[Terminal]:
    """A log with an open incident and a closed one, in a folder where a command may write."""
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    terminal.at("08:10").records("service-restored --system sesam-s2")
    terminal.at("08:15").records("incident-closed --deviation övning")
    terminal.at("09:05").records("outage-detected --scope local --system websesam")
    assert terminal.types("subscriber add anna@example.se --audience staff").code == 0
    with contextlib.chdir(tmp_path):
        yield terminal.at("09:30")


def leaves(
    command: click.Command, desk: Desk, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Each command that does something, with its options."""
    context = click.Context(command, info_name=" ".join(words), obj=desk)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if found := None if not words and name in GOES_ON else command.get_command(context, name):
                yield from leaves(found, desk, (*words, name))
    else:
        yield words, [name for option in command.get_params(context) for name in option.opts if name.startswith("--")]


def drawn(dice: random.Random, commands: Sequence[tuple[tuple[str, ...], list[str]]]) -> list[str]:
    if dice.random() < 0.5:
        return spoiled(dice, shlex.split(dice.choice(GOOD.splitlines())))
    words, options = dice.choice(commands)
    line = list(words)
    if words[0] == "record" and dice.random() < 0.5 and len(words) == 1:
        line.append(dice.choice(list(CATALOGUE)))
    for _ in range(dice.randrange(6)):
        if options and dice.random() < 0.7:
            option = dice.choice(options)
            line += [f"{option}={dice.choice(VALUES)}"] if dice.random() < 0.2 else [option]
        if dice.random() < 0.7:
            line.append(dice.choice(VALUES))
    if dice.random() < 0.15:
        dice.shuffle(line)
    if dice.random() < 0.2:
        line.append("--json")
    return line


def spoiled(dice: random.Random, line: list[str]) -> list[str]:
    """A good line, or one with a word or two of it changed, left out, doubled or put in."""
    if line[0] == "record" and dice.random() < 0.7:
        line += ["--incident", "2"]
    for _ in range(dice.randrange(3)):
        place = dice.randrange(len(line) + 1)
        line[place : place + dice.randrange(2)] = dice.choice(([], line[place : place + 1], [dice.choice(VALUES)]))
    return line + ["--json"] * dice.randrange(2)


def typed(line: Sequence[str], desk: Desk) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(line, desk)
    return code, out.getvalue(), err.getvalue()


def is_answered(line: Sequence[str], terminal: Terminal) -> None:
    before = terminal.facts()
    code, out, err = typed(line, terminal.desk)
    assert code in CODES
    if code not in (0, 6):
        assert terminal.facts() == before, "a refusal leaves no trace"
        assert err.strip(), "a refusal says why"
        if "--json" in line:
            assert json.loads(out)["error"]["code"] == code


@pytest.mark.parametrize("count", [600, pytest.param(9_000, marks=pytest.mark.long)])
def test_whatever_is_typed_is_answered(busy: Terminal, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setenv("RESERVRUTIN_TRACEBACK", "1")
    dice = random.Random(count)  # noqa: S311 - the same lines every time
    commands = list(leaves(program(), busy.desk))
    for _ in range(count):
        line = drawn(dice, commands)
        try:
            is_answered(line, busy)
        except BaseException as error:
            error.add_note(f"reservrutin {line!r}")
            raise
