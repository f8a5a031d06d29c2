"""Which mail server takes our mail, and how it is reached."""

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from domain.refusals import Invalid


class Tls(StrEnum):
    """How the connection is encrypted. What is asked for is required: there is no silent downgrade."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """The relay that takes our mail. Timeouts are seconds; the server's certificate is always verified.

    RFC 5321 §4.5.3.2 allows a command five minutes; the relay is our own, and all of them together must end before
    the lease on a delivery does. The last one is that of the RFC, and long because giving up after the final dot is
    what makes duplicates (RFC 1047). The password may stand alone in `password_file`, which whoever records need not
    be let near. `ca_file` holds the certificates that are trusted instead of the system's. `ehlo_name` is what we call
    ourselves, "" for this machine's own name. At most `connections` are open at once, and each carries
    `mails_per_connection` before it is opened anew.
    """

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    connect_timeout: float = 30
    command_timeout: float = 60
    data_timeout: float = 120
    final_dot_timeout: float = 600
    password_file: Path | None = None
    ca_file: Path | None = None
    ehlo_name: str = ""
    connections: int = 4
    mails_per_connection: int = 500


def parse_url(url: str) -> MailServer:
    """The server that `smtp://user:password@host:587?tls=starttls` means; the scheme may also be smtps.

    `tls` is starttls, implicit or none. Unless given it is implicit for smtps and port 465, starttls with a
    user or port 587, none on this machine, and otherwise starttls. The password may be left out: it can stand in a
    file. Raises ValueError with a word that says why, and never holds the URL: there may be a password in it.
    """
    try:
        parts = urlsplit(url)
        port, options = (
            parts.port,
            dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))),
        )
    except ValueError:
        raise ValueError("malformed") from None
    if parts.scheme not in ("smtp", "smtps"):
        raise ValueError("malformed")
    if not parts.hostname or not re.fullmatch(r"[\w.:-]+", parts.hostname):
        raise ValueError("malformed")
    if parts.path not in ("", "/") or parts.fragment or set(options) - {"tls"} or port == 0:
        raise ValueError("malformed")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and not username:
        raise ValueError("no-user")
    tls = _tls(options.get("tls"), parts.scheme, parts.hostname, port, bool(username))
    if username and tls is Tls.NONE and not is_loopback(parts.hostname):
        raise ValueError("password-without-tls")
    usual = 465 if tls is Tls.IMPLICIT else 587 if username else 25
    return MailServer(parts.hostname, port or usual, tls, username, password)


def with_password(server: MailServer) -> MailServer:
    """The server with the password that its file holds, for whoever is about to send.

    Raises domain.refusals.Invalid, with a reason that begins with smtp-, where a file is not there or can't be read,
    and for a user without a password or a password without a user.
    """
    if server.ca_file and not server.ca_file.is_file():
        raise Invalid("smtp-ca-file", path=str(server.ca_file))
    password = server.password or _read(server.password_file)
    if server.username and not password:
        raise Invalid("smtp-password", username=server.username)
    if password and not server.username:
        raise Invalid("smtp-user")
    return replace(server, password=password)


def _tls(asked: str | None, scheme: str, host: str, port: int | None, login: bool) -> Tls:
    if scheme == "smtps" and asked not in (None, Tls.IMPLICIT):
        raise ValueError("tls")
    if asked is not None:
        if asked not in tuple(Tls):
            raise ValueError("tls")
        return Tls(asked)
    if scheme == "smtps" or port == 465:
        return Tls.IMPLICIT
    if login or port == 587:
        return Tls.STARTTLS
    return Tls.NONE if is_loopback(host) else Tls.STARTTLS


def _read(password_file: Path | None) -> str:
    if password_file is None:
        return ""
    try:
        return password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Invalid("smtp-password-file", path=str(password_file)) from None


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
