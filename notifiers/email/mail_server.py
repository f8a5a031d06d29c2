"""Which mail server takes our mail, and how it is reached."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from domain.refusals import Invalid

MOST_CONNECTIONS = 64
"""Connections that one worker may be set to hold; a relay allows far fewer."""


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
    what makes duplicates (RFC 1047). `ca_file` holds the certificates that are trusted instead of the system's.
    At most `connections` are open at once, and each carries `mails_per_connection` before it is opened anew.
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
    ca_file: Path | None = None
    connections: int = 4
    mails_per_connection: int = 500


def parse_url(url: str, password_file: Path | None = None) -> MailServer:
    """The server that `smtp://user:password@host:587?tls=starttls` means; the scheme may also be smtps.

    `tls` is starttls, implicit or none. Unless given it is implicit for smtps and port 465, starttls with a
    password or port 587, none on this machine, and otherwise starttls. The password may stand alone in
    `password_file` instead. Raises domain.refusals.Invalid("smtp-url", why=…), which never holds the URL:
    there may be a password in it.
    """
    try:
        parts = urlsplit(url)
        port, options = (
            parts.port,
            dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))),
        )
    except ValueError:
        raise Invalid("smtp-url", why="malformed") from None
    if parts.scheme not in ("smtp", "smtps"):
        raise Invalid("smtp-url", why="scheme")
    if not parts.hostname or not re.fullmatch(r"[\w.:-]+", parts.hostname):
        raise Invalid("smtp-url", why="host")
    if parts.path not in ("", "/") or parts.fragment or set(options) - {"tls"} or port == 0:
        raise Invalid("smtp-url", why="malformed")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password_file and password:
        raise Invalid("smtp-url", why="two-passwords")
    password = password or _read(password_file)
    if bool(username) != bool(password):
        raise Invalid("smtp-url", why="user-and-password")
    tls = _tls(options.get("tls"), parts.scheme, parts.hostname, port, bool(password))
    if password and tls is Tls.NONE and not is_loopback(parts.hostname):
        raise Invalid("smtp-url", why="password-without-tls")
    usual = 465 if tls is Tls.IMPLICIT else 587 if password else 25
    return MailServer(parts.hostname, port or usual, tls, username, password)


def with_settings(server: MailServer, settings: Mapping[str, str]) -> MailServer:
    """The server with what the settings' texts say of it: `smtp_ca_file`, `smtp_connections` and
    `smtp_mails_per_connection`; what they leave out stays. Raises
    domain.refusals.Invalid("setting", name=…, value=…).
    """
    ca_file = settings.get("smtp_ca_file", "")
    if ca_file and not Path(ca_file).is_file():
        raise Invalid("setting", name="smtp_ca_file", value=ca_file)
    return replace(
        server,
        ca_file=Path(ca_file) if ca_file else server.ca_file,
        connections=_count(settings, "smtp_connections", MOST_CONNECTIONS) or server.connections,
        mails_per_connection=_count(settings, "smtp_mails_per_connection", 100_000) or server.mails_per_connection,
    )


def _count(settings: Mapping[str, str], name: str, most: int) -> int:
    text = settings.get(name, "")
    if text and not (re.fullmatch(r"[1-9][0-9]{0,5}", text) and int(text) <= most):
        raise Invalid("setting", name=name, value=text)
    return int(text or 0)


def _tls(asked: str | None, scheme: str, host: str, port: int | None, password: bool) -> Tls:
    if scheme == "smtps" and asked not in (None, Tls.IMPLICIT):
        raise Invalid("smtp-url", why="tls")
    if asked is not None:
        if asked not in tuple(Tls):
            raise Invalid("smtp-url", why="tls")
        return Tls(asked)
    if scheme == "smtps" or port == 465:
        return Tls.IMPLICIT
    if password or port == 587:
        return Tls.STARTTLS
    return Tls.NONE if is_loopback(host) else Tls.STARTTLS


def _read(password_file: Path | None) -> str:
    if password_file is None:
        return ""
    try:
        return password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Invalid("smtp-url", why="password-file") from None


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
