"""Several facts in one command: all of them or none, on either database."""

import pytest

from domain import facts as f
from domain.fact import Fact
from domain.refusals import NotAdmitted, NotAuthorised, NotFound
from domain.vocabulary import Function, Status
from infrastructure.database.database import Database
from infrastructure.log.incident_log import Answer, IncidentLog, Proposal
from tests.conftest import Clock
from tests.given import ADMINISTRATION, VO, moment, outage, owner_contacted, prognosis, restored


@pytest.fixture
def two(log: IncidentLog, clock: Clock) -> tuple[str, str]:
    """Two open incidents, of which the first has a prognosis that belongs to the second."""
    clock.now = moment("08:00")
    first = log.record(Proposal(outage(), VO, "s-1")).recorded.incident
    second = log.record(Proposal(outage(), VO, "s-1")).recorded.incident
    clock.now = moment("08:30")
    log.record(Proposal(prognosis("14:00"), VO, "s-1", first, occurred_at=moment("08:20"), note="per telefon"))
    clock.now = moment("09:00")
    return first, second


def papers(*serials: str, incident: str, command_id: str = "") -> list[Proposal]:
    return [
        Proposal(f.ReferralReceived(serial=serial), ADMINISTRATION, "s-1", incident, command_id=command_id)
        for serial in serials
    ]


def serials(log: IncidentLog, incident: str) -> list[str]:
    return [r.fact.serial for r in log.history(incident) if isinstance(r.fact, f.ReferralReceived)]


def withdrawal(entry: int, moved_to: str | None = None) -> Fact:
    return f.EntryWithdrawn(entry=entry, reason="hör till det andra", moved_to=moved_to)


def facts(database: Database) -> int:
    count: int = database.connection().execute("SELECT count(*) FROM facts").fetchone()[0]
    return count


def test_papers_that_came_together_are_a_fact_each_and_the_last_answer_knows_them_all(
    log: IncidentLog, two: tuple[str, str]
) -> None:
    answers = log.record_all(papers("OT-18", "OT-19", "OT-20", incident=two[0]))
    assert [answer.recorded.entry for answer in answers] == [3, 4, 5]
    assert len({answer.recorded.position for answer in answers}) == 3
    assert serials(log, two[0]) == ["OT-18", "OT-19", "OT-20"]
    assert set(answers[-1].incident.outstanding) == {"OT-18", "OT-19", "OT-20"}


@pytest.mark.parametrize("again", [("OT-18", "OT-18"), ("OT-18", "OT-19", "OT-18")])
def test_where_one_is_refused_none_is_written(
    log: IncidentLog, database: Database, two: tuple[str, str], again: tuple[str, ...]
) -> None:
    before = facts(database)
    with pytest.raises(NotAdmitted, match="duplicate-serial"):
        log.record_all(papers(*again, incident=two[0]))
    assert facts(database) == before
    assert serials(log, two[0]) == []


def test_papers_of_yesterday_come_together_too(log: IncidentLog, two: tuple[str, str]) -> None:
    late = [
        Proposal(f.ReferralReceived(serial=serial), ADMINISTRATION, "s-1", two[0], occurred_at=moment("08:10"))
        for serial in ("OT-1", "OT-2")
    ]
    assert [answer.recorded.entry for answer in log.record_all(late)] == [3, 4]
    with pytest.raises(NotAdmitted, match="duplicate-serial"):
        log.record_all(late[:1])


def test_the_command_repeated_answers_with_the_same_entries_and_adds_nothing(
    log: IncidentLog, database: Database, two: tuple[str, str]
) -> None:
    first = log.record_all(papers("OT-18", "OT-19", incident=two[0], command_id="k-1"))
    before = facts(database)
    again = log.record_all(papers("OT-18", "OT-19", incident=two[0], command_id="k-1"))
    assert [answer.recorded for answer in again] == [answer.recorded for answer in first]
    assert all(answer.repeated for answer in again)
    for other in (papers("OT-18", "OT-77", incident=two[0]), papers("OT-18", "OT-19", "OT-20", incident=two[0])):
        with pytest.raises(NotAdmitted, match="command-id-taken"):
            log.record_all([Proposal(p.fact, p.function, p.person, p.incident, command_id="k-1") for p in other])
    assert facts(database) == before


