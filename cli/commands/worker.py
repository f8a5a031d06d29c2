"""`reservrutin worker`: follows the log, plans the mail, hands it to the mail server, stops when asked."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from application.desk import Desk
from application.settings import Settings
from application.worker.health import Health, Systemd
from application.worker.loop import follow
from application.worker.round import NO_MAIL_SERVER, Round
from application.worker.watchers import JsonLog, Watcher
from cli.terminal.command import Command, answer, wants_json
from cli.terminal.exit_codes import exit_code
from cli.terminal.options import Written
from cli.terminal.parameters import Choice, Option
from cli.terminal.streams import Unshown
from domain.audience import ChannelName
from domain.delivery import DeliveryState, Notice, Outcome
from domain.refusals import Refusal
from domain.texts import N_
from infrastructure.outbox.figures import waiting
from notifiers.dispatcher import Tally
from wording import times
from wording.sentences import told
from wording.words import Texts

COLOURS = {DeliveryState.SENT: "green", DeliveryState.REFUSED: "red"}


class People(Watcher):
    """A line for the person at the terminal; `quiet` tells only of trouble."""

    def __init__(self, at_desk: Desk, *, quiet: bool) -> None:
        self._desk = at_desk
        self._quiet = quiet

    def settled(self, notice: Notice, outcome: Outcome) -> None:
        if self._quiet:
            return
        words = self._desk.texts.of(notice.incident.routine)
        _ = words.gettext
        state = click.style(words.name(outcome.state), fg=COLOURS.get(outcome.state, "yellow"))
        said = f"{times.clock(self._desk.now())}  {notice.recorded.incident} {words.fact(notice.recorded.fact.wire)}"
        if outcome.state is DeliveryState.SENT and outcome.code is None:  # no mail server has accepted it
            state, reply = click.style(_(outcome.reply), fg="green"), ""
        else:
            reply = "" if outcome.state is DeliveryState.SENT else f": {_(outcome.reply)}"
        with suppress(Unshown):  # the mail goes on
            click.echo(f"{said} → {notice.subscriber.id} {state}{reply}")

    def made_log(self, path: str, sentence: str) -> None:
        click.echo(sentence, err=True)

    def trouble(self, event: str, sentence: str, **what: Any) -> None:
        click.echo(sentence, err=True)

    def recovered(self, event: str, sentence: str) -> None:
        click.echo(sentence, err=True)


def send_now(desk: Desk) -> Tally:
    """One round, said nothing of: what `worker --once` does."""
    return asyncio.run(Round(desk, [People(desk, quiet=True)], at_once=True).run())


def _watchers(desk: Desk, first: Watcher, metrics: str | None, health: str | None) -> list[Watcher]:
    """Whoever watches this worker."""
    watchers = [first]
    if metrics:
        from application.worker.metrics import Metrics  # its library is for those alone who ask for it

        watchers.append(figures := Metrics(desk.database, desk.now))
        figures.serve(metrics)
    if health:
        sign = Health(Path(health), desk.now, None if _is_set_up(desk.settings) else NO_MAIL_SERVER)
        sign.beat()  # a place where nothing can be written is refused before anything begins
        watchers.append(sign)
    return [*watchers, Systemd()]


def _worker(desk: Desk, once: bool, log: str, metrics: str | None, health: str | None) -> None:
    """Libraries' own complaints go where the log goes, and so does what ends the worker."""
    if log == "text":
        logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.ERROR)
        _work(desk, once, log, People(desk, quiet=wants_json()), metrics, health)
        return
    machine = JsonLog()
    machine.takes_over()
    try:
        _work(desk, once, log, machine, metrics, health)
    except Exception as error:
        machine.failed(error)
        if wants_json():
            raise  # the answer on stdout says it too
        raise click.exceptions.Exit(exit_code(error) if isinstance(error, Refusal) else 1) from error


def _work(desk: Desk, once: bool, log: str, first: Watcher, metrics: str | None, health: str | None) -> None:
    _ = desk.texts.gettext
    silent = wants_json() or log == "json"
    made = desk.make_log()
    work = Round(desk, _watchers(desk, first, metrics, health), at_once=once)
    if made:
        work.made_log(made)
    if not _is_set_up(desk.settings):
        work.trouble(NO_MAIL_SERVER, told(NO_MAIL_SERVER, desk.words))
    if once:
        tally = asyncio.run(work.run())
        left = waiting(desk.database).deliveries
        answer(_document(tally, left), _told(tally, left, desk.texts), done=True)
        return

    def says_so() -> None:
        with suppress(Unshown):
            click.echo(_("Following the log. Stop with Ctrl-C."))

    asyncio.run(follow(work, (lambda: None) if silent else says_so))
    if log == "json" and not wants_json():
        return  # the log has said it
    answer({"stopped": True}, _("Stopped. What was not sent waits for the next worker."), done=True)


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
        Option(["--health"], type=Written(), metavar=N_("FILE"), help=N_("rewrite this file as a sign of life")),
    ],
)
