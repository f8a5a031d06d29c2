"""A round of the dispatcher: everything that waits is claimed, handed over and settled."""

import asyncio
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from domain import facts as f
from domain.delivery import DeliveryState, Notice, Outcome, Settlement
from domain.faults import Fault
from domain.refusals import Unavailable
from domain.vocabulary import Audience
from notifiers import dispatcher
from notifiers.dispatcher import Tally, dispatch
from notifiers.email.channel import EmailChannel
from notifiers.email.mail_server import MailServer
from tests.notifiers.outage import DETECTED, SETTINGS, recorded, told
from tests.notifiers.relay import Relay, listening
from wording.words import catalogue

NOW = DETECTED.recorded_at


@dataclass
class Waiting:
    """An outbox in memory: what waits, and how it was settled."""

    notices: list[tuple[Notice, int]]
    settled: dict[int, tuple[DeliveryState, int | None, str, datetime | None]] = field(default_factory=dict)
    workers: set[str] = field(default_factory=set)
    claims: int = 0
    transactions: list[int] = field(default_factory=list)

    def claim(self, worker: str, limit: int, now: datetime) -> list[tuple[Notice, int]]:
        self.claims += 1
        self.workers.add(worker)
        assert now.tzinfo is not None
        claimed, self.notices = self.notices[:limit], self.notices[limit:]
        return claimed

    def settle(self, worker: str, settlements: Sequence[Settlement]) -> None:
        self.workers.add(worker)
        self.transactions.append(len(settlements))
        for one in settlements:
            assert one.at.tzinfo is not None
            outcome = one.outcome
            self.settled[one.notice.delivery] = (outcome.state, outcome.code, outcome.reply, one.next_try_at)


def waiting(count: int, earlier_attempts: int = 0) -> Waiting:
    notices = [told(Audience.STAFF, DETECTED, subscriber=f"s{n}", delivery=n) for n in range(count)]
    return Waiting([(notice, earlier_attempts) for notice in notices])


async def a_round(outbox: Waiting, server: MailServer, batch: int = 50) -> Tally:
    return await dispatch(
        outbox, EmailChannel(server, SETTINGS, catalogue), lambda: NOW, "w1", batch=batch, chance=lambda: 0.0
    )


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
        tally = await dispatch(
            outbox, EmailChannel(relay.server, SETTINGS, catalogue), lambda: NOW, "w1", on_outcome, chance=lambda: 0.0
        )
    assert tally == Tally(sent=1, deferred=1, refused=1, ambiguous=1)
    assert seen == [(1, "deferred"), (2, "ambiguous"), (3, "sent"), (0, "refused")], "a refusal is judged at the end"
    retries = [settled[3] for _delivery, settled in sorted(outbox.settled.items())]
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
        tally = await dispatch(outbox, EmailChannel(relay.server, SETTINGS, catalogue), lambda: next(moments), "w1")
    assert tally == Tally(sent=1)
    assert outbox.settled[1][0] is DeliveryState.DEFERRED
    assert outbox.settled[1][3] == NOW + timedelta(minutes=5)


async def test_nobody_waiting_means_no_call_on_the_server() -> None:
    assert await a_round(waiting(0), MailServer("127.0.0.1", 1)) == Tally()


def as_many(count: int) -> Waiting:
    """So many notices for as many readers."""
    notices = [told(Audience.STAFF, DETECTED, subscriber=f"p-{n:010x}", delivery=n) for n in range(count)]
    return Waiting([(notice, 0) for notice in notices])


async def test_many_mails_go_over_several_lines_and_are_settled_a_hundred_or_more_at_a_time() -> None:
    outbox = as_many(250)
    async with listening(Relay()) as relay:
        assert await a_round(outbox, relay.server, batch=200) == Tally(sent=250)
    assert relay.sessions == 4
    assert relay.goodbyes == 4
    assert sorted(mail.rcpt_tos for mail in relay.mails) == [["anna@example.se"]] * 250
    assert len(outbox.transactions) in (2, 3)
    assert sum(outbox.transactions) == len(outbox.settled) == 250


