"""How the demo tells a day: a desk whose clock follows it, a mail server that keeps what comes, and each step as it is
typed."""

import shlex
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import Any

import click

from application.desk import Desk
from cli.terminal.lines import as_typed, wrap
from cli.terminal.questions import ask, can_ask
from domain.refusals import Invalid
from domain.vocabulary import SWEDEN

CHAPTERS = 5


@dataclass
class DemoDesk(Desk):
    """A desk whose clock shows the time that the story has reached."""

    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.time

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.now


class Mailbox:
    """A mail server that keeps every mail it accepts as a file, and says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.arrived: list[str] = []
        self.newest: dict[str, Path] = {}
        """By whose it is."""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        recipient = envelope.rcpt_tos[0]
        self.newest[recipient] = kept = self._folder / f"{len(self.arrived) + 1:02d}-{recipient.split('@')[0]}.eml"
        kept.write_bytes(envelope.content)
        self.arrived.append(f"{recipient}: {mail['subject']}")
        return "250 2.0.0 Ok"


def free_port() -> int:
    """One that nobody listens at on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def refuse_without_servers() -> None:
    """Raises Invalid("no-demo") where the extra is not installed: whoever runs the log needs no mail server of ours."""
    if not all(map(find_spec, ("aiosmtpd", "starlette", "uvicorn"))):
        raise Invalid("no-demo")


@contextmanager
def mail_server(folder: Path) -> Iterator[tuple[Mailbox, str]]:
    """A real SMTP server on this machine, and its address."""
    from aiosmtpd.controller import Controller  # of the extra, which `refuse_without_servers` has looked for

    port = free_port()
    mailbox = Mailbox(folder)
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


class Story:
    """Tells the day step by step: a sentence, the command as it is typed, its answer, the mail that comes once the
    worker has done its `work`."""

    def __init__(self, desk: DemoDesk, mailbox: Mailbox, work: Callable[[Desk], object]) -> None:
        self.desk = desk
        self._mailbox = mailbox
        self._work = work
        self._told = 0
        self._morning = desk.time

    def chapter(self, number: int, title: str) -> None:
        """Begin a chapter, once whoever reads at a terminal has read the one before."""
        if number > 1 and can_ask():
            ask("\n" + self.desk.texts.gettext("Enter goes on."))
        heading = f"── {number}/{CHAPTERS} {title} "
        click.echo(f"\n{click.style(heading, fg='cyan', bold=True)}{click.style('─' * (80 - len(heading)), fg='cyan')}")

    def at(self, clock: str, sentence: str, command: str) -> None:
        hour, minute = clock.split(":")
        self.desk.time = self._morning.replace(hour=int(hour), minute=int(minute)).astimezone(UTC)
        self._says(clock, sentence)
        self.run(command)
        self.mail()

    def today(self, sentence: str) -> None:
        """It is now, by this machine's clock, which others go by as well."""
        self.desk.time = datetime.now(UTC)
        self._says(f"{self.desk.time.astimezone(SWEDEN):%H:%M}", sentence)

    def _says(self, clock: str, sentence: str) -> None:
        click.echo("\n" + wrap(f"{click.style(clock, bold=True)}  {sentence}", 80, subsequent_indent=" " * 7))

    def run(self, command: str) -> None:
        from cli.app import run

        words = ["$", "reservrutin", *(quote(word) for word in shlex.split(command))]
        click.echo(click.style(as_typed(words, "  "), fg="blue"))
        code = run([*shlex.split(command), "--lang", self.desk.settings.lang], self.desk)
        if code not in (0, 6):
            raise SystemExit(code)

    def mail(self) -> None:
        """Let the worker do what is due, and show each mail that arrived."""
        self._work(self.desk)
        for arrived in self._mailbox.arrived[self._told :]:
            click.echo(
                wrap(f"{click.style('✉', fg='yellow')} {arrived}", 80, initial_indent="  ", subsequent_indent="    ")
            )
        self._told = len(self._mailbox.arrived)

    def newest_mail(self, reader: str) -> Path:
        """The mail that came to this reader last. Raises KeyError where none has come."""
        return self._mailbox.newest[reader]
