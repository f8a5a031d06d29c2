"""How each setting is written: from its text to its value, by plain functions.

What a value needs of other rooms is imported by the function that makes it: a command pays for what is set.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from domain.durations import duration, listed
from domain.refusals import Invalid

if TYPE_CHECKING:
    from application.assessment import Assessment
    from domain.audience import ChannelName
    from domain.checkpoint import VerifierKey
    from notifiers.email.mail_server import MailServer

MOST_CONNECTIONS = 64
"""Connections that one worker may be set to hold; a relay allows far fewer."""

MOST_MAILS = 100_000
MOST_WAITS = 20
LONGEST_WAIT = timedelta(days=7)
LONGEST_NAME = 255
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
LANGUAGES = ("sv", "en")


class Unfit(ValueError):
    """A text that is not written as its setting is; `right` is the name of the sentence that says how."""

    def __init__(self, right: str, **data: object) -> None:
        super().__init__(right)
        self.right = right
        self.data = data


@dataclass(frozen=True, slots=True)
class Setting:
    """How a text becomes the value, the default as it would be written, and whether the text may be shown whole. One
    that `is_switch` is on or off; of several in one text `between` is what stands between two."""

    read: Callable[[str], Any]
    default: str = ""
    is_secret: bool = False
    is_switch: bool = False
    between: str = ""


def _any(text: str) -> str:
    return text


def _lang(text: str) -> str:
    if text not in LANGUAGES:
        raise Unfit("lang")
    return text


def _database_url(text: str) -> str:
    from infrastructure.database.backend import POSTGRESQL, SQLITE

    if not text.startswith((SQLITE, POSTGRESQL)):
        raise Unfit("database-url")
    return text


def _web_address(text: str) -> str:
    if not text.startswith(("https://", "http://")) or not text.isprintable() or set(text) & set(" <>\"'"):
        raise Unfit("web-address")
    return text


def _address_in_headers(text: str) -> str:
    if not text.isascii():
        raise Unfit("web-address-ascii")
    return _web_address(text)


def _door_address(text: str) -> str:
    """Paths are put behind it."""
    address = _address_in_headers(text).rstrip("/")
    if set(address) & set("?#"):
        raise Unfit("door")
    return address


def _domains(text: str) -> tuple[str, ...]:
    """In their own letters, as addresses are kept."""
    from domain.mailbox import kept_form

    try:
        return tuple(kept_form(f"x@{domain}").removeprefix("x@") for domain in listed(text))
    except Invalid as refused:
        raise Unfit("domains") from refused


def _contact(text: str) -> str:
    """A page, or a mailbox."""
    from domain.mailbox import wire_form

    if "://" in text:
        return _web_address(text)
    try:
        return wire_form(text)
    except Invalid as refused:
        raise Unfit("contact") from refused


def _assessed(text: str) -> "Assessment":
    from application.assessment import assessment

    try:
        return assessment(text)
    except ValueError as error:
        raise Unfit("assessed") from error


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _listen(text: str) -> str:
    from application.listening import listening

    try:
        listening(text)
    except ValueError as error:
        raise Unfit("web-listen") from error
    return text


def _smtp_url(text: str) -> "MailServer":
    from notifiers.email.mail_server import parse_url

    try:
        return parse_url(text)
    except ValueError as why:
        raise Unfit(f"smtp-url-{why}") from why


def _ehlo_name(text: str) -> str:
    """What a client may call itself (RFC 5321 §4.1.3): a host's name, or its address in brackets."""
    if text.startswith("[") and text.endswith("]"):
        from ipaddress import IPv4Address, IPv6Address

        kind, address = (IPv6Address, text[6:-1]) if text.startswith("[IPv6:") else (IPv4Address, text[1:-1])
        try:
            kind(address)
        except ValueError as error:
            raise Unfit("ehlo-name") from error
    elif len(text) > LONGEST_NAME or not all(map(_LABEL.fullmatch, text.split("."))):
        raise Unfit("ehlo-name")
    return text


def _whole(most: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not 0 < int(text) <= most:
            raise Unfit("whole-number", most=most)
        return int(text)

    return whole


def _channel(text: str) -> "ChannelName":
    from domain.audience import ChannelName

    if text not in list(ChannelName):
        raise Unfit("channel", known=", ".join(ChannelName))
    return ChannelName(text)


def _on_or_off(text: str) -> bool:
    if text not in ("on", "off"):
        raise Unfit("on-or-off")
    return text == "on"


def _points(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,2})?", text) or not float(text):
        raise Unfit("points")
    return float(text)


def _hold(text: str) -> timedelta:
    return _lasting(text, "duration")


def _throttle(text: str) -> tuple[int, timedelta]:
    if text == "off":
        return 0, timedelta(0)
    most, _slash, window = text.partition("/")
    if not re.fullmatch(r"[0-9]{1,9}", most) or not int(most):
        raise Unfit("throttle")
    return int(most), _wait(window, "throttle")


def _retry(text: str) -> dict[str, Any]:
    """The waits one after another; `ambiguous` and `jitter` say the rest of what RetryPolicy asks."""
    found: dict[str, Any] = {}
    waits = []
    for word in listed(text):
        kind, separator, value = word.partition("=")
        if not separator:
            waits.append(_wait(word, "retry"))
        elif kind == "ambiguous":
            found["ambiguous_wait"] = _wait(value, "retry")
        elif kind == "jitter" and re.fullmatch(r"([0-9]{1,2}|100)%", value):
            found["jitter"] = int(value[:-1]) / 100
        else:
            raise Unfit("retry")
    if not 0 < len(waits) <= MOST_WAITS:
        raise Unfit("retry")
    return found | {"waits": tuple(waits)}