async def test_however_many_are_refused_they_are_settled_in_short_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are judged all together at the end of the round; whoever records meanwhile waits for one transaction."""
    monkeypatch.setattr(dispatcher, "BATCH", 120)
    outbox, relay = as_many(300), Relay()
    relay.at = {"RCPT": ["550 5.1.1 unknown"] * 300}
    async with listening(relay):
        assert await a_round(outbox, relay.server) == Tally(deferred=300)
    assert outbox.transactions == [120, 120, 60]


async def test_mails_of_one_incident_to_one_reader_never_overtake_each_other() -> None:
    notices = [
        told(Audience.STAFF, recorded(f.NoteAdded(text="x"), entry=1 + n), subscriber=f"p-000000000{n % 3}", delivery=n)
        for n in range(90)
    ]
    answered = itertools.count()

    async def some_slower_than_others(_: Relay) -> str:
        await asyncio.sleep(0.003 * (next(answered) % 4))
        return "250 OK"

    relay = Relay()
    relay.offers = ("PIPELINING",)
    relay.at = {".": some_slower_than_others}
    async with listening(relay):
        server = replace(relay.server, connections=8)
        assert await a_round(Waiting([(notice, 0) for notice in notices]), server) == Tally(sent=90)
    arrived = [
        re.search(rb"Message-ID: <2026-0007\.(\d+)\.(\S+)@", mail.original_content or b"") for mail in relay.mails
    ]
    for reader in {found[2] for found in arrived if found}:
        entries = [int(found[1]) for found in arrived if found and found[2] == reader]
        assert entries == sorted(entries)
        assert len(entries) == 30


async def test_a_line_that_is_turned_away_leaves_its_mail_to_those_that_are_not() -> None:
    outbox = as_many(100)
    relay = Relay()
    relay.greets = 2
    async with listening(relay):
        assert await a_round(outbox, relay.server) == Tally(sent=100)
    assert len(relay.mails) == len(outbox.settled) == 100


async def test_a_round_that_is_broken_off_settles_what_had_ended_and_puts_back_what_was_not_begun() -> None:
    outbox = as_many(5)
    relay = Relay()
    relay.at = {".": ["250 OK", "250 OK", Relay.hang]}
    async with listening(relay):
        broken_off = asyncio.create_task(a_round(outbox, relay.server))
        while len(relay.mails) < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        broken_off.cancel()
        with pytest.raises(asyncio.CancelledError):
            await broken_off
    assert 2 not in outbox.settled, "it may have arrived: its lease runs out, and then it is sent again"
    assert [outbox.settled[n][0] for n in sorted(outbox.settled)] == ["sent", "sent", "deferred", "deferred"]
    assert {outbox.settled[n][3] for n in (3, 4)} == {NOW}


async def test_an_outbox_that_cannot_be_written_ends_the_round() -> None:
    class Full(Waiting):
        def settle(self, worker: str, settlements: Sequence[Settlement]) -> None:
            raise OSError("disk full")

    outbox = Full(as_many(300).notices)
    async with listening(Relay()) as relay:
        with pytest.raises(OSError, match="disk full"):
            await a_round(outbox, relay.server, batch=100)
    assert len(relay.mails) < 300


@dataclass
class Away(Waiting):
    """An outbox that does not answer so many times, from the first settlement on."""

    silences: int = 0
    was_claimed: bool = False

    def claim(self, worker: str, limit: int, now: datetime) -> list[tuple[Notice, int]]:
        if self.was_claimed and self.silences:
            raise Unavailable("database", problem="away")
        self.was_claimed = True
        return super().claim(worker, limit, now)

    def settle(self, worker: str, settlements: Sequence[Settlement]) -> None:
        if self.silences:
            self.silences -= 1
            raise Unavailable("database", problem="away")
        super().settle(worker, settlements)


async def test_what_the_server_has_answered_is_kept_until_the_outbox_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "TRIED_AGAIN_AFTER", 0.01)
    outbox = Away(as_many(250).notices, silences=3)
    answers: list[str] = []
    async with listening(Relay()) as relay:
        with pytest.raises(Unavailable):
            await dispatch(
                outbox,
                EmailChannel(relay.server, SETTINGS, catalogue),
                lambda: NOW,
                "w1",
                on_outbox=lambda refusal: answers.append(refusal.reason if refusal else "back"),
                batch=200,
            )
    assert len(relay.mails) == 200, "what was claimed is carried, and no more is claimed"
    assert {state for state, *_ in outbox.settled.values()} == {DeliveryState.SENT}
    assert (len(outbox.settled), sum(outbox.transactions)) == (200, 200)
    assert (set(answers[:-1]), answers[-1]) == ({"database"}, "back")


@pytest.mark.parametrize("answers_at_last", [True, False])
async def test_a_round_that_is_broken_off_tries_once_more_to_settle(
    monkeypatch: pytest.MonkeyPatch, answers_at_last: bool
) -> None:
    monkeypatch.setattr(dispatcher, "TRIED_AGAIN_AFTER", 0.05)
    outbox = Away(as_many(5).notices, silences=10_000)
    async with listening(Relay()) as relay:
        broken_off = asyncio.create_task(a_round(outbox, relay.server))
        while outbox.silences > 9_998:
            await asyncio.sleep(0.01)
        outbox.silences = 0 if answers_at_last else 10_000
        broken_off.cancel()
        with pytest.raises(asyncio.CancelledError if answers_at_last else Unavailable):
            await broken_off
    assert len(outbox.settled) == (5 if answers_at_last else 0)


async def test_what_is_too_old_is_not_sent() -> None:
    outbox = as_many(1)
    async with listening(Relay()) as relay:
        tally = await dispatch(
            outbox, EmailChannel(relay.server, SETTINGS, catalogue), lambda: NOW + timedelta(hours=7), "w1"
        )
    assert tally == Tally(expired=1)
    assert (relay.sessions, outbox.settled[0][0]) == (0, DeliveryState.EXPIRED)


async def test_what_would_be_tried_again_too_late_expires() -> None:
    outbox = as_many(1)
    relay = Relay()
    relay.at = {"RCPT": "451 4.3.0 later"}
    nearly = NOW + timedelta(hours=6) - timedelta(seconds=5)
    async with listening(relay):
        tally = await dispatch(outbox, EmailChannel(relay.server, SETTINGS, catalogue), lambda: nearly, "w1")
    assert tally == Tally(expired=1)
    assert outbox.settled[0] == (DeliveryState.EXPIRED, 451, "4.3.0 later", None)


async def test_a_server_that_takes_nothing_from_us_is_an_operators_alarm() -> None:
    outbox = as_many(1)
    relay = Relay()
    relay.at = {"MAIL": "550 5.7.1 not from you"}
    seen: list[Outcome] = []
    async with listening(relay):
        await dispatch(
            outbox, EmailChannel(relay.server, SETTINGS, catalogue), lambda: NOW, "w1", lambda _, how: seen.append(how)
        )
    assert [(how.state, how.enhanced, how.fault) for how in seen] == [("deferred", "5.7.1", Fault.POLICY)]


async def refused_alike(refused: int, sent: int, answer: str = "550 5.1.1 unknown") -> tuple[Tally, set[object]]:
    """A round in which so many readers get this answer and so many get the mail; and the refused ones' next try."""
    outbox, relay = as_many(refused + sent), Relay()
    relay.at = {"RCPT": [answer] * refused}
    async with listening(relay):
        tally = await a_round(outbox, relay.server)
    return tally, {again for state, code, _said, again in outbox.settled.values() if code == 550}


