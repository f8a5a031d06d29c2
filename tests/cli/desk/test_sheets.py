"""What a form writes, beside what its command does: one log, whichever way something is typed in it."""

import shlex
from dataclasses import replace
from typing import Any

import pytest

from application.authority import written_by_hand
from cli.desk import sheets
from cli.desk.sheets import Sheet, command_of, correction_of, sheet_of, write
from cli.desk.sight import look
from cli.terminal.fields import Field, Typed
from cli.terminal.login import login_at_the_keyboard
from domain import facts as f
from domain.fact import BESIDE, Fact
from domain.routine_document import builtin
from tests.cli.desk.screen import LOGIN
from tests.conftest import on_sqlite
from tests.terminal import Terminal
from wording import times

pytestmark = on_sqlite


@pytest.fixture
def outage(terminal: Terminal) -> Terminal:
    """Sesam has been down for all since 08:05, and it is 08:10."""
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    return terminal.at("08:10")


def correction(terminal: Terminal, entry: int, **right: str | tuple[str, ...]) -> tuple[Sheet, Typed]:
    """The form of an entry's correction, with these fields changed."""
    sight = look(terminal.desk, LOGIN, terminal.desk.board.newest())
    sheet = correction_of(next(each for each in sight.latest if each.entry == entry), sight)
    return sheet, {**sheet.typed, sheets.WHY: "fel knapp", **right}


def same(terminal: Terminal, sheet: Sheet, typed: Typed) -> Any:
    """The fields of the fact that the form would write, once its command, typed in a shell, has written the same."""
    form = write(terminal.desk, LOGIN, sheet, typed, dry_run=True).recorded
    program, *words = shlex.split(" ".join(command_of(sheet, typed)))
    assert program == "reservrutin"
    number = terminal.records(shlex.join(words[1:])).json["incident"]
    entry = terminal.types(f"log {number} --json").json[-1]
    envelope = (form.recorded_as, form.note, form.deviation, form.late_because, times.iso(form.occurred_at))
    assert (form.incident, form.fact.wire) == (number, entry["fact"])
    assert envelope == tuple(entry[key] for key in ("recorded_as", *BESIDE, "occurred_at"))
    assert form.fact.model_dump(mode="json") == entry["data"]
    return entry["data"]


@pytest.mark.parametrize(
    ("line", "right", "stored"),
    [
        ("callers-informed --count 3", {"count": "6"}, {"count": 6}),
        ("supplier-contacted --outcome reached --reference VS-1", {"reference": ""}, {"reference": ""}),
        (
            "operating-information-observed --channel vardgivare-skane --text Nere --link https://a.se",
            {"links": "https://a.se https://b.se"},
            {"links": ["https://a.se", "https://b.se"]},
        ),
        (
            "operating-information-observed --channel vardgivare-skane --text Nere --link https://a.se",
            {"links": "", "reserve_routine_applies": "yes", "text": 'sade "hej" $HOME'},
            {"links": [], "reserve_routine_applies": True, "text": 'sade "hej" $HOME'},
        ),
        ("prognosis-received --restored-by 11:00", {"restored_by": "12:00"}, {"restored_by": "2026-12-07T11:00:00Z"}),
    ],
)
def test_a_correction_is_stored_as_the_command_stores_it(
    outage: Terminal, line: str, right: dict[str, str], stored: dict[str, Any]
) -> None:
    outage.records(line)
    assert same(outage, *correction(outage, 2, **right))["fields"] == stored


def test_a_correction_clears_a_time_and_a_choice(outage: Terminal) -> None:
    outage.records("outage-detected --incident new --scope all-users --system sesam-s2 --since 07:00 --cause network")
    sheet, typed = correction(outage, 1, since="", cause="")
    assert sheet.incident == "2026-0002"
    assert same(outage, sheet, typed)["fields"] == {"since": None, "cause": None}


def test_a_corrected_incident_is_its_whole_number(outage: Terminal) -> None:
    outage.records("disturbance-reported --incident new --unit Lund")
    outage.records("incident-voided --incident 2 --reason övning --same-as 1")
    sheet, typed = correction(outage, 2, same_as="1", reason="samma")
    assert same(outage, sheet, typed)["fields"] == {"same_as": "2026-0001", "reason": "samma"}


ODD = 'sade "hej" $HOME; `ls` -x'


def filled_in(field: Field) -> str | tuple[str, ...]:
    """Something for the field, as somebody types it, and nothing that is as usual."""
    if field.name == "serial":
        return "OT-1"
    if field.name in ("moved_to", "same_as"):
        return ""
    if field.name == "entry":
        return "2"
    if field.name == "until":
        return "+30"
    match field.kind:
        case "choice" | "flag":
            return next(value for value, _label in field.choices if value != field.usual)
        case "many":
            return tuple(value for value, _label in field.choices[:2])
        case "list":
            return "https://a.se/?b=1&c https://b.se"
        case "number":
            return "5"
        case "time":
            return "-1"
        case _:
            return ODD


