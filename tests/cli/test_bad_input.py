"""Bad input of every kind gets one sentence and the exit code of the contract, and leaves no trace."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from application.desk import Desk
from cli.app import program
from tests.conftest import on_sqlite
from tests.terminal import Terminal

USAGE, NOT_FOUND, NOT_AUTHORISED, REFUSED, PERSONAL_DATA = 2, 3, 4, 5, 7

BAD = {
    "record outage-detected": USAGE,
    "record outage-detected --scope all-users": USAGE,
    "record outage-detected --scope everybody --system sesam-s2": USAGE,
    "record outage-detected --scope local --system abba": USAGE,
    "record outage-detected --scope local --system sesam-s2 --at 23:59": USAGE,
    "record outage-detected --scope local --system sesam-s2 --at nyss": USAGE,
    "record outage-detected --scope local --system sesam-s2 --at 25:10": USAGE,
    "record outage-detected --scope local --system sesam-s2 --colour red": USAGE,
    "record outage-detected --scope local --system sesam-s2 extra": USAGE,
    "record note-added": USAGE,
    "record note-added --text '   '": USAGE,
    "record note-added --text …": USAGE,
    "record note-added --text hej --note -": USAGE,
    "record note-added --text hej --late-because …": USAGE,
    "record note-added --text hej --text hå": USAGE,
    "record note-added --text hej --at -5m --at -10m": USAGE,
    "record referral-received --serial OT-18 --acute --no-acute": USAGE,
    "record note-added --text hej --lang sv --lang en": USAGE,
    "record system-owner-contacted --outcome reached --outcome no-answer": USAGE,
    "due --at 08:00 --at 09:00": USAGE,
    "export 1 --format html --format xes -o x": USAGE,
    "--lang sv board --lang en": USAGE,
    f"record note-added --text {'x' * 2001}": USAGE,
    "record note-added --text hej --incident abc": USAGE,
    "record note-added --text hej --incident 2026-0099": NOT_FOUND,
    "record callers-informed --count 0": USAGE,
    "record callers-informed --count many": USAGE,
    "record referral-received --serial 'OT 17'": USAGE,
    "record referral-received --serial ''": USAGE,
    "record referral-set-aside --serial OT-1 --reason other": USAGE,
    "record operating-information-published --as system-owner --channel intranet --text hej --link javascript:1": USAGE,
    "record entry-corrected --entry 1 --reason fel": USAGE,
    "record entry-corrected --entry 1 --reason fel --set scope": USAGE,
    "record entry-corrected --entry 1 --reason fel --set colour=red": USAGE,
    "record entry-corrected --entry 1 --reason fel --set scope=everybody": USAGE,
    "record entry-corrected --entry 1 --reason fel --occurred-at 23:50": USAGE,
    "record entry-corrected --entry 9 --reason fel --occurred-at 08:00": REFUSED,
    "record something-else": USAGE,
    "recrod note-added": USAGE,
    "record note-added --text hej --as chef": USAGE,
    "record note-added --text hej --as clock": NOT_AUTHORISED,
    "record note-added --text hej --as supplier": NOT_AUTHORISED,
    "record referral-entered --serial OT-1": NOT_AUTHORISED,
    "record operating-information-published --channel intranet --text hej": NOT_AUTHORISED,
    "record deadline-passed --duty x --due-at 08:00": NOT_AUTHORISED,
    "record referral-entered --serial OT-1 --as partner": REFUSED,
    "record reserve-routine-activated": REFUSED,
    "record reserve-routine-deactivated": REFUSED,
    "record activation-deferred --reason snart --until +1h": REFUSED,
    "record incident-closed": REFUSED,
    "record incident-reopened --reason x --as vo-hjalpmedel": REFUSED,
    "record note-added --text 'Pat 19900101-2385 ringde'": PERSONAL_DATA,
    "record note-added --text hej --note 900101-2385": PERSONAL_DATA,
    "record note-added --text hej --late-because 'om 900101-2385'": PERSONAL_DATA,
    "record note-added --text hej --deviation 900101+2385": PERSONAL_DATA,
    "record note-added --text hej --command-id 9001012385": PERSONAL_DATA,
    "record referral-received --serial 900101-2385": PERSONAL_DATA,
    "record referral-received --serial 9001612382": PERSONAL_DATA,
    "record referral-received --serial 900101-2386": PERSONAL_DATA,
    "record entry-corrected --entry 1 --reason fel --set summary=199001012385": PERSONAL_DATA,
    "show 2026-0099": NOT_FOUND,
    "log 2026-0099": NOT_FOUND,
    "replay 2026-0099": NOT_FOUND,
    "replay 2026-0001 --to-entry 9": NOT_FOUND,
    "review 2026-0099": NOT_FOUND,
    "deliveries 2026-0099": NOT_FOUND,
    "due --at imorse": USAGE,
    "subscriber add not-an-address --audience staff": USAGE,
    "subscriber add anna@example.se": USAGE,
    "subscriber add anna@example.se --audience everybody": USAGE,
    "subscriber pause p-nobody": NOT_FOUND,
    "subscriber remove p-nobody": NOT_FOUND,
    "staff add anna": USAGE,
    "staff add anna --role clock": USAGE,
    "staff remove anna": NOT_FOUND,
    "board --config nowhere.toml": USAGE,
}


@on_sqlite  # what is refused is written to neither database: infrastructure/log holds that
@pytest.mark.parametrize("line", BAD)
def test_bad_input_gets_one_sentence_and_leaves_no_trace(outage: Terminal, line: str) -> None:
    reply = outage.types(line)
    assert reply.code == BAD[line], reply
    assert reply.out == ""
    assert len(reply.err.strip().splitlines()) == 1
    assert "Traceback" not in reply.err
    assert reply.err.strip()[-1] in ".?)'…" or reply.code == USAGE
    assert outage.facts() == 1


@pytest.mark.parametrize("line", ["record reserve-routine-activated", "show 2026-0099", "record note-added"])
def test_with_json_the_error_is_a_document_too(outage: Terminal, line: str) -> None:
    reply = outage.types(f"{line} --json")
    error = json.loads(reply.out)["error"]
    assert error["code"] == reply.code == BAD[line]
    assert error["reason"]
    assert error["message"] == reply.err.strip()


def test_a_refusal_for_personal_data_never_repeats_the_number(outage: Terminal) -> None:
    reply = outage.types("record note-added --text 'Pat 19900101-2385 ringde' --json")
    assert "2385" not in reply.out + reply.err


def test_a_patients_number_is_refused_with_how_to_write_what_was_meant(outage: Terminal) -> None:
    for text in ("Patient 19810829DA0B ringer", "810829-EK1C", "19810829-da0b", "född 811218, sista fyra 9876"):
        reply = outage.types(f"record note-added --text '{text}'")
        assert reply.code == 7
        assert "telefonnummer 070-123 45 67, klockslag 08:05, ärendenummer INC4711" in " ".join(reply.err.split())
    reply = outage.types("record note-added --text 'född 811218' --note 9876")
    assert (reply.code, reply.err.startswith("--text och --note verkar tillsammans")) == (7, True)
    assert outage.facts() == 1


def test_papers_numbered_by_the_day_are_taken(outage: Terminal) -> None:
    for number in range(1, 21):
        assert outage.types(f"record referral-received --serial {outage.desk.now():%y%m%d}-{number:04d}").code == 0
    assert outage.types("record note-added --text 'remiss 261128-A1, Ritz DA0B, 2026-11-28 DAG 1'").code == 0


def test_an_evenings_time_typed_in_the_morning_is_asked_about(outage: Terminal) -> None:
    outage.at("08:30")
    for line in (
        "record note-added --text Lugnt. --at 22:30",
        "record entry-corrected --entry 1 --occurred-at 22:30 --reason fel",
        "record outage-detected --scope local --system websesam --since 22:30",
    ):
        reply = outage.types(line)
        assert (reply.code, "menade du i går 22:30?" in " ".join(reply.err.split())) == (USAGE, True)
    assert "-20m eller igår" in outage.types("record note-added --text Lugnt. --at 'imorgon 08:00'").err
    assert outage.facts() == 1


def test_a_weekday_is_the_latest_and_of_a_prognosis_the_coming_one(outage: Terminal) -> None:
    reply = outage.types("record prognosis-received --restored-by 'fredag 08:05' --json")
    assert reply.json["status"]["prognosis"] == {"restored_by": "2026-12-11T07:05:00Z"}, "the outage is on a Monday"


def test_a_mistyped_command_is_told_which_one_was_meant(terminal: Terminal) -> None:
    assert "record" in terminal.types("recrod").err
    assert "board" in terminal.types("bord").err


@on_sqlite
def test_a_damaged_log_is_told_apart_from_one_that_is_busy(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "log.sqlite").write_bytes(b"no database at all" * 100)
    reply = terminal.types("board")
    assert (reply.code, len(reply.err.strip().splitlines())) == (1, 1)
    assert "säkerhetskopia" in reply.err
    (tmp_path / "log.sqlite").unlink()
    (tmp_path / "log.sqlite").mkdir()
    assert terminal.types("board").code == 2


def options_of(command: click.Command, typed: tuple[str, ...], desk: Desk) -> Iterator[tuple[str, click.Option]]:
    """Every option of a command, and of those under it, with how the command is typed."""
    context = click.Context(command, info_name=typed[-1] if typed else "reservrutin", obj=desk)
    for option in command.params:
        if isinstance(option, click.Option):
            yield " ".join(typed), option
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (inner := command.get_command(context, name)) is not None:
                yield from options_of(inner, (*typed, name), desk)


@on_sqlite
def test_an_option_that_may_be_given_once_is_refused_twice_for_every_option_of_every_command(
    terminal: Terminal, tmp_path: Path
) -> None:
    settings, asked = tmp_path / "own.toml", 0
    settings.touch()
    for typed, option in options_of(program(), (), terminal.desk):
        if option.multiple or option.name == "version":
            continue
        said = option.opts[0] if option.is_flag else f"{option.opts[0]} {settings}"
        reply = terminal.types(f"{typed} {said} {said} --json" if option.name != "json" else f"{typed} {said} {said}")
        assert (reply.code, reply.json["error"]["reason"]) == (2, "given-twice"), f"{typed} {said}"
        assert option.opts[0] in reply.err
        asked += 1
    assert asked > 400