def test_a_dry_run_of_several_writes_none(log: IncidentLog, database: Database, two: tuple[str, str]) -> None:
    before = facts(database)
    answers = log.record_all(papers("OT-18", "OT-19", incident=two[0]), dry_run=True)
    assert [answer.recorded.entry for answer in answers] == [3, 4]
    assert facts(database) == before


# Moved


def test_q29_an_entry_is_moved_to_its_incident_with_its_own_time_in_one_transaction(
    log: IncidentLog, two: tuple[str, str]
) -> None:
    first, second = two
    away, there = log.record_all([Proposal(withdrawal(2, second), VO, "s-2", first)])
    assert away.recorded.position is not None
    assert there.recorded.position == away.recorded.position + 1
    assert (there.recorded.incident, there.recorded.entry, there.recorded.fact) == (second, 2, prognosis("14:00"))
    assert (there.recorded.occurred_at, there.recorded.recorded_at) == (moment("08:20"), moment("09:00"))
    assert (there.recorded.note, there.recorded.recorded_by) == ("per telefon", "s-2")
    assert log.incident(log.history(first)).prognosis is None
    moved = log.incident(log.history(second)).prognosis
    assert moved is not None
    assert moved.restored_by == moment("14:00")


def test_what_the_other_incident_does_not_admit_is_not_withdrawn_either(
    log: IncidentLog, database: Database, two: tuple[str, str]
) -> None:
    first, second = two
    log.record_all(papers("OT-18", incident=first))
    log.record_all(papers("OT-18", incident=second))
    before = facts(database)
    with pytest.raises(NotAdmitted, match="duplicate-serial"):
        log.record(Proposal(withdrawal(3, second), ADMINISTRATION, "s-1", first))
    with pytest.raises(NotAuthorised):
        log.record(Proposal(withdrawal(2, second), Function.PARTNER, "s-1", first))
    with pytest.raises(NotFound):
        log.record(Proposal(withdrawal(2, "2026-0099"), VO, "s-1", first))
    with pytest.raises(NotAdmitted, match="the-same-incident"):
        log.record(Proposal(withdrawal(2, first), VO, "s-1", first))
    assert facts(database) == before


def test_a_corrected_entry_moves_as_it_reads_now(log: IncidentLog, two: tuple[str, str]) -> None:
    first, second = two
    fix = f.EntryCorrected(entry=2, reason="fel", occurred_at=moment("08:15"), fields={"source": "IT"})
    log.record(Proposal(fix, VO, "s-1", first))
    _, there = log.record_all([Proposal(withdrawal(2, second), VO, "s-1", first)])
    assert there.recorded.occurred_at == moment("08:15")
    assert isinstance(there.recorded.fact, f.PrognosisReceived)
    assert there.recorded.fact.source == "IT"
    with pytest.raises(NotAdmitted, match="not-moved"):
        log.record(Proposal(withdrawal(3, second), VO, "s-1", first))


def test_an_incident_is_voided_as_the_same_as_one_that_there_is(log: IncidentLog, two: tuple[str, str]) -> None:
    first, second = two

    def voided(same_as: str) -> Answer:
        return log.record(Proposal(f.IncidentVoided(reason="samma", same_as=same_as), VO, "s-1", second))

    with pytest.raises(NotFound):
        voided("2026-0099")
    with pytest.raises(NotAdmitted, match="the-same-incident"):
        voided(second)
    assert voided(first).incident.status is Status.VOIDED


def test_entries_go_on_being_numbered_after_a_withdrawal(log: IncidentLog, two: tuple[str, str]) -> None:
    first, _ = two
    for fact, entry in ((withdrawal(2), 3), (owner_contacted(), 4), (restored(), 5), (withdrawal(5), 6)):
        assert log.record(Proposal(fact, ADMINISTRATION, "s-1", first)).recorded.entry == entry
    assert log.incident(log.history(first)).status is Status.ONGOING
