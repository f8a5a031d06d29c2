"""A short chaos run on every test run, and a verdict that sees what it is there to see."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.rig import Plan, Rig
from tests.chaos.verdict import Accepted, Evidence, Person, Row, counts, violations

ANNA = Person("p-1", "anna@example.se", "staff")
BO = Person("p-2", "bo@example.se", "public")
PAUSED = Person("p-3", "paus@example.se", "staff", never=True)
PARTNER = Person("p-4", "partner@example.se", "partner")


def name(entry: int, person: Person) -> str:
    return f"<2026-0001.{entry}.{person.id}@example.se>"


def row(entry: int, fact: str, person: Person, *attempts: str, state: str = "sent") -> Row:
    number = entry * 10 + int(person.id[-1])
    return Row(number, "2026-0001", entry, fact, person.id, state, name(entry, person), attempts)


GOOD = Evidence(
    rows=[
        row(1, "outage-detected", ANNA, "ambiguous", "sent"),
        row(2, "operating-information-published", ANNA, "sent"),
        row(2, "operating-information-published", BO, "deferred", "sent"),
        row(3, "prognosis-received", ANNA, state="superseded"),
        row(4, "prognosis-received", ANNA, "sent"),
    ],
    accepted=[
        Accepted(1, ANNA.address, name(1, ANNA)),
        Accepted(2, ANNA.address, name(1, ANNA)),
        Accepted(3, ANNA.address, name(2, ANNA)),
        Accepted(4, BO.address, name(2, BO)),
        Accepted(5, ANNA.address, name(4, ANNA)),
    ],
    people=[ANNA, BO, PAUSED],
    facts=[
        ("2026-0001", 1, "outage-detected"),
        ("2026-0001", 2, "operating-information-published"),
        ("2026-0001", 3, "prognosis-received"),
        ("2026-0001", 4, "prognosis-received"),
    ],
    acknowledged=[("2026-0001", 1), ("2026-0001", 4)],
)


def test_a_run_in_which_every_promise_is_kept_has_no_violation() -> None:
    assert violations(GOOD) == []
    figures = counts(GOOD)
    assert figures["duplicates"] == figures["deliveries flagged ambiguous"] == 1
    assert figures["duplicates the ledger does not flag"] == 0


def changed(place: int, **fields: object) -> Callable[[Evidence], Evidence]:
    """The evidence with another row at this place."""

    def change(evidence: Evidence) -> Evidence:
        rows = list(evidence.rows)
        rows[place] = replace(rows[place], **fields)  # type: ignore[arg-type]
        return replace(evidence, rows=rows)

    return change


@pytest.mark.parametrize(
    ("what_happened", "said"),
    [
        (lambda e: replace(e, accepted=e.accepted[:-1]), "the server never took it"),
        (lambda e: replace(e, rows=e.rows[1:]), "lost before it was planned"),
        (lambda e: replace(e, acknowledged=[("2026-0001", 9)]), "is not in the log"),
        (lambda e: replace(e, rows=[*e.rows, e.rows[0]]), "planned 2 times"),
        (changed(4, state="deferred"), "is still deferred"),
        (changed(4, state="superseded"), "the server took it, and no attempt is ambiguous"),
        (changed(4, state="refused"), "the server took it, and no attempt is ambiguous"),
        (lambda e: changed(2, state="refused")(replace(e, accepted=[e.accepted[0]])), "never refused p-2"),
        (
            lambda e: changed(4, state="superseded")(replace(e, accepted=e.accepted[:-1])),
            "told nothing newer",
        ),
        (changed(0, attempts=("sent",)), "is not flagged in the ledger"),
        (
            lambda e: replace(e, rows=[*e.rows, row(1, "outage-detected", PAUSED, state="superseded")]),
            "which is not theirs",
        ),
        (
            lambda e: replace(e, rows=[*e.rows, row(1, "outage-detected", BO, state="superseded")]),
            "which is not theirs",
        ),
        (
            lambda e: replace(e, facts=[*e.facts, ("2026-0001", 5, "service-restored")]),
            "lost before it was planned: 2026-0001 entry 5 (service-restored) for p-1",
        ),
        (
            lambda e: replace(
                e,
                facts=[*e.facts, ("2026-0001", 5, "service-restored")],
                people=[*e.people, PARTNER],
                rows=[*e.rows, row(5, "service-restored", PARTNER, state="superseded")],
            ),
            "p-4 has a delivery of 2026-0001 entry 5 (service-restored), which is not theirs",
        ),
        (lambda e: replace(e, accepted=[*e.accepted, Accepted(6, "x@example.se", name(1, ANNA))]), "to a stranger"),
        (
            lambda e: replace(e, accepted=[*e.accepted, Accepted(6, BO.address, name(1, BO))]),
            "the ledger has no such delivery",
        ),
        (lambda e: replace(e, people=[replace(ANNA, left_at=-9.0), BO, PAUSED]), "after leaving"),
        (
            lambda e: changed(1, message_id=name(4, ANNA))(e),
            "went out as <2026-0001.2.p-1@example.se> and as <2026-0001.4.p-1@example.se>",
        ),
    ],
)
def test_the_verdict_sees(what_happened: Callable[[Evidence], Evidence], said: str) -> None:
    assert any(said in violation for violation in violations(what_happened(GOOD)))


def test_mail_that_comes_a_moment_after_its_reader_left_was_on_its_way() -> None:
    assert violations(replace(GOOD, people=[replace(ANNA, left_at=0.5), BO, PAUSED])) == []


def test_killed_workers_and_a_bad_mail_server_lose_nothing(tmp_path: Path, url: str) -> None:
    rig = Rig(Plan(seed=20260302, kills=6, deliveries=200, staff=40, speed=120, pause=0.6), tmp_path, url=url)
    evidence = rig.run()
    assert rig.problems(evidence) == []
    figures = counts(evidence)
    assert figures["kills"] >= 6
    assert figures["deliveries planned"] >= 200
    assert figures["deliveries sent"] > figures["deliveries refused"] > 0