@pytest.mark.parametrize(("refused", "sent"), [(3, 0), (3, 2), (40, 39)])
async def test_what_most_readers_of_a_round_are_refused_alike_waits(refused: int, sent: int) -> None:
    tally, again = await refused_alike(refused, sent)
    assert tally == Tally(sent=sent, deferred=refused)
    assert again == {NOW + timedelta(seconds=10)}


@pytest.mark.parametrize(("refused", "sent"), [(1, 0), (2, 0), (3, 3), (3, 50)])
async def test_what_fewer_are_refused_is_their_own(refused: int, sent: int) -> None:
    tally, again = await refused_alike(refused, sent)
    assert tally == Tally(sent=sent, refused=refused)
    assert again == {None}


async def test_readers_who_are_refused_for_different_reasons_are_not_refused_alike() -> None:
    outbox, relay = as_many(4), Relay()
    relay.at = {"RCPT": ["550 5.1.1 unknown", "550 5.2.1 closed", "550 5.1.1 unknown", "550 5.7.1 no"]}
    async with listening(relay):
        assert await a_round(outbox, relay.server) == Tally(refused=4)


async def test_one_reader_of_many_mails_is_one_reader() -> None:
    relay = Relay()
    relay.at = {"RCPT": "550 5.1.1 unknown"}
    outbox = as_many(5)
    outbox.notices = [
        (replace(notice, subscriber=replace(notice.subscriber, id=f"s{notice.delivery % 2}")), tried)
        for notice, tried in outbox.notices
    ]
    async with listening(relay):
        assert await a_round(outbox, relay.server) == Tally(refused=5)
