"""Opening a connection to the mail server: greeted, encrypted, logged in, and asked what it can do."""

import asyncio
import re
import ssl

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponseException

from domain.texts import N_
from notifiers.email.answers import one_line, unreachable
from notifiers.email.connection import SmtpConnection
from notifiers.email.mail_server import MailServer, Tls, is_loopback
from notifiers.email.outgoing import Extensions


async def opened(server: MailServer) -> tuple[SmtpConnection, Extensions]:
    """A new connection, and what the server offers on it. What is asked of it in encryption is had, or there is none.

    Raises Unreachable; the reply never holds our own password.
    """
    smtp = SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username or None,
        password=server.password or None,
        use_tls=server.tls is Tls.IMPLICIT,
        start_tls=server.tls is Tls.STARTTLS,
        tls_context=_trust(server) if server.tls is not Tls.NONE else None,
        timeout=server.command_timeout,
        local_hostname=server.ehlo_name or ("localhost" if is_loopback(server.host) else None),
    )
    try:
        await smtp.connect(timeout=server.connect_timeout)
        if smtp.is_ehlo_or_helo_needed:
            try:
                await smtp.ehlo()
            except SMTPHeloError:
                await smtp.helo()
        if not isinstance(smtp.transport, asyncio.Transport):
            raise SMTPException("connection closed")
        offered = _offered(smtp)
    except SMTPResponseException as answer:
        smtp.close()
        raise unreachable(answer.code, _discreet(answer.message, server)) from None
    except (SMTPException, OSError, ValueError) as error:
        smtp.close()
        raise unreachable(None, _why(error, server)) from None
    except BaseException:
        smtp.close()
        raise
    return SmtpConnection(smtp.transport), offered


def _trust(server: MailServer) -> ssl.SSLContext:
    """Certificates are verified, against the system's authorities or the region's own. Raises Unreachable."""
    try:
        return ssl.create_default_context(cafile=str(server.ca_file) if server.ca_file else None)
    except (OSError, ValueError) as error:
        raise unreachable(None, one_line(f"{server.ca_file}: {error}")) from None


def _offered(smtp: SMTP) -> Extensions:
    largest = smtp.esmtp_extensions.get("size", "").strip()
    return Extensions(
        pipelining=smtp.supports_extension("pipelining"),
        size=smtp.supports_extension("size"),
        largest=int(largest) if _SIZE.fullmatch(largest) else 0,
        dsn=smtp.supports_extension("dsn"),
        utf8=smtp.supports_extension("smtputf8"),
    )


def _why(error: Exception, server: MailServer) -> str:
    """Why there is no connection, in words of ours where we have them: the ledger keeps them and people read them."""
    links: list[BaseException] = [error]
    while cause := links[-1].__cause__ or links[-1].__context__:
        links.append(cause)
    for kind, words in _WORDS:
        if any(isinstance(link, kind) for link in links):
            return words
    if server.tls is Tls.STARTTLS and "STARTTLS" in str(error):
        return N_("the mail server offers no encryption (STARTTLS)")
    return _discreet(str(error), server)


_SIZE = re.compile(r"[0-9]{1,20}")
"""RFC 1870 §4. A limit that is written otherwise is none."""

_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, N_("the mail server's certificate is not to be trusted")),
    (ssl.SSLError, N_("no encrypted line to the mail server came to be")),
    (TimeoutError, N_("the mail server does not answer")),
    (OSError, N_("the mail server can't be reached")),
)


def _discreet(reply: str, server: MailServer) -> str:
    """What the server said of a connection that did not come to be, without our own secrets."""
    for secret in filter(None, (server.password, server.username)):
        reply = reply.replace(secret, "…")
    return one_line(reply)
