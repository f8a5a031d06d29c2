"""What the answer and the board ask of the person who looks, and of whom they wait."""

import re
import shlex
from random import Random

import pytest

from cli.terminal.login import login_at_the_keyboard
from tests.conftest import on_sqlite
from tests.terminal import Terminal

pytestmark = on_sqlite
ME = login_at_the_keyboard()


def suggestions(said: str) -> list[str]:
    """The commands in what was said, as they are typed."""
    joined = re.sub(r" \\\n\s+", " ", said)
    return [line.strip() for line in joined.splitlines() if line.strip().startswith("reservrutin record ")]


def typed(suggested: str, take: int = 0) -> str:
    """The command as a person types it: one of several values is taken, what is free is written."""
    words = shlex.split(suggested)[1:]
    taken = [word.split("|")[take % len(word.split("|"))] for word in words]
    return shlex.join(
        "https://vardgivare.skane.se/ot" if word == "…" and before == "--link" else "som sagt" if word == "…" else word
        for before, word in zip(["", *taken], taken, strict=False)
    )


def test_the_answer_names_ones_own_duty_with_its_command_and_in_a_line_who_is_waited_for(outage: Terminal) -> None:
    outage.at("08:55").records('operating-information-requested --text "Sesam ligger nere."')
    said = outage.at("08:56").types("record callers-informed --count 2").out
    assert "Härnäst: Anmäl till systemansvarig" in said
    assert "Väntar på systemansvarig: publicera driftinformation på Vårdgivare Skåne, begärt" in said
    assert suggestions(said) == ["reservrutin record system-owner-contacted --outcome 'reached|no-answer|off-duty'"]
    board = " ".join(outage.types("board").out.split())
    assert "Väntar på systemansvarig: publicera driftinformation på Vårdgivare Skåne, begärt 08:55 CET" in board


def test_the_board_says_what_to_tell_callers_and_who_keeps_the_log(outage: Terminal) -> None:
    outage.at("14:00").records('desk-handed-over --to vo-hjalpmedel --open-matters "Visma ringer åter 15.30"')
    board = " ".join(outage.types("board").out.split())
    assert "Säg till Sesam S2 ligger nere sedan 08:05." in board
    assert "Loggen förs av VO Hjälpmedel sedan 14:00 CET – Visma ringer åter 15.30" in board


def test_the_partners_notice_is_never_hidden_behind_what_is_somebody_elses_and_older(outage: Terminal) -> None:
    said = outage.at("12:10").types("record reserve-routine-activated").out
    assert "Härnäst: Meddela Aktiv ortopedteknik" in said
    [suggested] = suggestions(said)
    assert suggested.startswith("reservrutin record partner-notified --message activation")
    later = outage.at("12:15").types("record note-added --text lugnt").out
    assert "Härnäst: Meddela Aktiv ortopedteknik" in later, "although what VO Hjälpmedel has not done is older"
    assert suggestions(later) == [suggested]
    assert "Härnäst Meddela Aktiv ortopedteknik" in " ".join(outage.types("board").out.split())
    attempt = outage.at("12:16").types("record system-owner-contacted --outcome off-duty").out
    assert "Härnäst: Kontakta enhetschef för systemansvarig" in attempt, "what was just begun comes first"


def test_the_system_owner_is_shown_the_publication_and_nothing_that_would_be_refused(outage: Terminal) -> None:
    outage.types(f"staff add {ME} --role system-owner")
    said = outage.types("record prognosis-received --restored-by 10:00").out
    assert "Härnäst: Publicera driftinformation" in said
    assert "Väntar på VO Hjälpmedel: anmäl till systemansvarig" in said
    [suggested] = suggestions(said)
    assert outage.types(typed(suggested)).code == 0


@pytest.mark.parametrize("roles", ["region-it", "unit-manager", "compliance-reviewer --role unit-manager"])
def test_q25_while_the_system_owner_is_away_the_publication_is_the_stand_ins_own_turn(
    outage: Terminal, roles: str
) -> None:
    outage.at("08:10").records("system-owner-contacted --outcome off-duty")
    outage.types(f"staff add {ME} --role {roles}")
    said = outage.at("08:12").types("record note-added --text 'jag tar det'").out
    assert "Härnäst: Publicera driftinformation på Vårdgivare Skåne" in said
    assert "Härnäst Publicera driftinformation" in " ".join(outage.types("board").out.split())
    [suggested] = suggestions(said)
    assert outage.types(typed(suggested)).code == 0


@pytest.mark.parametrize("role", ["partner", "region-it", "unit-manager", "compliance-reviewer"])
def test_whoever_has_nothing_to_do_is_told_so_and_of_whom_the_others_wait(outage: Terminal, role: str) -> None:
    outage.types(f"staff add {ME} --role {role}")
    said = outage.types("record note-added --text lugnt").out
    assert "Härnäst: inget för dig just nu." in said or suggestions(said)
    assert "Väntar på VO Hjälpmedel: " in said
    assert all(outage.types(typed(each)).code == 0 for each in suggestions(said))


