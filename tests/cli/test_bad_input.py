"""Bad input of every kind gets one sentence and the exit code of the contract, and leaves no trace."""

import json
from pathlib import Path

import pytest

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
    "record note-added --text hej --deviation 900101+2385": PERSONAL_DATA,
    "record note-added --text hej --command-id 9001012385": PERSONAL_DATA,
    "record referral-received --serial 900101-2385": PERSONAL_DATA,
    "record referral-received --serial 9001612382": PERSONAL_DATA,
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
    assert terminal.types("board").code == 75
