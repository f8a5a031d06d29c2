"""`reservrutin worker`: follows the log, plans the mail, hands it to the mail server, stops when asked."""

import asyncio
import logging
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from cli import times
from cli.command import Command, answer, desk, wants_json
from cli.desk import Desk
from cli.language import _, catalogue, ngettext
from cli.sentences import fact_label, sentence, told
from domain.delivery import DeliveryState, Fault, Notice, Outcome
from domain.refusals import Refusal, Unavailable
from domain.routine import builtin
from infrastructure.catch_up import Broken, catch_up
from infrastructure.clock import strike
from infrastructure.outbox import RENEWED_EVERY, Outbox
from infrastructure.pace import Pace, pace_of, suspension_of
from infrastructure.planning import Planner, welcome
from infrastructure.waiting import waiting
from notifiers.dispatcher import Tally, dispatch
from notifiers.email import parse_url
from notifiers.message import MailSettings, message_id

POLL = 1.0
"""Seconds between looks at a quiet log."""

GRACE = 10.0
"""Seconds that a round gets to end when the worker is asked to stop."""

COLOURS = {DeliveryState.SENT: "green", DeliveryState.REFUSED: "red"}


class Round:
    """One look at everything that is due: deadlines, plans, mail."""

    def __init__(self, at_desk: Desk, *, quiet: bool, at_once: bool) -> None:
        """With `at_once` nothing is held back or throttled: what is due now is all that this round will ever see."""
        settings = at_desk.settings
        self._quiet = quiet
        self._desk = at_desk
        self._name = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        password_file = Path(settings.smtp_password_file) if settings.smtp_password_file else None
        self._server = parse_url(settings.smtp_url, password_file) if settings.smtp_url else None
        self._mail = MailSettings(
            sender=settings.mail_from, driftinfo_url=settings.driftinfo_url, base_url=settings.base_url
        )
        message_id_of = partial(message_id, domain=self._mail.domain)
        self._outbox = Outbox(
            at_desk.database,
            at_desk.log,
            message_id_of,
            pace=Pace() if at_once else pace_of(settings.mail_hold, settings.mail_throttle),
            suspension=suspension_of(settings.mail_suspend_at),
            on_suspended=_tell_suspended,
        )
        self._planner = Planner(at_desk.now)

    async def run(self) -> Tally:
        """Everything that is due now. A read model that is stuck is told and stops nothing else."""
        for broken in await asyncio.to_thread(self._catch_up):
            click.echo(told("projection", **asdict(broken)), err=True)
        if self._server is None:
            return Tally()
        async with self._leases_renewed():
            return await dispatch(
                self._outbox, self._server, self._mail, catalogue, self._desk.now, self._name, self._tell_operator
            )

    @asynccontextmanager
    async def _leases_renewed(self) -> AsyncIterator[None]:
        """For as long as this lasts the worker keeps what it has in hand, however slow the mail server is."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEWED_EVERY.total_seconds())
                with suppress(Unavailable):  # the next renewal comes in good time
                    await asyncio.to_thread(self._outbox.renew, self._name, self._desk.now())

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()

    def _catch_up(self) -> list[Broken]:
        board = self._desk.board
        open_now = board.open_incidents()
        for incident in open_now:
            self._strike(incident)
        found = [board.broken, catch_up(self._desk.database, self._planner)]
        if not board.broken:  # a summary is of what is open, and the board says what is
            welcome(self._desk.database, self._desk.now)
        return [broken for broken in found if broken]

    def _strike(self, incident: str) -> None:
        """An incident whose deadlines can't be read is told, and stops neither the others' nor the mail."""
        try:
            strike(self._desk.log, incident, builtin(), self._desk.now())
        except Refusal as refusal:
            click.echo(f"{incident}: {sentence(refusal)}", err=True)

    def _tell_operator(self, notice: Notice, outcome: Outcome) -> None:
        if outcome.fault is Fault.POLICY:
            click.echo(told("mail-policy", reply=outcome.reply), err=True)
        if self._quiet:
            return
        state = click.style(_(outcome.state.label), fg=COLOURS.get(outcome.state, "yellow"))
        said = f"{times.clock(self._desk.now())}  {notice.recorded.incident} {fact_label(notice.recorded.fact.wire)}"
        reply = "" if outcome.state is DeliveryState.SENT else f": {outcome.reply}"
        click.echo(f"{said} → {notice.subscriber.id} {state}{reply}")


def _tell_suspended(subscriber: str) -> None:
    click.echo(told("suspended", subscriber=subscriber), err=True)


def send_now(at_desk: Desk) -> Tally:
    """One round, said nothing of: what `worker --once` does."""
    return asyncio.run(Round(at_desk, quiet=True, at_once=True).run())


async def _follow(work: Round) -> None:
    """Round after round until SIGTERM or SIGINT; a round that has begun gets a moment to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        round_ = asyncio.create_task(_round(work))
        await asyncio.wait({round_, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not round_.done():
            await asyncio.wait({round_}, timeout=GRACE)
            round_.cancel()
        [ended] = await asyncio.gather(round_, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended
        await asyncio.wait({stopping}, timeout=POLL)


async def _round(work: Round) -> None:
    """A log that does not answer is told, and looked at again."""
    try:
        await work.run()
    except Unavailable as refusal:
        click.echo(sentence(refusal), err=True)


def _worker(once: bool) -> None:
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.ERROR)
    at_desk = desk()
    work = Round(at_desk, quiet=wants_json(), at_once=once)
    if not at_desk.settings.smtp_url:
        click.echo(told("no-mail-server"), err=True)
    if once:
        tally = asyncio.run(work.run())
        left = waiting(at_desk.database).deliveries
        answer(_document(tally, left), _told(tally, left))
        return
    if not wants_json():
        click.echo(_("Following the log. Stop with Ctrl-C."))
    asyncio.run(_follow(work))
    answer({"stopped": True}, _("Stopped. What was not sent waits for the next worker."))


def _document(tally: Tally, left: int) -> dict[str, Any]:
    return {
        "sent": tally.sent,
        "deferred": tally.deferred,
        "refused": tally.refused,
        "ambiguous": tally.ambiguous,
        "waiting": left,
    }


def _told(tally: Tally, left: int) -> str:
    sent = ngettext("{count} mail sent", "{count} mails sent", tally.sent).format(count=tally.sent)
    if tally.refused:
        sent += ", " + _("{count} refused").format(count=tally.refused)
    if left:
        sent += ", " + ngettext("{count} waits", "{count} wait", left).format(count=left)
    return f"{sent}."


worker = Command(
    "worker",
    _worker,
    help=_(
        "Follow the log, plan and send the mail. With --once everything that is due now is done, nothing held back for "
        "company, and the command ends; what could not be delivered waits."
    ),
    examples="reservrutin worker\nreservrutin worker --once",
    params=[click.Option(["--once"], is_flag=True, help=_("do what is due now, then stop"))],
)
