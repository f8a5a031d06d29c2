"""A mail that tells of two facts says the same of them whichever it goes under and whichever was written down first:
each once, as they happened; and it asks for the same. Its subject is of the one that matters most."""

from datetime import timedelta
from itertools import permutations

import pytest

from domain import facts as f
from domain.delivery import DeliveryState
from domain.fact import Fact, Recorded
from domain.review import verdicts
from domain.routine_document import builtin
from domain.staleness import lead_weight
from domain.vocabulary import Audience
from infrastructure.outbox.mails import IncidentFacts, Row
from notifiers.asked import asked
from notifiers.happened import Event, events
from tests.given import Day, outage, prognosis
from tests.notifiers.outage import ALL, BEGAN, DETECTED, DRIFTINFO, PUBLISHED, after, recorded, told
from wording.words import Words, catalogue

ENGLISH = Words(catalogue("en"), "en", builtin())
NOW = BEGAN + timedelta(hours=5)
HEADED: dict[str, Fact] = {
    "Prognosis received: 14:05": f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=6)),
    "Instruction received": f.InstructionReceived(text="gå över till papper"),
    "Operating information requested": f.OperatingInformationRequested(text="Vi når inte Sesam från Lund."),
    "Published: the reserve routine applies": PUBLISHED,
    "Reserve routine activated": f.ReserveRoutineActivated(),
    "Service restored: Sesam S2, websesam, Visma websesam": f.ServiceRestored(systems=ALL),
}
every_audience = pytest.mark.parametrize("audience", [Audience.STAFF, Audience.DUTY, Audience.PARTNER])
every_pair = pytest.mark.parametrize(("first", "second"), list(permutations(HEADED, 2)))


def one_then_other(first: str, second: str, entries: tuple[int, int]) -> tuple[Recorded, Recorded]:
    """The one happened before the other; both were written down afterwards, in the order of these entries."""
    return (
        recorded(HEADED[first], 20, entry=entries[0], late=5),
        recorded(HEADED[second], 21, entry=entries[1], late=4),
    )


def said(audience: Audience, under: Recorded, along: Recorded) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """What happened and what is asked, by the mail that goes under the one fact and tells the other along with it."""
    happened = sorted((under, along), key=lambda fact: fact.occurred_at)
    duties = tuple(verdicts([DETECTED, *happened], builtin(), NOW))
    notice = told(audience, under, after(*happened), also=(along,), verdicts=duties)
    return events(notice, ENGLISH, NOW, DRIFTINFO), tuple(sorted(asked(notice, ENGLISH, NOW)))


@every_audience
@every_pair
def test_both_are_told_once_as_they_happened_and_the_same_is_asked(audience: Audience, first: str, second: str) -> None:
    for entries in ((2, 3), (3, 2)):
        one, other = one_then_other(first, second, entries)
        happened, things = said(audience, other, one)
        assert [event.said[0].removesuffix(" (VO Hjälpmedel)") for event in happened] == [first, second]
        assert said(audience, one, other) == (happened, things)


@every_audience
@every_pair
def test_the_subject_is_of_what_matters_most_to_its_readers_and_of_equals_the_newest(
    audience: Audience, first: str, second: str
) -> None:
    for entries in ((2, 3), (3, 2)):
        pair = one_then_other(first, second, entries)
        facts = IncidentFacts([DETECTED, *pair], builtin())
        rows = [a_row(fact.entry, audience) for fact in pair]
        weights = {fact.entry: lead_weight(fact, audience, builtin())[0] for fact in pair}
        most = [entry for entry, weight in weights.items() if weight == max(weights.values())]
        assert facts.lead(rows).entry == facts.lead(rows[::-1]).entry == max(most)


def a_row(entry: int, audience: Audience) -> Row:
    return Row(
        id=entry, incident="2026-0007", entry=entry, subscriber="p-1", audience=audience, summary=False,
        state=DeliveryState.QUEUED, priority=1, tries=0, unclear=False, lead=None, message_id=None, sent_at=None,
        replaced_by=None, reason=None, dated=None,
    )  # fmt: skip


def test_of_two_facts_of_one_moment_the_one_is_what_the_other_replaces() -> None:
    day = Day()
    day.at("08:00").records(outage())
    first, second = (day.at("09:00").records(prognosis(until)) for until in ("12:00", "13:00"))
    assert IncidentFacts(day.facts, builtin()).earlier(second.entry) == (first,)
