"""One round of the worker: deadlines, plans, a checkpoint, and whoever is to be told."""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from weakref import WeakSet

from application.channels import channels
from application.desk import Desk
from application.door.carrying_out import CarryingOut
from application.evidence import signing_key
from application.publishing.folder import PublicFolder
from application.worker.deadlines import Deadlines
from application.worker.wall_clock import since_boot
from application.worker.watchers import Watcher, why
from domain.delivery import DeliveryState, Notice, Outcome
from domain.faults import Fault, telling
from domain.refusals import Invalid, Refusal, Unavailable
from domain.routine_document import builtin
from domain.suspension import SuspensionPolicy
from infrastructure.database.faults import CERTIFICATE, LOGIN, NO_DATABASE, NOT_OPENED, READ_ONLY, codes_of
from infrastructure.integrity.checkpoints import make, newest, problem_of
from infrastructure.log.sealing import Sealing
from infrastructure.log.tree import log_id
from infrastructure.outbox.backfill import backfill
from infrastructure.outbox.bounces import HELD_FOR
from infrastructure.outbox.claiming import UNREADABLE_WAIT
from infrastructure.outbox.far_ahead import bring_near
from infrastructure.outbox.outbox import LEASE, RENEWED_EVERY, Outbox, renew_leases
from infrastructure.outbox.pace import Pace
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.catch_up import Broken, catch_up
from notifiers.dispatcher import Tally, dispatch
from notifiers.email.door_probe import DoorProbe
from notifiers.email.message import message_id
from notifiers.retry import TRIED_AGAIN, RetryPolicy, expires_at
from wording.sentences import sentence, told
from wording.words import catalogue

NO_MAIL_SERVER = "no-mail-server"

AWAY = ("database", "unsettled")
"""The reasons for which the log does not answer: not reached, or its answer lost on the way."""


WAITED_FOR = {
    "newer-schema",
    "older-schema",
    *(fault.reason for fault in (CERTIFICATE, LOGIN, NO_DATABASE, NOT_OPENED, READ_ONLY)),
}
"""What a worker that has begun waits for to be mended, though it would not have begun with it."""


def is_waited_for(refusal: Refusal) -> bool:
    """Whether the worker looks again after this refusal, and does not end."""
    return isinstance(refusal, Unavailable) or refusal.reason in WAITED_FOR