def _expiry(text: str) -> dict[str, Any]:
    """How long facts are told, and what is told for another time, by the fact's name."""
    from domain.facts import CATALOGUE
    from notifiers.retry import RetryPolicy

    found: dict[str, Any] = {}
    kinds = dict(RetryPolicy().expiry_of)
    for word in listed(text):
        kind, separator, lasts = word.rpartition("=")
        if separator and kind not in CATALOGUE:
            raise Unfit("expiry")
        if separator:
            kinds[kind] = _wait(lasts, "expiry")
        else:
            found["expiry"] = _wait(lasts, "expiry")
    return found | {"expiry_of": MappingProxyType(kinds)}


def _wait(text: str, right: str) -> timedelta:
    """A duration that mail can wait for: more than none, and no longer than anybody remembers the outage."""
    lasts = _lasting(text, right)
    if not timedelta(0) < lasts <= LONGEST_WAIT:
        raise Unfit(right)
    return lasts


def _lasting(text: str, right: str) -> timedelta:
    try:
        return duration(text)
    except (ValueError, OverflowError) as error:
        raise Unfit(right) from error


def _sender(text: str) -> tuple[str, str]:
    from domain.mailbox import sender

    try:
        return sender(text)
    except Invalid as refused:
        raise Unfit("sender") from refused


def _return_path(text: str) -> str:
    from domain.mailbox import wire_form
    from notifiers.email.return_path import LONGEST_LOCAL_PART

    try:
        address = wire_form(text)
    except Invalid as refused:
        raise Unfit("return-path", most=LONGEST_LOCAL_PART) from refused
    local = address.partition("@")[0]
    if not local.isascii() or len(local) > LONGEST_LOCAL_PART:
        raise Unfit("return-path", most=LONGEST_LOCAL_PART)
    return address


def _return_secret(text: str) -> str:
    from notifiers.email.return_path import SHORTEST_SECRET

    if len(text) < SHORTEST_SECRET:
        raise Unfit("return-secret", least=SHORTEST_SECRET)
    return text


def _header_name(text: str) -> str:
    """A field's name in HTTP (RFC 9110 §5.1), of letters, digits and hyphens: what a proxy passes on as it is."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", text):
        raise Unfit("header-name")
    return text


def _origin(text: str) -> str:
    from domain.checkpoint import key_name

    try:
        return key_name(text)
    except Invalid as refused:
        raise Unfit("log-origin") from refused


def _verifier_keys(text: str) -> "tuple[VerifierKey, ...]":
    from domain.checkpoint import parse_key

    try:
        return tuple(parse_key(key) for key in text.split())
    except Invalid as refused:
        raise Unfit("verifier-keys") from refused


SETTINGS = {
    "database_url": Setting(_database_url, is_secret=True),
    "lang": Setting(_lang, "sv"),
    "role": Setting(_any),
    "organisation": Setting(_any),
    "base_url": Setting(_address_in_headers),
    "driftinfo_url": Setting(_web_address, "https://vardgivare.skane.se/"),
    "smtp_url": Setting(_smtp_url, is_secret=True),
    "smtp_password_file": Setting(Path),
    "smtp_ca_file": Setting(Path),
    "smtp_ehlo_name": Setting(_ehlo_name),
    "smtp_connections": Setting(_whole(MOST_CONNECTIONS), "4"),
    "smtp_mails_per_connection": Setting(_whole(MOST_MAILS), "500"),
    "mail_from": Setting(_sender, "Reservrutin <reservrutin@localhost>"),
    "mail_return_path": Setting(_return_path),
    "mail_return_secret": Setting(_return_secret, is_secret=True),
    "mail_hold": Setting(_hold, "20s"),
    "mail_throttle": Setting(_throttle, "6/15m"),
    "mail_suspend_at": Setting(_points, "2"),
    "mail_one_click": Setting(_on_or_off, "on", is_switch=True),
    "mail_retry": Setting(_retry, "10s 30s 2m 5m 15m 30m ambiguous=5m jitter=20%", between=" "),
    "mail_expiry": Setting(
        _expiry,
        "6h reserve-routine-activated=24h reserve-routine-deactivated=24h service-restored=24h "
        "operating-information-published=12h prognosis-received=12h activation-deferred=12h",
        between=" ",
    ),
    "notice_folder": Setting(Path),
    "publish_dir": Setting(Path),
    "web_staff_header": Setting(_header_name),
    "web_url": Setting(_door_address),
    "subscribe_domains": Setting(_domains, between=" "),
    "accessibility_contact": Setting(_contact),
    "accessibility_assessed": Setting(_assessed),
    "accessibility_faults": Setting(_lines, between="\n"),
    "web_listen": Setting(_listen, "127.0.0.1:8020"),
    "only_channel": Setting(_channel),
    "signing_key_file": Setting(Path),
    "log_origin": Setting(_origin),
    "verifier_keys": Setting(_verifier_keys, between=" "),
}
"""Every setting, in the order in which they are shown."""
