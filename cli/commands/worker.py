"""`reservrutin worker`: follows the log, plans the mail, hands it to the mail server, stops when asked."""

import asyncio
import logging
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from application.channels import channels
from application.desk import Desk
from application.evidence import signing_key
from application.settings import Settings
from application.worker.health import BEAT, Health, Systemd
from application.worker.watchers import JsonLog, People, Watcher
from cli.terminal.command import Command, answer, wants_json
from cli.terminal.parameters import Choice, Option
from domain.audience import ChannelName
from domain.delivery import Fault, Notice, Outcome
from domain.refusals import Refusal, Unavailable
from domain.routine_document import builtin
from domain.suspension import SuspensionPolicy
from domain.texts import N_
from infrastructure.integrity.checkpoints import make, newest, problem_of
from infrastructure.log.deadlines import DeadlineScan, scan_deadlines
from infrastructure.outbox.figures import waiting
from infrastructure.outbox.outbox import RENEWED_EVERY, Outbox, renew_leases
from infrastructure.outbox.pace import Pace
from infrastructure.outbox.planning import Planner, backfill
from infrastructure.read_models.catch_up import Broken, catch_up
from notifiers.dispatcher import Tally, dispatch
from notifiers.email.message import message_id
from notifiers.retry import RetryPolicy, expires_at
from wording.sentences import is_its_own, sentence, told, unjudged
from wording.words import Texts, catalogue

POLL = 1.0
"""Seconds between looks at a quiet log; a log that tells of new facts itself is looked at as they come."""

GRACE = 10.0
"""Seconds that a round gets to end when the worker is asked to stop."""

NO_MAIL_SERVER = "no-mail-server"


class Round:
    """One look at everything that is due: deadlines, plans, mail. The watchers are told what happens."""

    def __init__(self, desk: Desk, watchers: Sequence[Watcher] = (), *, at_once: bool) -> None:
        """With `at_once` nothing is held back or throttled: what is due now is all that this round will ever see."""
        settings = desk.settings
        self.watchers = watchers
        self._desk = desk
        self.name = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self._policy = settings.mail_retry or RetryPolicy()
        self._mail = desk.mail_settings()
        message_id_of = partial(message_id, domain=self._mail.domain)
        self._channels = channels(settings, catalogue)
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
            )
            for name in self._channels
        }
        self._planner = Planner(desk.database, desk.now)
        self._deadlines = DeadlineScan(desk.database)
        self._checkpoint = self._unsigned = ""

    async def run(self) -> Tally:
        """Everything that is due now. A read model that is stuck is told and stops nothing else."""
        began = time.monotonic()
        for broken in await asyncio.to_thread(self._catch_up):
            self.trouble(
                "projection", told("projection", self._desk.words, **asdict(broken)), projection=broken.projection
            )
        await asyncio.to_thread(self._sign)
        async with self._leases_renewed():
            tally = await self._tell()
        for watcher in self.watchers:
            watcher.round_ended(tally, time.monotonic() - began)
        return tally

    async def _tell(self) -> Tally:
        """By each channel at once, for as long as it has anything to tell; one that can't be reached stops no other."""
        mail = replace(self._mail, checkpoint=self._checkpoint)
        rounds = [
            dispatch(outbox, self._channels[name](mail), self._desk.now, self.name, self._settled, policy=self._policy)
            for name, outbox in self._outboxes.items()
        ]
        ended = await asyncio.gather(*rounds, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        return sum((tally for tally in ended if isinstance(tally, Tally)), Tally())

    def hears(self, on_fact: Callable[[], None]) -> Callable[[], None]:
        """Have `on_fact` called as soon as there are new facts, where the log can tell; returns what stops it."""
        return self._desk.database.listen(on_fact)

    def trouble(self, event: str, words: str, **what: str) -> None:
        for watcher in self.watchers:
            watcher.trouble(event, words, **what)

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

    def _catch_up(self) -> list[Broken]:
        self._desk.database.refuse_newer_schema()
        board = self._desk.board
        open_now = board.open_incidents()
        wanted, position = self._deadlines.wanted(open_now, self._desk.now())
        answered = [self._scan(incident) for incident in wanted]
        if all(answered):
            self._deadlines.scanned_up_to(position)
        found = [board.broken, catch_up(self._desk.database, self._planner)]
        if not board.broken:  # a summary is of what is open, and the board says what is
            backfill(self._desk.database, self._desk.now)
        return [broken for broken in found if broken]

    def _scan(self, incident: str) -> bool:
        """An incident whose deadlines can't be read is told, and stops neither the others' nor the mail.

        False where the log did not answer, and the incident is to be looked at again though nothing comes to it.
        """
        try:
            self._deadlines.scanned(incident, scan_deadlines(self._desk.log, incident, self._desk.now()))
        except Exception as error:  # whatever is wrong with this one
            self.trouble("deadlines", unjudged(incident, error, self._desk.words), incident=incident)
            self._deadlines.forget(incident)
            return is_its_own(error)
        return True

    def _sign(self) -> None:
        """A checkpoint of what is new, which this round's mail then carries. None stops no mail: it is told."""
        try:
            key = signing_key(self._desk.settings)
            kept = make(self._desk.database, key) if key else newest(self._desk.database)
            self._unsigned = ""
        except Unavailable:
            raise
        except Refusal as refusal:
            kept, why = newest(self._desk.database), sentence(refusal, self._desk.words)
            if why != self._unsigned:  # once, not in every round
                self.trouble("checkpoint", why)
            self._unsigned = why
        self._checkpoint = kept.note if kept and problem_of(kept, []) is None else ""

    def _suspended(self, subscriber: str) -> None:
        self.trouble("suspended", told("suspended", self._desk.words, subscriber=subscriber), subscriber=subscriber)

    def _settled(self, notice: Notice, outcome: Outcome) -> None:
        if outcome.fault is Fault.POLICY:
            words = self._desk.words
            self.trouble("mail-policy", told("mail-policy", words, reply=words.gettext(outcome.reply)))
        for watcher in self.watchers:
            watcher.settled(notice, outcome)


def send_now(desk: Desk) -> Tally:
    """One round, said nothing of: what `worker --once` does."""
    return asyncio.run(Round(desk, [People(desk, quiet=True)], at_once=True).run())


async def _follow(work: Round, texts: Texts) -> None:
    """Round after round until SIGTERM or SIGINT; a round that has begun gets a moment to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    news = asyncio.Event()

    def heard() -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(news.set)

    deaf = work.hears(heard)
    stopping = asyncio.create_task(stop.wait())
    beating = asyncio.create_task(_beat(work))
    for watcher in work.watchers:
        watcher.started(work.name)
    while not stop.is_set():
        news.clear()
        round_ = asyncio.create_task(_round(work, texts))
        await asyncio.wait({round_, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not round_.done():
            await asyncio.wait({round_}, timeout=GRACE)
            round_.cancel()
        [ended] = await asyncio.gather(round_, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended
        if beating.done():
            beating.result()  # a sign of life that can't be given ends the worker
        hearing = asyncio.create_task(news.wait())
        await asyncio.wait({stopping, hearing}, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        hearing.cancel()
    await asyncio.to_thread(deaf)
    beating.cancel()
    for watcher in work.watchers:
        watcher.stopped()


async def _beat(work: Round) -> None:
    """Signs of life for as long as the loop turns, also while a round takes its time."""
    while True:
        for watcher in work.watchers:
            watcher.beat()
        await asyncio.sleep(BEAT)


async def _round(work: Round, texts: Texts) -> None:
    """A log that does not answer is told, and looked at again."""
    try:
        await work.run()
    except Unavailable as refusal:
        work.trouble(refusal.reason, sentence(refusal, texts.of(builtin())))
        for watcher in work.watchers:
            watcher.round_failed()


def _watchers(desk: Desk, log: str, metrics: str | None, health: str | None) -> list[Watcher]:
    """Whoever watches this worker. Libraries' own complaints go where the log goes."""
    watchers: list[Watcher] = []
    if log == "json":
        watchers.append(machine := JsonLog())
        logging.basicConfig(handlers=[machine], level=logging.WARNING)
    else:
        watchers.append(People(desk, quiet=wants_json()))
        logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.ERROR)
    if metrics:
        from application.worker.metrics import Metrics  # its library is for those alone who ask for it

        watchers.append(figures := Metrics(desk.database, desk.now))
        figures.serve(metrics)
    if health:
        watchers.append(Health(Path(health), desk.now, None if _is_set_up(desk.settings) else NO_MAIL_SERVER))
    return [*watchers, Systemd()]