class Round:
    """One look at everything that is due: deadlines, plans, mail. The watchers are told what happens."""

    def __init__(
        self,
        desk: Desk,
        watchers: Sequence[Watcher] = (),
        *,
        at_once: bool,
        count: Callable[[], float] = since_boot,
    ) -> None:
        """With `at_once` nothing is held back or throttled: what is due now is all that this round will ever see.
        `count` is the clock that only counts, in seconds."""
        settings = desk.settings
        self.watchers = watchers
        self._desk = desk
        self.name = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self._policy = settings.mail_retry or RetryPolicy()
        self._mail = desk.mail_settings()
        message_id_of = partial(message_id, domain=self._mail.domain)
        door = DoorProbe(settings.web_url, self._door_changed)
        self._channels = channels(settings, catalogue, door.answering)
        self._outboxes = {
            name: Outbox(
                desk.database,
                desk.histories,
                message_id_of,
                pace=Pace() if at_once else Pace(settings.mail_hold, *settings.mail_throttle),
                suspension=SuspensionPolicy(settings.mail_suspend_at),
                on_suspended=self._suspended,
                expires_at=partial(expires_at, self._policy),
                channel=name,
                for_everybody=name == settings.only_channel,
                clock=desk.now,
            )
            for name in self._channels
        }
        self._planner = Planner(desk.database, desk.now)
        self._sealing = Sealing(desk.database, desk.log)
        self._deadlines = Deadlines(desk, self, count)
        self._door = CarryingOut(desk)
        self._at_once = at_once
        self._carrying_out: asyncio.Task[None] | None = None
        self._public = PublicFolder(desk, settings.publish_dir) if settings.publish_dir else None
        waits = (
            self._policy.longest_wait,
            HELD_FOR,
            UNREADABLE_WAIT,
            LEASE,
            settings.mail_hold,
            settings.mail_throttle[1],
        )
        self._longest_wait = max(waits)
        self._checked_at: datetime | None = None
        self._checkpoint = self._away = ""
        self._standing: dict[str, str] = {}
        """What stands in the way of what, as it was told."""
        self._heard: WeakSet[Refusal] = WeakSet()
        self._missing_signs: set[str] = set()
        self._said_of_us: set[tuple[str, int | None, str]] = set()

    async def run(self) -> Tally:
        """Everything that is due now. A read model that is stuck is told and stops nothing else.

        Of those who have just subscribed so many are told at a time, and of the incidents whose deadlines have not been
        looked at so many looked through: what has become urgent meanwhile is planned and sent before the next of them.
        """
        began, tally, more = time.monotonic(), Tally(), True
        self._deadlines.begin()
        asked = self._at_once
        while more:
            told, more = await self._pass()
            tally += told
            more = await asyncio.to_thread(self._seal) or more or asked
            if asked:  # whoever confirms in this round is told in it how it stands
                await self._carry_out()
                asked = False
        self.log_answers()
        for watcher in self.watchers:
            watcher.round_ended(tally, time.monotonic() - began)
        self.beat()
        return tally

    async def _pass(self) -> tuple[Tally, bool]:
        """Plan what is new and tell it until nothing is due; and whether more incidents or subscribers wait."""
        all_broken, more = await asyncio.to_thread(self._catch_up)
        for broken in all_broken:
            self.trouble(
                "projection", told("projection", self._desk.words, **broken._asdict()), projection=broken.projection
            )
        await asyncio.to_thread(self._sign)
        if not self._at_once and (self._carrying_out is None or self._carrying_out.done()):
            self._carrying_out = asyncio.create_task(self._carry_out())
        if self._away:
            self._spare_leases()
        async with self._leases_renewed():
            if self._public is None:
                return await self._tell(), more
            publishing = asyncio.create_task(asyncio.to_thread(self._publish, self._public))
            try:
                return await self._tell(), more
            finally:
                await publishing

    async def _tell(self) -> Tally:
        """By each channel at once, for as long as it has anything to tell; one that can't be reached stops no other."""
        log = await asyncio.to_thread(lambda: log_id(self._desk.database.connection()))
        mail = replace(self._mail, checkpoint=self._checkpoint, checked_at=self._checked_at, log=log)
        rounds = [
            dispatch(
                outbox,
                self._channels[name](mail),
                self._desk.now,
                self.name,
                self._settled,
                on_outbox=self.log_answers,
                policy=self._policy,
            )
            for name, outbox in self._outboxes.items()
        ]
        ended = await asyncio.gather(*rounds, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        return sum((tally for tally in ended if isinstance(tally, Tally)), Tally())

    def made_log(self, path: str) -> None:
        words = told("log-made", self._desk.words, path=path)
        for watcher in self.watchers:
            watcher.made_log(path, words)

    def hears(self, on_fact: Callable[[], None]) -> Callable[[], None]:
        """Have `on_fact` called as soon as there are new facts, where the log can tell; returns what stops it."""
        return self._desk.database.listen(on_fact)

    def trouble(self, event: str, words: str, **what: str | int | None) -> None:
        for watcher in self.watchers:
            watcher.trouble(event, words, **what)

    def hung_up(self) -> None:
        self.trouble("not-reloaded", told("not-reloaded", self._desk.words))

    def recovered(self, event: str, words: str) -> None:
        for watcher in self.watchers:
            watcher.recovered(event, words)

    def beat(self) -> None:
        """A sign of life by each watcher. One that can't be given, on a full disk or in a folder that is gone, is told
        once, and ends nothing: whoever looks for it misses it."""
        missing = {}
        for watcher in self.watchers:
            try:
                watcher.beat()
            except Invalid as refusal:
                missing[refusal.reason] = refusal
        for reason in missing.keys() - self._missing_signs:
            self.trouble(reason, sentence(missing[reason], self._desk.words), **why(missing[reason]))
        self._missing_signs = set(missing)

    def log_answers(self, refusal: Refusal | None = None) -> None:
        """Whether the log answers: told when it does not any more, and when it does again, each once. A refusal that
        a round has heard of and ends with is no news: the log may have answered since."""
        words = self._desk.texts.of(builtin())
        if refusal and refusal in self._heard:
            return
        if refusal:
            self._heard.add(refusal)
        if refusal and not self._away:
            is_away = refusal.reason in AWAY
            self._away = AWAY[0] if is_away else refusal.reason
            said = told("away", words, **refusal.data) if is_away else sentence(refusal, words)
            self.trouble(self._away, said, **codes_of(refusal))
        elif self._away and not refusal:
            self._spare_leases()
            self.recovered(self._away, told("back", words))
            self._away = ""

    def _spare_leases(self) -> None:
        """While the log was away leases may have run out that nobody could renew. Every worker who lives settles or
        renews them within two renewals' time, and until then none is taken over."""
        for outbox in self._outboxes.values():
            outbox.spare_leases(self._desk.now() + 2 * RENEWED_EVERY)

    @asynccontextmanager
    async def _leases_renewed(self) -> AsyncIterator[None]:
        """For as long as this lasts the worker keeps what it has in hand, however slow the mail server is."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEWED_EVERY.total_seconds())
                with suppress(Unavailable):  # the next renewal comes in good time
                    await asyncio.to_thread(renew_leases, self._desk.database, self.name, self._desk.now())

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()

    def _catch_up(self) -> tuple[list[Broken], bool]:
        """What could not be brought up, and whether there are more incidents or new subscribers than were looked at."""
        self._desk.database.refuse_newer_schema()
        board = self._desk.board
        open_now = board.open_incidents()
        more_deadlines = self._deadlines.look_through(open_now)
        self._bring_near()
        found = [board.broken, catch_up(self._desk.database, self._planner)]
        # A summary is of what is open, and the board says what is.
        more_readers = not board.broken and backfill(self._desk.database, self._desk.now)
        return [broken for broken in found if broken], more_deadlines or more_readers

    def _bring_near(self) -> None:
        """A clock that was ahead has left mail waiting for what it took for soon: that is due now, and is told."""
        if count := bring_near(self._desk.database, self._desk.now(), self._longest_wait):
            self.trouble("far-ahead", told("far-ahead", self._desk.words, count=count), count=count)

    def _sign(self) -> None:
        """A checkpoint of what is new, which this round's mail then carries."""
        now, kept, self._checked_at = self._desk.now(), None, None
        with self._stopping_no_mail("checkpoint"):
            key = signing_key(self._desk.settings)
            kept = make(self._desk.database, key) if key else None
            self._checked_at = now if key else None  # a newest that another machine signs may be older than the log
        kept = kept or newest(self._desk.database)
        self._checkpoint = kept.note if kept and problem_of(kept, []) is None else ""

    def _seal(self) -> bool:
        """Whether the ledger was sealed: a fact that this round plans and signs for before it ends."""
        sealed = None
        with self._stopping_no_mail("seal"):
            sealed = self._sealing.seal()
        return sealed is not None

    async def _carry_out(self) -> None:
        """What readers have asked for, beside the round: a letter to one of them keeps no notice waiting."""
        with suppress(Unavailable), self._stopping_no_mail("wishes"):  # of a log that is away the round tells
            await self._door.run()

    def _publish(self, public: PublicFolder) -> None:
        """The public's pages."""
        with self._stopping_no_mail("publish"):
            public.bring_up()

    @contextmanager
    def _stopping_no_mail(self, event: str) -> Iterator[None]:
        """What is refused here is told when it begins, not in every round, and the mail goes out without it."""
        said = ""
        try:
            yield
        except Unavailable:
            raise
        except Exception as error:  # whatever it is, the mail must not wait for it
            words = self._desk.words
            failed = f"{event}-failed"
            said = sentence(error, words) if isinstance(error, Refusal) else told(failed, words, **why(error))
            if said != self._standing.get(event):
                self.trouble(event, said, **why(error))
        self._standing[event] = said

    def _suspended(self, subscriber: str) -> None:
        self.trouble("suspended", told("suspended", self._desk.words, subscriber=subscriber), subscriber=subscriber)

    def _door_changed(self, problem: str) -> None:
        """The subscriber's door has begun or ceased to answer; mail goes out all the same."""
        words, door = self._desk.words, self._desk.settings.web_url
        if problem:
            without = told("web-left-out", words, problem=told(problem, words, door=door))
            self.trouble("web", without, reason=problem)
        else:
            self.recovered("web", told("web-back", words, door=door))

    def _settled(self, notice: Notice, outcome: Outcome) -> None:
        if outcome.state is DeliveryState.SENT:
            self._said_of_us.clear()
        elif outcome.fault is Fault.POLICY:
            self._tell_of_us(outcome)
        for watcher in self.watchers:
            watcher.settled(notice, outcome)

    def _tell_of_us(self, outcome: Outcome) -> None:
        """What the mail server holds against us, not against a reader: each such answer once, until it takes mail."""
        event = "mail-held" if outcome.state in TRIED_AGAIN else "mail-policy"
        what = event, outcome.code, telling(outcome.enhanced, outcome.reply)
        if what not in self._said_of_us:
            self._said_of_us.add(what)
            words = self._desk.words
            self.trouble(event, told(event, words, reply=words.gettext(outcome.reply)), code=what[1], enhanced=what[2])
