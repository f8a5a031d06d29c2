"""What to tell whoever calls: the routine's sentences, true at the moment they are read out."""

import pytest

from tests.conftest import on_sqlite
from tests.terminal import DRIFTINFO, Terminal

pytestmark = on_sqlite


def said(terminal: Terminal, clock: str, language: str = "sv") -> str:
    [told] = terminal.at(clock).types("say --json").json
    return " ".join(told["say"][language])


def test_the_caller_is_told_what_is_down_since_when_and_that_nobody_knows_for_how_long(outage: Terminal) -> None:
    assert said(outage, "08:10") == (
        "Sesam S2 ligger nere sedan 08:05. Det finns ingen prognos just nu. Avvakta tills vidare. "
        f"Mer information: {DRIFTINFO}"
    )
    assert said(outage, "08:10", "en").startswith("Down since 08:05: Sesam S2. There is no prognosis at the moment.")


def test_the_prognosis_is_told_for_as_long_as_it_is_one(outage: Terminal) -> None:
    outage.at("09:00").records("prognosis-received --restored-by 10:30")
    assert "Enligt prognosen fungerar det igen senast 10:30." in said(outage, "09:05")
    assert "Det finns ingen prognos just nu." in said(outage, "10:31")


def test_once_the_reserve_routine_applies_it_is_paper_and_where_to_fax_it(outage: Terminal) -> None:
    outage.at("12:10").records("reserve-routine-activated")
    told = said(outage, "12:11")
    assert "faxa eller posta dem till Aktiv ortopedteknik" in told
    assert "Avvakta tills vidare" not in told


def test_the_link_is_the_one_that_was_published(outage: Terminal) -> None:
    outage.records(
        "operating-information-published --as system-owner --channel vardgivare-skane --text 'Sesam ligger nere.' "
        "--link https://vardgivare.skane.se/sesam-2"
    )
    assert "https://vardgivare.skane.se/sesam-2" in said(outage, "08:20")


def test_when_it_works_again_that_is_what_is_told_and_nothing_once_it_is_closed(outage: Terminal) -> None:
    outage.at("09:00").records("service-restored --system sesam-s2")
    assert said(outage, "09:01") == "Sesam S2 fungerar igen: beställ som vanligt."
    outage.records("incident-closed --at 09:01")
    assert outage.types("say --json").json == []
    assert "inget att säga" in outage.types("say 1").out


def test_whoever_orders_is_not_told_that_it_is_down_when_only_the_help_desk_is_cut_off(terminal: Terminal) -> None:
    terminal.records("outage-detected --scope local --system sesam-s2")
    told = said(terminal, "08:15")
    assert "Hos er ska det fungera som vanligt." in told
    assert "ligger nere" not in told
    assert "prognos" not in told


def test_a_suspicion_is_not_told_as_an_outage(terminal: Terminal) -> None:
    terminal.records('disturbance-reported --unit "Ortopeden Lund" --system sesam-s2')
    told = said(terminal, "08:15")
    assert "undersöker" in told
    assert "Sesam S2" not in told


def test_a_night_and_several_systems_are_told_as_people_speak(terminal: Terminal) -> None:
    terminal.records('outage-detected --scope region-wide --at "igår 22:40"')
    assert "Sesam S2, websesam och Visma websesam ligger nere sedan i går 22:40." in said(terminal, "08:15")


@pytest.mark.parametrize(("line", "expected"), [("say", "SESAM"), ("say 1 --lang en", "Please wait for now.")])
def test_it_is_read_out_as_it_stands_under_the_number_it_is_about(outage: Terminal, line: str, expected: str) -> None:
    reply = outage.types(line)
    assert reply.code == 0
    assert "2026-0001" in reply.out
    assert expected.lower() in reply.out.lower()


def test_with_nothing_open_there_is_nothing_to_tell(terminal: Terminal) -> None:
    reply = terminal.types("say")
    assert (reply.code, reply.err) == (0, "")
    assert "Ingen händelse är öppen" in reply.out