HAPPENED = {
    f.ReferralEntered: ["referral-received --serial OT-1", "service-restored --system sesam-s2"],
    f.ReferralSetAside: ["referral-received --serial OT-1"],
    f.ReserveRoutineDeactivated: ["reserve-routine-activated --deviation bråttom"],
    f.IncidentReopened: ["service-restored --system sesam-s2", "incident-closed --deviation övning"],
}
"""What a fact comes after."""


@pytest.mark.parametrize("quiet", [False, True], ids=["outage", "quiet"])
@pytest.mark.parametrize(
    "fact", [fact for fact in written_by_hand(builtin()) if fact is not f.EntryCorrected], ids=lambda fact: fact.wire
)
def test_the_command_of_every_form_writes_what_the_form_does(terminal: Terminal, fact: type[Fact], quiet: bool) -> None:
    if quiet and fact not in f.OPENERS:
        return
    if not quiet:
        terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
        for line in ("supplier-contacted --outcome reached", *HAPPENED.get(fact, ())):
            terminal.records(line)
    terminal.at("12:30")
    sheet = sheet_of(fact, look(terminal.desk, LOGIN, terminal.desk.board.newest()))
    typed = {field.name: filled_in(field) for field in sheet.fields}
    if sheets.FUNCTION in typed:
        typed[sheets.FUNCTION] = terminal.desk.routine.recorded_by(fact)[0].value
    same(terminal, sheet, typed)


@pytest.mark.parametrize("incident", ["2026-0001", "new"])
def test_the_command_of_an_opener_names_the_incident_that_was_chosen(outage: Terminal, incident: str) -> None:
    sheet = sheet_of(f.DisturbanceReported, look(outage.desk, LOGIN))
    same(outage, sheet, {**sheet.typed, "unit": "Lund", sheets.INCIDENT: incident})


@pytest.fixture
def on_call(outage: Terminal) -> Terminal:
    """The system owner does not answer, and whoever sits here is at the help desk and of the IT department."""
    outage.records("system-owner-contacted --outcome no-answer")
    outage.records("cause-established --as region-it --cause network")
    for login in (LOGIN, login_at_the_keyboard()):
        assert outage.types(f"staff add {login} --role hjalpmedel-administration --role region-it").code == 0
    return outage


PUBLISHED: Typed = {"channels": ("vardgivare-skane",), "text": "Nere"}


def test_q25_a_form_is_written_in_the_function_that_stands_in(on_call: Terminal) -> None:
    sheet = sheet_of(f.OperatingInformationPublished, look(on_call.desk, LOGIN))
    assert sheet.typed[sheets.FUNCTION] == "region-it"
    same(on_call, sheet, {**sheet.typed, **PUBLISHED})


@pytest.mark.parametrize("usual", ["hjalpmedel-administration", "vo-hjalpmedel"])
def test_a_form_is_written_in_a_function_that_may_whichever_is_the_usual_one(on_call: Terminal, usual: str) -> None:
    on_call.desk.settings = replace(on_call.desk.settings, role=usual)
    sheet = sheet_of(f.OperatingInformationPublished, look(on_call.desk, LOGIN))
    same(on_call, sheet, {**sheet.typed, **PUBLISHED})


def test_q29_a_correction_and_a_withdrawal_are_written_in_a_function_that_may_write_what_they_are_about(
    on_call: Terminal,
) -> None:
    same(on_call, *correction(on_call, 3, cause="system"))
    withdrawal = sheet_of(f.EntryWithdrawn, look(on_call.desk, LOGIN), {"entry": "3", "reason": "fel"})
    same(on_call, withdrawal, withdrawal.typed)


def test_nothing_is_asked_where_one_function_goes_without_saying(on_call: Terminal) -> None:
    sight = look(on_call.desk, LOGIN)
    assert sheets.FUNCTION not in sheet_of(f.CauseEstablished, sight).typed
    assert sheets.FUNCTION not in sheet_of(f.CallersInformed, sight).typed


def test_a_field_s_help_is_what_the_command_says_of_its_option_but_for_the_option_itself(terminal: Terminal) -> None:
    sight = look(terminal.desk.speaking("en"), LOGIN)
    said = {
        fact: {field.name: field.help for field in sheet_of(fact, sight).fields}
        for fact in (f.ReferralSetAside, f.ReferralReceived, f.OutageDetected)
    }
    assert said[f.ReferralSetAside]["explanation"] == "More about why; needed for another reason"
    assert said[f.ReferralReceived]["serial"] == "The number on the paper"
    assert said[f.OutageDetected]["systems"] == "The system"
    for wire, option in (
        ("referral-received", "numret på pappret; kan upprepas, en notering för varje"),
        ("outage-detected", "systemet; kan upprepas"),
    ):
        assert option in " ".join(terminal.types(f"record {wire} --help").out.split())
