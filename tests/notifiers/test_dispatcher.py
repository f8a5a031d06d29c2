"""A round of the dispatcher: everything that waits is claimed, handed over and settled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain import facts as f
from domain.delivery import DeliveryState, Notice, Outcome, Settlement
from domain.vocabulary import Audience
from notifiers.dispatcher import Tally, dispatch
from notifiers.email import MailServer
from tests.notifiers.outage import DETECTED, SETTINGS, recorded, told, words_for
from tests.notifiers.relay import Relay, listening

NOW = DETECTED.recorded_at


@dataclass
class Waiting:
    """An outbox in memory: what waits, and how it was settled."""

    notices: list[tuple[Notice, int]]
    settled: dict[int, tuple[DeliveryState, int | None, str, datetime | None]] = field(default_factory=dict)
    workers: set[str] = field(default_factory=set)
    claims: int = 0

    def claim(self, worker: str, limit: int, now: datetime) -> list[tuple[Notice, int]]:
        self.claims += 1
        self.workers.add(worker)
        assert now.tzinfo is not None
        claimed, self.notices = self.notices[:limit], self.notices[limit:]
        return claimed

    def settle(self, worker: str, settlements: Sequence[Settlement]) -> None:
        self.workers.add(worker)
        for done in settlements:
            assert done.at.tzinfo is not None
            outcome = done.outcome
            self.settled[done.notice.delivery] = (outcome.state, outcome.code, outcome.reply, done.next_try_at)


def waiting(count: int, earlier_attempts: int = 0) -> Waiting:
    notices = [told(Audience.STAFF, DETECTED, subscriber=f"s{n}", delivery=n) for n in range(count)]
    return Waiting([(notice, earlier_attempts) for notice in notices])


async def a_round(outbox: Waiting, server: MailServer, batch: int = 50) -> Tally:
    return await dispatch(outbox, server, SETTINGS, words_for, lambda: NOW, "w1", batch=batch)


async def test_everything_that_waits_is_sent_over_one_session() -> None:
    outbox = waiting(7)
    async with listening(Relay()) as relay:
        assert await a_round(outbox, relay.server, batch=3) == Tally(sent=7)
    assert relay.sessions == 1
    assert len(relay.mails) == 7
    assert outbox.workers == {"w1"}
    assert outbox.settled == dict.fromkeys(range(7), (DeliveryState.SENT, 250, "OK", None))


async def test_each_notice_is_settled_as_the_server_answered_it() -> None:
    outbox = waiting(4, earlier_attempts=1)
    relay = Relay()
    relay.at = {"RCPT": ["550 5.1.1 unknown", "451 later", "250 OK", "250 OK"], ".": [Relay.hang_up, "250 OK"]}
    seen: list[tuple[int, str]] = []

    def on_outcome(notice: Notice, outcome: Outcome) -> None:
        seen.append((notice.delivery, outcome.state))

    async with listening(relay):
        tally = await dispatch(outbox, relay.server, SETTINGS, words_for, lambda: NOW, "w1", on_outcome)
    assert tally == Tally(sent=1, deferred=1, refused=1, ambiguous=1)
    assert seen == [(0, "refused"), (1, "deferred"), (2, "ambiguous"), (3, "sent")]
    retries = [settled[3] for settled in outbox.settled.values()]
    assert retries == [None, NOW + timedelta(seconds=30), NOW + timedelta(minutes=5), None]


async def test_a_mail_tried_again_after_an_ambiguous_end_has_the_same_message_id() -> None:
    relay = Relay()
    relay.at = {".": [Relay.hang_up, "250 OK"]}
    outbox = waiting(1)
    (again,) = outbox.notices
    async with listening(relay):
        assert await a_round(outbox, relay.server) == Tally(ambiguous=1)
        outbox.notices = [again]
        assert await a_round(outbox, relay.server) == Tally(sent=1)
    content = relay.mails[0].original_content
    assert content is not None
    assert b"Message-ID: <2026-0007.1.s0@example.se>" in content


async def test_when_the_server_cannot_be_reached_all_that_was_claimed_is_deferred_and_the_round_ends() -> None:
    async with listening(Relay()) as relay:
        gone = relay.server
    outbox = waiting(5)
    assert await a_round(outbox, gone, batch=3) == Tally(deferred=3)
    assert {settled[3] for settled in outbox.settled.values()} == {NOW + timedelta(seconds=10)}
    assert (outbox.claims, len(outbox.notices)) == (1, 2)


async def test_an_erased_address_is_told_nothing() -> None:
    outbox = waiting(0)
    outbox.notices = [(told(Audience.STAFF, DETECTED, address="", delivery=1), 0)]
    async with listening(Relay()) as relay:
        assert await a_round(outbox, relay.server) == Tally(superseded=1)
    assert relay.sessions == 0
    assert outbox.settled[1] == (DeliveryState.SUPERSEDED, None, "erased", None)


async def test_a_notice_that_cannot_be_written_stops_no_other() -> None:
    outbox = waiting(2)
    for_the_public = told(Audience.PUBLIC, recorded(f.NoteAdded(text="internt")), delivery=9)
    outbox.notices.insert(0, (for_the_public, 0))
    async with listening(Relay()) as relay:
        assert await a_round(outbox, relay.server) == Tally(sent=2, deferred=1)
    assert outbox.settled[9][:3] == (DeliveryState.DEFERRED, None, "could not be written: NotAuthorised")


async def test_an_address_that_is_none_is_refused_and_not_tried_again() -> None:
    outbox = waiting(1)
    outbox.notices.append((told(Audience.STAFF, DETECTED, address="anna", delivery=9), 0))
    async with listening(Relay()) as relay:
        assert await a_round(outbox, relay.server) == Tally(sent=1, refused=1)
    assert outbox.settled[9] == (DeliveryState.REFUSED, None, "mail-address", None)


async def test_what_a_slow_server_kept_waiting_goes_back_into_the_queue() -> None:
    moments = iter([NOW, NOW, NOW, *[NOW + timedelta(minutes=5)] * 10])
    outbox = waiting(2)
    async with listening(Relay()) as relay:
        tally = await dispatch(outbox, relay.server, SETTINGS, words_for, lambda: next(moments), "w1")
    assert tally == Tally(sent=1)
    assert outbox.settled[1][0] is DeliveryState.DEFERRED
    assert outbox.settled[1][3] == NOW + timedelta(minutes=5)


async def test_nobody_waiting_means_no_call_on_the_server() -> None:
    assert await a_round(waiting(0), MailServer("127.0.0.1", 1)) == Tally()
