"""How others send the same mails: `python bench/peers.py NAME PORT COUNT` prints the seconds it took.

Runs in an environment of its own that has the peers, and nothing of ours, so it imports none of our code. Each peer
is timed from its first mail to its last, without its start-up.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage

HOST = "127.0.0.1"
SESSIONS = 8
TEXT = "Sesam S2, websesam och Visma websesam går inte att nå.\n" * 22
HTML = "<p>Sesam S2, websesam och Visma websesam går inte att nå.</p>\n" * 20
MARK = "@@@@@@@@@@"
"""Stands for what is the recipient's own, and is as long."""


def recipient(number: int) -> str:
    return f"p{number:09}@example.se"


def mail(to: str, mark: str) -> EmailMessage:
    """A personalised multipart mail of about 4 KB."""
    built = EmailMessage()
    built["From"], built["To"], built["Subject"] = "reservrutin@example.se", to, "[Driftstörning 2026-0001] Avbrott"
    built["Message-ID"] = f"<2026-0001.1.{mark}@example.se>"
    built["List-Unsubscribe"] = f"<mailto:reservrutin@example.se?subject=unsubscribe%20{mark}>"
    built.set_content(f"{TEXT}\n{mark}\n")
    built.add_alternative(f"{HTML}<p>{mark}</p>\n", subtype="html")
    return built


def aiosmtplib_send(port: int, count: int) -> float:
    """A connection a mail, as its documentation begins."""
    import aiosmtplib

    async def every() -> None:
        for number in range(count):
            built = mail(recipient(number), f"{number:010}")
            await aiosmtplib.send(built, hostname=HOST, port=port, start_tls=False)

    return timed(lambda: asyncio.run(every()))


def aiosmtplib_built(port: int, count: int) -> float:
    """Eight connections, a mail built for each recipient."""
    return eight_connections(port, count, lambda number: mail(recipient(number), f"{number:010}").as_bytes())


def aiosmtplib_filled(port: int, count: int) -> float:
    """Eight connections, the mail built once and filled in for each recipient: lock-step at its best."""
    template = mail(recipient(0).replace("p000000000", MARK), MARK).as_bytes()
    return eight_connections(port, count, lambda number: template.replace(MARK.encode(), f"p{number:09}".encode()))


def eight_connections(port: int, count: int, content: Callable[[int], bytes]) -> float:
    import aiosmtplib

    async def one(numbers: range) -> None:
        async with aiosmtplib.SMTP(hostname=HOST, port=port, start_tls=False) as smtp:
            for number in numbers:
                await smtp.sendmail("reservrutin@example.se", [recipient(number)], content(number))

    async def every() -> None:
        await asyncio.gather(*(one(range(first, count, SESSIONS)) for first in range(SESSIONS)))

    return timed(lambda: asyncio.run(every()))


def django_each(port: int, count: int) -> float:
    """Django, a call a mail."""
    send = _django(port)
    return timed(lambda: [send(recipient(number), number, None) for number in range(count)])


def django_one_connection(port: int, count: int) -> float:
    """Django, every mail over one connection."""
    send = _django(port)
    from django.core.mail import get_connection

    def every() -> None:
        with get_connection() as connection:
            for number in range(count):
                send(recipient(number), number, connection)

    return timed(every)


def _django(port: int) -> Callable[[str, int, object], None]:
    from django.conf import settings

    settings.configure(EMAIL_HOST=HOST, EMAIL_PORT=port)
    from django.core.mail import EmailMultiAlternatives

    def send(to: str, number: int, connection: object) -> None:
        built = EmailMultiAlternatives(
            "[Driftstörning 2026-0001] Avbrott",
            f"{TEXT}{number}",
            "reservrutin@example.se",
            [to],
            connection=connection,
        )
        built.attach_alternative(f"{HTML}{number}", "text/html")
        built.send()

    return send


def apprise_each(port: int, count: int) -> float:
    """apprise, a call a subscriber."""
    import apprise

    def every() -> None:
        for number in range(count):
            sender = apprise.Apprise()
            to = f"?from=reservrutin@example.se&to={recipient(number)}&mode=insecure"
            sender.add(f"mailto://{HOST}:{port}/{to}")
            assert sender.notify(title="[Driftstörning 2026-0001] Avbrott", body=f"{HTML}{number}", body_format="html")

    return timed(every)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


PEERS: dict[str, tuple[str, int]] = {
    "aiosmtplib_send": ("aiosmtplib, send() a mail", 500),
    "aiosmtplib_built": ("aiosmtplib, 8 connections, mails built", 2000),
    "aiosmtplib_filled": ("aiosmtplib, 8 connections, filled in", 10_000),
    "django_each": ("Django, a call a mail", 500),
    "django_one_connection": ("Django, one connection", 2000),
    "apprise_each": ("apprise, a call a subscriber", 100),
}
"""Each peer's words, and how many mails are enough to know its rate."""

if __name__ == "__main__":
    print(globals()[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3])))
