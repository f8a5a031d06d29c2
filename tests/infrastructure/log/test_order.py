"""Positions are commit order, and of all who decide at once each is told the truth. Real processes, both databases."""

import threading
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import facts as f
from domain.admission import admit
from domain.fact import Fact, Recorded
from domain.refusals import NotAdmitted
from domain.routine_document import builtin
from infrastructure.database.database import Database
from infrastructure.log.incident_log import IncidentLog, Proposal
from tests.given import ACTIVATED, CLOSED, outage, restored
from tests.infrastructure import work
from tests.infrastructure.processes import all_at_once

WRITERS = 8


@pytest.mark.parametrize("count", [100, pytest.param(400, marks=pytest.mark.long)])
def test_who_follows_the_log_beside_eight_writers_misses_nothing_and_sees_nothing_twice(
    url: str, database: Database, count: int
) -> None:
    """Some transactions are held open with their fact in them, some are given up."""
    told = all_at_once(_part, [(url, place, count) for place in range(WRITERS + 2)])
    written = sorted(position for of_one in told[2:] for position in of_one)
    assert written == list(range(1, WRITERS * count + 1)), "no gap, although some were given up"
    for seen in told[:2]:
        assert seen == written
    for of_one in told[2:]:
        assert of_one == sorted(of_one), "later is later"


def _part(url: str, place: int, count: int) -> list[int]:
    return work.follows(url, WRITERS * count) if place < 2 else work.appends(url, place, count)


CHOICES: list[Fact] = [
    CLOSED,
    f.ReferralReceived(serial="OT-0017"),
    f.ReferralEntered(serial="OT-0017"),
    ACTIVATED,
    f.ReserveRoutineDeactivated(),
    f.NoteAdded(text="medan det händer"),
    f.IncidentReopened(reason="ett papper till"),
    outage(),
]


def proposal(fact: Fact, incident: str | None, command_id: str = "") -> Proposal:
    """By the first function that may."""
    function = builtin().recorded_by(type(fact))[0]
    return Proposal(fact, function, "s-1", incident, deviation="övning", command_id=command_id)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    began=st.sampled_from([(), (restored(),), (ACTIVATED, restored())]),
    choices=st.lists(st.sampled_from(CHOICES), min_size=2, max_size=4),
)
def test_whatever_is_proposed_at_once_comes_out_as_if_one_had_come_after_the_other(
    url: str, database: Database, began: Sequence[Fact], choices: list[Fact]
) -> None:
    """Closing while a referral arrives, activating twice: what was admitted would be admitted in that order, and who
    is told "no" has changed nothing."""
    log = IncidentLog(database)
    number = log.record(proposal(outage(), None)).recorded.incident
    for fact in began:
        log.record(proposal(fact, number))
    start = threading.Barrier(len(choices))
    told: dict[int, Recorded | None] = {}

    def propose(place: int, fact: Fact) -> None:
        own = IncidentLog(Database(url))
        start.wait()
        try:
            incident = None if fact == outage() else number
            answer = own.record(proposal(fact, incident, f"{number} {place} samtidigt"))
            told[place] = answer.recorded
        except NotAdmitted:
            told[place] = None

    threads = [threading.Thread(target=propose, args=(place, fact)) for place, fact in enumerate(choices)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == len(choices)
    history = log.history(number)
    assert [recorded.entry for recorded in history] == list(range(1, len(history) + 1))
    for place, recorded in enumerate(history[1:], 1):
        admit(history[:place], recorded, builtin())
    admitted = [recorded.command_id for recorded in told.values() if recorded]
    everywhere = [
        recorded.command_id
        for incident in {recorded.incident for recorded in told.values() if recorded} | {number}
        for recorded in log.history(incident)
        if recorded.command_id.endswith("samtidigt")
    ]
    assert sorted(everywhere) == sorted(admitted)
    opened = [recorded.incident for recorded in told.values() if recorded and recorded.entry == 1]
    assert len(set(opened)) == len(opened)


def test_the_clock_of_four_workers_strikes_once(url: str, database: Database) -> None:
    log = IncidentLog(database)
    number = log.record(proposal(outage(), None)).recorded.incident
    all_at_once(work.scans_deadlines, [(url, number)] * 4)
    struck = [(r.fact.duty, r.fact.wire) for r in log.history(number) if isinstance(r.fact, f.DeadlinePassed)]
    assert struck
    assert len(struck) == len(set(struck))


@pytest.mark.parametrize("limit", [7, 500])
def test_four_workers_on_one_queue_have_each_row_once(url: str, database: Database, limit: int) -> None:
    work.subscribes(url, 120)
    work.opens(url)
    work.opens(url)
    assert work.plans(url) == "None"
    got = all_at_once(work.claims, [(url, f"w{n}", limit, work.soon()) for n in range(4)])
    claimed = [delivery for of_one in got for delivery in of_one]
    assert len(claimed) == len(set(claimed)) == 240
