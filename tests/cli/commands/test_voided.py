"""An incident that was voided: nothing in it is due or judged, and it is on the board with --all alone (Q29)."""

import pytest

from tests.terminal import Terminal


@pytest.fixture
def voided(outage: Terminal) -> Terminal:
    """The first goes on; the second was the same; the third is closed; the fourth is only suspected."""
    outage.records("outage-detected --scope all-users --system websesam")
    outage.records("incident-voided --incident 2 --same-as 1 --reason 'samma avbrott'")
    outage.records("outage-detected --scope local --system websesam")
    outage.records("service-restored --incident 3 --system websesam")
    outage.records("incident-closed --incident 3")
    outage.records("disturbance-reported --incident new --unit Lund --system websesam")
    return outage.at("14:00")


def test_the_board_has_what_is_closed_or_voided_with_all_alone_and_says_which_it_is(voided: Terminal) -> None:
    def numbers(options: str) -> list[tuple[str, str]]:
        return [(each["incident"], each["status"]) for each in voided.types(f"board {options} --json").json]

    still_open = [("2026-0001", "ongoing"), ("2026-0004", "suspected")]
    assert numbers("") == still_open
    assert numbers("--all") == sorted([*still_open, ("2026-0002", "voided"), ("2026-0003", "closed")])
    told = voided.types("board --all").out
    assert "2026-0002  OGILTIG  websesam · alla användare, samma som 2026-0001\n2026-0003  STÄNGD" in told
    assert "OGILTIG" not in voided.types("board").out
    assert "2026-0002  VOIDED  websesam · all users, the same as" in voided.types("board --all --lang en").out


def test_the_board_of_an_hour_when_nothing_is_open_still_has_all_with_all(voided: Terminal) -> None:
    for number in (1, 4):
        voided.records(f"incident-voided --incident {number} --reason övning")
    assert "Ingen händelse är öppen" in voided.types("board").out
    assert voided.types("board --all").out.count("OGILTIG") == 3


def test_a_review_of_all_counts_the_voided_and_judges_nothing_in_them(voided: Terminal) -> None:
    every = {each["incident"]: each for each in voided.types("review --all --json").json}
    assert every["2026-0002"]["status"] == "voided"
    counts = ("kept", "late", "overdue", "missed", "pending", "deferred", "not-applicable")
    assert [every["2026-0002"][word] for word in counts] == [0] * 7
    assert every["2026-0001"]["overdue"] > 0, "the same outage is judged where it is kept"
    told = voided.types("review --all").out
    assert "1 händelse är ogiltig och bedöms inte." in told
    [row] = (line for line in told.splitlines() if line.startswith("2026-0002"))
    assert not any(char.isdigit() for char in row.split("2026-0002")[1].split("1.0.")[0])
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("command", ["show", "say", "due", "review", "log", "replay", "deliveries"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_every_command_answers_of_an_incident_in_any_status(voided: Terminal, command: str, number: int) -> None:
    told = voided.types(f"{command} {number}")
    assert told.code == (6 if (command, number) in {("review", 1), ("review", 4)} else 0), told.err
    assert "kan inte bedömas" not in told.out
    if (command, number) == ("due", 2):
        assert told.out == "Inget att göra just nu.\n"
    if (command, number) == ("review", 2):
        assert "Händelsen är ogiltig: inget i den bedöms." in told.out