@pytest.mark.parametrize("orders", ["", "wait"])
def test_region_wide_the_answer_the_board_and_due_say_to_wait_and_how_the_instruction_is_recorded(
    terminal: Terminal, orders: str
) -> None:
    said = terminal.types("record outage-detected --scope region-wide").out
    if orders:
        said = terminal.types(f"record instruction-received --text avvakta --orders {orders}").out
    terminal.at("13:05")
    for told in (said, terminal.types("board").out, terminal.types("due").out):
        assert "vidta inga åtgärder" in " ".join(told.split())
        [suggested] = suggestions(told)
        assert (
            suggested
            == "reservrutin record instruction-received --text '…' --orders 'wait|act|activate-reserve-routine'"
        )
    assert terminal.types("due --json").json == []


def test_region_wide_a_measure_that_was_taken_all_the_same_ends_no_waiting(terminal: Terminal) -> None:
    terminal.records("outage-detected --scope region-wide")
    said = terminal.types("record supplier-contacted --outcome reached").out
    for told in (said, terminal.types("board").out, terminal.types("due").out):
        assert "vidta inga åtgärder" in " ".join(told.split())
    said = terminal.at("08:20").types("record instruction-received --text agera --orders act").out
    for told in (said, terminal.types("board").out, terminal.types("due").out):
        assert "vidta inga åtgärder" not in " ".join(told.split())


def test_after_a_closed_incident_no_answer_ends_with_a_duty(outage: Terminal) -> None:
    outage.records("operating-information-requested --text nere")
    outage.at("12:10").records("reserve-routine-activated")
    outage.at("13:00").records("service-restored --system sesam-s2")
    outage.records("reserve-routine-deactivated")
    lines = ["incident-closed", "note-added --incident 1 --text slut", "callers-informed --incident 1"]
    for line in lines:
        said = outage.types(f"record {line}").out
        assert "Härnäst: inget att göra just nu." in said, said
        assert "Väntar på" not in said


STEPS = (
    "outage-detected --scope all-users --system sesam-s2 --system visma-websesam --incident new",
    "outage-detected --scope region-wide --incident new",
    "outage-detected --scope local --system websesam --incident new",
    "disturbance-reported --unit Lund --system websesam",
    "scope-reclassified --scope all-users --reason bilden",
    "system-owner-contacted --outcome off-duty",
    "instruction-received --text agera --orders act",
    "operating-information-requested --text nere",
    "callers-informed --count 2",
    "cause-established --as system-owner --cause system",
    "reserve-routine-activated --deviation brådska",
    "referral-received --serial OT-1",
    "service-restored --system sesam-s2 --system websesam --system visma-websesam",
    "reserve-routine-deactivated",
    "incident-closed",
)


@pytest.mark.parametrize("dice", range(12))
def test_every_command_that_is_suggested_works_as_it_is_typed(terminal: Terminal, dice: int) -> None:
    """A day of any kind, on which some answers are followed and others are not."""
    chance, clock, ran = Random(dice), 8 * 60, 0  # noqa: S311 - dice of a test, the same each time
    for place in range(14):
        clock += chance.choice([1, 7, 20, 70])
        terminal.at(f"{clock // 60 % 24:02d}:{clock % 60:02d}") if clock < 24 * 60 else None
        numbers = [incident["incident"] for incident in terminal.types("board --json").json]
        step = chance.choice(STEPS) if place else STEPS[0]
        named = f" --incident {chance.choice(numbers)}" if numbers and "--incident" not in step else ""
        said = terminal.types(f"record {step}{named}").out
        while chance.random() < 0.7 and (suggested := suggestions(said)):
            line = typed(suggested[0], chance.randrange(3))
            reply = terminal.types(line)
            assert reply.code == 0, f"{line}: {reply.err}"
            said, ran = reply.out, ran + 1
    assert ran


def test_an_outage_while_one_is_suspected_is_refused_with_both_commands(terminal: Terminal) -> None:
    terminal.records("disturbance-reported --unit Lund --system websesam")
    line = "record outage-detected --scope all-users --system websesam --summary 'ingen kommer in'"
    refused = terminal.types(line)
    assert refused.code == 2
    assert "2026-0001: websesam" in refused.err
    same, another = re.findall(r"reservrutin (record .*?--incident [\w-]+)", refused.err)
    assert terminal.facts() == 1
    assert terminal.types(f"{same} --json").json["incident"] == "2026-0001"
    assert terminal.types(f"{another} --json").json["incident"] == "2026-0002"


def test_of_two_that_are_suspected_each_has_its_command(terminal: Terminal) -> None:
    for unit in ("Lund", "Malmö"):
        terminal.records(f"disturbance-reported --incident new --unit {unit} --system websesam")
    refused = terminal.types("record outage-detected --scope all-users --system websesam").err
    commands = re.findall(r"reservrutin (record .*?--incident [\w-]+)", refused)
    assert [command.split()[-1] for command in commands] == ["2026-0001", "2026-0002", "new"]
    assert [terminal.types(command).code for command in commands] == [0, 0, 0]


def test_where_an_incident_has_to_be_named_the_choices_say_what_each_is_about(outage: Terminal) -> None:
    outage.records("outage-detected --scope local --system websesam")
    refused = outage.types("record note-added --text hej")
    assert refused.code == 2
    assert "2026-0001: Sesam S2 · alla användare" in refused.err
    assert "2026-0002: websesam · bara Hjälpmedel Administration" in refused.err
