"""What a mail address is, how it is kept and how it is written on the wire. Pure."""

import re
import unicodedata

from domain.refusals import Invalid

LONGEST_ADDRESS, LONGEST_LOCAL_PART = 254, 64
"""Octets on the wire (RFC 5321 §4.5.3.1)."""

_ASCII_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ASCII = re.compile(rf"{_ASCII_ATOM}(?:\.{_ASCII_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
"""Dot-string (RFC 5321 §4.1.2) at a domain of at least two labels; no quoted local part, no address literal."""

_SENDER = re.compile(rf"{_ASCII_ATOM}(?:\.{_ASCII_ATOM})*@(?:{_LABEL}\.)*{_LABEL}")
"""The same at any domain: the relay on this machine knows `localhost`."""
_NAMED = re.compile(r'(?:"(?P<quoted>[^"\\]*)"|(?P<plain>[^"<>]*))\s*<(?P<address>[^<>]*)>')

_ATOM_MARKS = frozenset("!#$%&'*+/=?^_`{|}~-.")
_DEVIATIONS = frozenset("ß\u03c2\u200c\u200d")
"""The four characters by which IDNA 2003, which the standard library knows, and IDNA 2008 mean other domains."""


def wire_form(address: str) -> str:
    """The address with its domain as A-labels: räksmörgås.se is xn--… (RFC 5891).

    The local part keeps letters of other alphabets, which only a server with SMTPUTF8 takes (RFC 6531).
    Raises domain.refusals.Invalid("mail-address") if it is no address. The refusal does not hold the address, so
    that it can't be logged.
    """
    wire = address if address.isascii() else _encoded(address)
    local, _, domain = wire.rpartition("@")
    plain = wire if local.isascii() else f"x@{domain}"
    if (
        not _ASCII.fullmatch(plain)
        or len(local.encode()) > LONGEST_LOCAL_PART
        or len(wire.encode()) > LONGEST_ADDRESS
        or domain.rpartition(".")[2].isdigit()
    ):
        raise Invalid("mail-address")
    return wire


def kept_form(address: str) -> str:
    """The address as it is kept and shown: lower case, one normal form, the domain in its own letters.

    However the same address is written, it is kept alike. Raises as wire_form does.
    """
    local, _, domain = wire_form(unicodedata.normalize("NFC", address.strip()).lower()).rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return f"{local}@{domain}"


def sender(text: str) -> tuple[str, str]:
    """Who mail comes from, written "Name <address>" or as the address alone: the name and the address.

    The address is ASCII, as every server takes it. Raises domain.refusals.Invalid("mail-address").
    """
    named = _NAMED.fullmatch(text.strip())
    name = (named["quoted"] or named["plain"] or "").strip() if named else ""
    address = named["address"].strip() if named else text.strip()
    local = address.partition("@")[0]
    if (
        not _SENDER.fullmatch(address)
        or len(local) > LONGEST_LOCAL_PART
        or len(address) > LONGEST_ADDRESS
        or not name.isprintable()
    ):
        raise Invalid("mail-address")
    return name, address


def _encoded(address: str) -> str:
    """Of an address that is not ASCII: its local part checked, its domain in A-labels."""
    local, at, domain = unicodedata.normalize("NFC", address).rpartition("@")
    words = all(
        character in _ATOM_MARKS if character.isascii() and not character.isalnum() else _is_word(character)
        for character in local
    )
    if not (at and words and all(local.split(".")) and not set(domain) & _DEVIATIONS):
        raise Invalid("mail-address")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Invalid("mail-address") from None


def _is_word(character: str) -> bool:
    """A letter, a mark or a digit: nothing invisible, no sign, no space."""
    return unicodedata.category(character)[0] in "LMN"
