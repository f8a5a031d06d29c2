"""Whatever state a thread is in, no delivery that is due is forgotten, sent twice or both sent and dropped."""

from hypothesis import given
from hypothesis import strategies as st

from domain import facts as f
from domain.delivery import TO_BE_TRIED, DeliveryState, Unsent
from domain.fact import Fact, Recorded
from domain.routine_document import builtin
from domain.vocabulary import Audience, Function, System
from infrastructure.outbox.mails import IncidentFacts, Row, sort_out
from tests.given import (
    ACTIVATED,
    CLOSED,
    INSTRUCTED,
    LINK,
    NUMBER,
    Day,
    moment,
    outage,
    prognosis,
    published,
    restored,
)

PASSED = f.DeadlinePassed(duty="activate-after-four-hours", due_at=moment("12:00"))
FACTS = [
    outage(),
    prognosis("11:00"),
    ACTIVATED,
    INSTRUCTED,
    published(LINK),
    restored(System.WEBSESAM),
    CLOSED,
    PASSED,
]


@st.composite
def threads(draw: st.DrawFn) -> tuple[list[Row], set[int], IncidentFacts, set[int]]:
    """A thread's rows, those of them that are due, the story behind it, and which entries are too old."""
    facts: list[Fact] = draw(st.lists(st.sampled_from([*FACTS, restored()]), min_size=1, max_size=8))
    at, who = moment("08:00"), Function.VO_HJALPMEDEL
    story = IncidentFacts(
        (Recorded(NUMBER, n, fact, at, at, who, "s", "c") for n, fact in enumerate(facts, start=1)),
        builtin(),
    )
    rows: list[Row] = []
    for entry in range(1, len(facts) + 1):
        state = draw(st.sampled_from(DeliveryState))
        unclear = state is DeliveryState.AMBIGUOUS or draw(st.booleans())
        lead = draw(st.one_of(st.none(), st.integers(1, len(facts)))) if unclear else None
        first, priority = entry == 1 and draw(st.booleans()), draw(st.integers(0, 1))
        rows.append(
            Row(
                entry,
                NUMBER,
                entry,
                "p-1",
                Audience.STAFF,
                first,
                state,
                priority,
                0,
                unclear,
                lead,
                None,
                None,
                None,
                Unsent.TOLD_OTHERWISE if state is DeliveryState.SUPERSEDED and draw(st.booleans()) else None,
                None,
            )
        )
    due = {row.id for row in rows if row.state in TO_BE_TRIED and draw(st.booleans())}
    return rows, due, story, draw(st.sets(st.integers(1, len(facts))))


@given(threads())
def test_every_delivery_that_is_due_is_in_exactly_one_mail_or_has_ended(
    thread: tuple[list[Row], set[int], IncidentFacts, set[int]],
) -> None:
    rows, due, story, too_old = thread
    out = sort_out(rows, due, story, lambda recorded: recorded.entry in too_old)
    sent = [row.id for mail in out.mails for row in mail.rows]
    ended = [row for row, _by in out.stale] + out.needless + out.expired
    assert len(sent) == len(set(sent))
    assert not set(sent) & set(ended)
    assert due <= {*sent, *ended}
    waiting = {row.id for row in rows if row.state in TO_BE_TRIED}
    assert {*sent, *ended} <= waiting, "what is sent, in hand or over is left alone"


@given(threads())
def test_what_goes_out_goes_in_the_order_in_which_it_was_recorded(
    thread: tuple[list[Row], set[int], IncidentFacts, set[int]],
) -> None:
    rows, due, story, _too_old = thread
    news = [mail for mail in sort_out(rows, due, story, lambda _recorded: False).mails if not mail.lead.summary]
    for mail in news:
        assert [row.entry for row in mail.others] == sorted(row.entry for row in mail.others)
    left = {row.entry for row in rows if row.state in TO_BE_TRIED and not row.unclear and not row.summary}
    left -= {entry for mail in news for entry in [row.entry for row in mail.rows]}
    sent_fresh = [row.entry for mail in news if not mail.lead.unclear for row in mail.rows]
    out = sort_out(rows, due, story, lambda _recorded: False)
    over = {rows[row - 1].entry for row in [*(row for row, _by in out.stale), *out.needless]}
    if sent_fresh:
        assert not left - over, "the older does not come after the newer"


def test_a_deadline_that_is_all_a_reader_was_to_be_told_is_not_sent_once_the_duty_is_done() -> None:
    day = Day()
    day.at("08:00").records(outage())
    day.at("12:00").records(PASSED)
    row = Row(7, NUMBER, 2, "p-1", Audience.STAFF, False, DeliveryState.QUEUED, 1, 0, False, *[None] * 6)
    [mail] = sort_out([row], {7}, IncidentFacts(day.facts, builtin()), lambda _: False).mails
    assert mail.lead is row
    day.at("12:03").records(ACTIVATED)
    out = sort_out([row], {7}, IncidentFacts(day.facts, builtin()), lambda _: False)
    assert (out.mails, out.stale) == ([], [(7, 3)])
