"""Real certificates, real servers: what is encrypted stays so, or nothing is sent."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from domain.delivery import DeliveryState, Outcome
from domain.refusals import Unavailable
from domain.vocabulary import Audience
from notifiers.email.mail_server import MailServer, Tls, parse_url, with_password
from notifiers.email.message import render
from notifiers.email.session import Session as Sending
from tests.notifiers.outage import DETECTED, SETTINGS, told
from tests.notifiers.relay import deliver
from wording.words import catalogue

PASSWORD = "hemligt-lösen"  # noqa: S105 - a test's own


class Vault:
    """Keeps what it accepts; asks for STARTTLS and for a password."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.encrypted: list[bool] = []

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.mails.append(envelope)
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 2.0.0 OK"


def allows(_: object, __: object, ___: object, mechanism: str, data: LoginPassword) -> AuthResult:
    right = data.login == b"anna" and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "region.pem"
    authority.cert_pem.write_to_path(file)
    return file


def certificate(authority: trustme.CA, name: str = "localhost", valid: int = 1) -> ssl.SSLContext:
    """A server's side; `valid` is for how many days from now on, less than none if it has expired."""
    until = datetime.now(UTC) + timedelta(days=valid)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name, not_before=until - timedelta(days=30), not_after=until).configure_cert(context)
    return context


@asynccontextmanager
async def vault(
    context: ssl.SSLContext | None, tls: Tls, *, login: bool = False
) -> AsyncIterator[tuple[Vault, MailServer]]:
    """A server on the loopback; without a context it is one that has had STARTTLS stripped from its answers."""
    kept = Vault()

    def connected() -> SMTP:
        return SMTP(
            kept,
            hostname="vault.example.se",
            tls_context=context if tls is Tls.STARTTLS else None,
            require_starttls=context is not None and tls is Tls.STARTTLS,
            authenticator=allows if login else None,
            auth_required=login,
            auth_require_tls=login and tls is Tls.STARTTLS,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connected, "127.0.0.1", 0, ssl=context if tls is Tls.IMPLICIT else None)
    try:
        yield kept, MailServer("localhost", server.sockets[0].getsockname()[1], tls, connect_timeout=5)
    finally:
        server.close()


async def sent(server: MailServer, count: int = 1) -> list[Outcome]:
    notice = told(Audience.STAFF, DETECTED)
    mail = render(notice, SETTINGS, catalogue("sv"), DETECTED.recorded_at)
    async with Sending(server) as session:
        return [await deliver(session, mail, "anna@example.se") for _ in range(count)]


async def refused(server: MailServer) -> str:
    with pytest.raises(Unavailable) as refusal:
        await sent(server)
    return str(refusal.value.data["reply"])


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_mail_is_sent_encrypted_to_a_server_that_the_regions_authority_vouches_for(
    authority: trustme.CA, ca_file: Path, tls: Tls
) -> None:
    async with vault(certificate(authority), tls) as (kept, server):
        outcomes = await sent(replace(server, ca_file=ca_file), count=3)
    assert [outcome.state for outcome in outcomes] == [DeliveryState.SENT] * 3
    assert kept.encrypted == [True] * 3


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
@pytest.mark.parametrize("flaw", ["unknown authority", "expired", "another name"])
async def test_a_certificate_that_does_not_hold_gets_no_mail(
    authority: trustme.CA, ca_file: Path, tls: Tls, flaw: str
) -> None:
    context = {
        "unknown authority": certificate(trustme.CA()),
        "expired": certificate(authority, valid=-1),
        "another name": certificate(authority, name="mail.example.org"),
    }[flaw]
    async with vault(context, tls) as (kept, server):
        reply = await refused(replace(server, ca_file=ca_file))
    assert "certificate" in reply.lower()
    assert not kept.mails


async def test_the_systems_authorities_do_not_vouch_for_a_self_made_certificate(authority: trustme.CA) -> None:
    async with vault(certificate(authority), Tls.STARTTLS) as (kept, server):
        assert "certificate" in (await refused(server)).lower()
    assert not kept.mails


async def test_a_server_whose_starttls_was_stripped_gets_neither_mail_nor_password() -> None:
    async with vault(None, Tls.STARTTLS) as (kept, server):
        assert "STARTTLS" in await refused(replace(server, username="anna", password=PASSWORD))
    assert not kept.mails


async def test_a_line_that_ends_in_the_handshake_is_a_server_that_is_not_there(ca_file: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hej\r\n")
        await reader.readline()
        writer.write(b"250-hej\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go on\r\n250 slipped in\r\n")
        writer.close()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    assert await refused(MailServer("localhost", port, Tls.STARTTLS, ca_file=ca_file, connect_timeout=5))
    listener.close()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the library overlooks implicit TLS
@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_a_login_with_the_password_from_a_file_is_let_in(
    authority: trustme.CA, ca_file: Path, tmp_path: Path, tls: Tls
) -> None:
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    async with vault(certificate(authority), tls, login=True) as (kept, server):
        read = parse_url(f"smtp://anna@localhost:{server.port}?tls={tls}")
        outcomes = await sent(with_password(replace(read, password_file=secret, ca_file=ca_file)))
    assert [outcome.state for outcome in outcomes] == [DeliveryState.SENT]
    assert kept.encrypted == [True]


async def test_a_wrong_password_is_told_without_showing_it(
    authority: trustme.CA, ca_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with vault(certificate(authority), Tls.STARTTLS, login=True) as (kept, server):
        wrong = replace(server, ca_file=ca_file, username="anna", password="fel-hemlighet")  # noqa: S106 - wrong
        reply = await refused(wrong)
    assert "authentication" in reply.lower()
    assert "fel-hemlighet" not in reply + repr(wrong)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.")]
    assert not any("fel-hemlighet" in said for said in ours)
    assert not kept.mails


async def test_a_file_of_authorities_that_cannot_be_read_is_told(authority: trustme.CA, tmp_path: Path) -> None:
    broken = tmp_path / "region.pem"
    broken.write_text("no certificate")
    async with vault(certificate(authority), Tls.STARTTLS) as (_, server):
        assert "region.pem" in await refused(replace(server, ca_file=broken))
