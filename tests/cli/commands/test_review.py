"""A review by what was known, with a line for every duty; and what was due by what was known."""

import pytest

from domain.routine_document import builtin
from tests.terminal import Terminal


@pytest.fixture
def corrected(terminal: Terminal) -> Terminal:
    """Detected at nine, activated at one; at two somebody finds out that it began at eight."""
    terminal.at("09:00").records("outage-detected --scope all-users --system sesam-s2")
    terminal.at("09:05").records("system-owner-contacted --outcome no-answer")
    terminal.at("13:00").records("reserve-routine-activated")
    terminal.at("14:00").records("entry-corrected --entry 1 --set since=2026-12-07T08:00+01:00 --reason loggen")
    return terminal


def line(terminal: Terminal, duty: str, options: str = "") -> dict[str, object]:
    found = terminal.types(f"review 1 {options} --json").json["verdicts"]
    return next(verdict for verdict in found if verdict["duty"] == duty)


def test_q21_a_verdict_that_a_later_fact_changed_says_so_and_what_it_was_by_what_was_known(corrected: Terminal) -> None:
    now = line(corrected, "activate-after-four-hours")
    assert (now["verdict"], now["late_seconds"]) == ("late", 3600)
    assert (now["known"], now["known_at"], now["changed_by"]) == ("kept", "2026-12-07T12:00:00Z", 4)
    then = line(corrected, "activate-after-four-hours", "--known-at 13:30")
    assert (then["verdict"], then["known"]) == ("kept", None)
    shown = " ".join(corrected.types("review 1").out.split())
    assert "enligt vad som var känt 2026-12-07 13:00 CET: uppfylld; post 4 ändrade det" in shown
    assert "Enligt vad som var känt" in corrected.types("review 1 --known-at 13:30").out
    english = " ".join(corrected.types("review 1 --lang en").out.split())
    assert "entry 4 changed it" in english


def test_a_review_has_a_line_for_every_duty_and_says_why_one_never_came_about(corrected: Terminal) -> None:
    document = corrected.types("review 1 --json").json
    assert {verdict["duty"] for verdict in document["verdicts"]} == {duty.id for duty in builtin().duties}
    local = line(corrected, "connect-through-mobiles")
    assert (local["verdict"], local["due_at"], local["why"]) == (
        "not-applicable",
        None,
        "blev aldrig aktuellt: kräver ett lokalt avbrott",
    )
    assert "startar med" in str(line(corrected, "supplier-assists")["why"])


def test_what_was_tried_and_what_was_done_afterwards_stand_beside_the_verdict(corrected: Terminal) -> None:
    corrected.at("14:05").records("unit-manager-contacted --outcome no-answer")
    assert line(corrected, "contact-unit-manager")["tried"] == [5]
    corrected.at("14:10").records("service-restored --system sesam-s2")
    corrected.at("14:20").records("unit-manager-contacted --outcome reached")
    after = line(corrected, "contact-unit-manager")
    assert (after["verdict"], after["evidence"], after["afterwards"]) == ("missed", [], [7])


def test_due_says_which_moment_and_whose_knowledge(corrected: Terminal) -> None:
    def duties(options: str) -> set[str]:
        return {duty["duty"] for duty in corrected.types(f"due 1 {options} --json").json}

    assert "Som det såg ut" in corrected.types("due 1 --at 12:20").out
    assert "enligt det som är känt nu" in " ".join(corrected.types("due 1 --at 12:20").out.split())
    by_now = corrected.types("due 1 --at 12:20 --json").json
    words = {duty["duty"]: duty["verdict"] for duty in by_now}
    assert words["activate-after-four-hours"] == "overdue", "it began at eight, as is known now"
    then = {d["duty"]: d["verdict"] for d in corrected.types("due 1 --at 12:20 --known-at 12:20 --json").json}
    assert then["activate-after-four-hours"] == "pending", "nobody knew"
    assert duties("--known-at 08:30") == set()


def test_known_at_is_for_one_incident_by_its_own_routine(corrected: Terminal) -> None:
    assert corrected.types("review --all --known-at 12:00").code == 2


def test_a_review_of_all_names_each_duty_that_was_not_kept(corrected: Terminal) -> None:
    corrected.at("15:00").records("outage-detected --incident new --scope local --system websesam")
    reply = corrected.types("review --all")
    assert reply.code == 6
    shown = " ".join(reply.out.split())
    assert "2026-0001 för sent: Aktivera reservrutinen: fyra timmar utan prognos (SR-069), 1 h försenat" in shown
    assert shown.count("2026-0002") == 1, "what is pending is only counted"
    first, second = corrected.types("review --all --json").json
    late = {duty["duty"]: (duty["verdict"], duty["late_seconds"]) for duty in first["not_kept"]}
    assert late["activate-without-prognosis"] == ("late", 3600)
    assert len(late) == first["late"] + first["overdue"] + first["missed"]
    assert second["not_kept"] == []
