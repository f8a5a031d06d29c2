"""The mail server, spoken to as the worker does: its greeting, the encryption, the login, and what it offers."""

import asyncio
from collections.abc import Iterator
from socket import getfqdn

from application.desk import Desk
from application.doctor.finding import Finding, doubtful, well, wrong
from domain.audience import ChannelName
from domain.delivery import DeliveryState
from notifiers.channel import Unreachable
from notifiers.email.letter import hand_over, letter
from notifiers.email.mail_server import MailServer, Tls, is_loopback, with_password
from notifiers.email.opening import opened
from notifiers.email.outgoing import Extensions


def relay(desk: Desk) -> Iterator[Finding]:
    """Raises Invalid where the password can't be read."""
    if desk.settings.only_channel is ChannelName.FOLDER:
        yield doubtful("relay", "exercise")
        return
    if desk.settings.mail_server is None:
        yield wrong("relay", "no-relay")
        return
    server = with_password(desk.settings.mail_server)
    where = {"host": server.host, "port": server.port}
    try:
        offers = asyncio.run(_offered(server))
    except Unreachable as away:
        code = f"{away.outcome.code} " if away.outcome.code else ""
        yield wrong("relay", "relay-away", **where, reply=away.outcome.reply, code=code)
        return
    yield well("relay", "relay-encrypted" if server.tls is not Tls.NONE else "relay", **where, user=server.username)
    own = server.ehlo_name or ("localhost" if is_loopback(server.host) else getfqdn())
    yield (
        well("relay", "ehlo", name=own)
        if "." in own or is_loopback(server.host)
        else doubtful("relay", "ehlo-short", name=own)
    )
    if not offers.pipelining:
        yield doubtful("relay", "no-pipelining")
    settings = desk.mail_settings()
    envelope = settings.envelope_sender(0).rpartition("@")[2]
    if not _aligned(settings.domain, envelope):
        yield doubtful("relay", "not-aligned", sender=settings.domain, envelope=envelope)


def _aligned(sender: str, envelope: str) -> bool:
    """Whether SPF of the envelope's domain speaks for the sender's in DMARC's relaxed mode (RFC 7489 §3.1.2): the same
    domain, or one within the other. Which two names below a third belong together a list would have to say."""
    one, other = sender.lower(), envelope.lower()
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def sends_a_test(desk: Desk, address: str) -> Iterator[Finding]:
    """A mail to this address through everything that a notice goes through, and what the mail server answers. Raises
    Invalid for an address that is none."""
    _, server = desk.texts.gettext, desk.settings.mail_server
    if server is None:
        yield wrong("mail", "no-relay")
        return
    settings = desk.mail_settings()
    envelope = settings.envelope_sender(0)
    text = _("This is a test. No outage is going on because of it, and nothing is to be done.\n\nåäö ÅÄÖ é – ”…”")
    subject = _("Test of the mail from reservrutin")
    mail = letter(address, subject, text, settings, desk.texts, desk.now(), "auto-generated")
    outcome = asyncio.run(hand_over(mail, with_password(server), envelope))
    if outcome is None:
        yield wrong("mail", "test-unanswered")
        return
    reply = f"{outcome.code or ''} {outcome.reply}".strip()
    if outcome.state is DeliveryState.SENT:
        yield well("mail", "test-sent", address=address, reply=reply)
    else:
        yield wrong("mail", "test-refused", address=address, reply=reply)
    yield well("mail", "test-from", sender=settings.address, envelope=envelope)


async def _offered(server: MailServer) -> Extensions:
    """Raises Unreachable."""
    connection, offers = await opened(server)
    connection.close()
    return offers