def _worker(desk: Desk, once: bool, log: str, metrics: str | None, health: str | None) -> None:
    _ = desk.texts.gettext
    silent = wants_json() or log == "json"
    work = Round(desk, _watchers(desk, log, metrics, health), at_once=once)
    if not _is_set_up(desk.settings):
        work.trouble(NO_MAIL_SERVER, told(NO_MAIL_SERVER, desk.words))
    if once:
        tally = asyncio.run(work.run())
        left = waiting(desk.database).deliveries
        answer(_document(tally, left), _told(tally, left, desk.texts))
        return
    if not silent:
        click.echo(_("Following the log. Stop with Ctrl-C."))
    asyncio.run(_follow(work, desk.texts))
    if log == "json" and not wants_json():
        return  # the log has said it
    answer({"stopped": True}, _("Stopped. What was not sent waits for the next worker."))


def _is_set_up(settings: Settings) -> bool:
    """Whether those who are told by e-mail can be told; in an exercise they are told otherwise."""
    return bool(settings.mail_server) or settings.only_channel is ChannelName.FOLDER


def _document(tally: Tally, left: int) -> dict[str, Any]:
    return {
        "sent": tally.sent,
        "deferred": tally.deferred,
        "refused": tally.refused,
        "ambiguous": tally.ambiguous,
        "waiting": left,
    }


def _told(tally: Tally, left: int, texts: Texts) -> str:
    _, ngettext = texts.gettext, texts.ngettext
    sent = ngettext("{count} mail sent", "{count} mails sent", tally.sent).format(count=tally.sent)
    if tally.refused:
        sent += ", " + _("{count} refused").format(count=tally.refused)
    if left:
        sent += ", " + ngettext("{count} waits", "{count} wait", left).format(count=left)
    return f"{sent}."


worker = Command(
    "worker",
    _worker,
    help=N_(
        "Follow the log, plan and send the mail. With --once everything that is due now is done, nothing held back for "
        "company, and the command ends; what could not be delivered waits."
    ),
    examples="reservrutin worker\nreservrutin worker --once",
    params=[
        Option(["--once"], is_flag=True, help=N_("do what is due now, then stop")),
        Option(
            ["--log"],
            type=Choice(["text", "json"]),
            default="text",
            help=N_("text for people, or one JSON object a line on standard error, without addresses"),
        ),
        Option(
            ["--metrics"],
            metavar="[HOST:]PORT",
            help=N_("answer Prometheus there; on this machine alone unless a host is given"),
        ),
        Option(["--health"], type=click.Path(), metavar=N_("FILE"), help=N_("rewrite this file as a sign of life")),
    ],
)
