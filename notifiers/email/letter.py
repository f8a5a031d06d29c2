"""A mail in its envelope: what SMTP is told about it before its content is handed over."""

import math
import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from domain.delivery import Outcome
from domain.mailbox import wire_form

LARGEST = 1_000_000
"""Bytes of a mail. The largest possible notice is far smaller; whatever is not has gone wrong."""

ENDS = b".\r\n"
"""The final dot."""

_NOT_XTEXT = re.compile(r"[^!-*,-<>-~]")
_LINE_BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True, eq=False)
class Letter:
    """One mail to one address. `recipient` is in wire form.

    `data` is the mail as it goes over the line, up to and with the final dot; `size` is how many bytes it has
    itself. `envelope_id` names the letter in reports of what became of it (RFC 3461 §4.4), "" if there is none.
    `not_after` is the moment of the event loop's clock from which its content may no longer be handed over.
    """

    delivery: int
    sender: str
    recipient: str
    data: bytes
    size: int
    envelope_id: str = ""
    not_after: float = math.inf

    @property
    def needs_utf8(self) -> bool:
        """Whether only a server with SMTPUTF8 can take it (RFC 6531)."""
        return not self.recipient.isascii()


class Letters(Protocol):
    """Where a session gets its letters, and to whom it says how each fared."""

    async def next(self) -> Letter | None:
        """The next letter, waited for; None when there will be no more."""

    def take(self) -> Letter | None:
        """The next letter if there is one now."""

    def ended(self, letter: Letter, outcome: Outcome) -> None:
        """This letter has been tried."""

    def back(self, letter: Letter) -> None:
        """This letter was taken and has not been tried: the server is slow or not available to this session."""


def stuffed(content: bytes) -> bytes:
    """The content with a further dot wherever a line begins with one (RFC 5321 §4.5.2)."""
    return _LINE_BEGINS_WITH_DOT.sub(b"..", content)


@dataclass(frozen=True, slots=True)
class Extensions:
    """What the server offered in its answer to EHLO. `largest` is bytes, 0 where it sets no limit."""

    pipelining: bool = False
    size: bool = False
    largest: int = 0
    dsn: bool = False
    utf8: bool = False

    def envelope(self, letter: Letter) -> tuple[bytes, bytes, bytes]:
        """The commands that announce the letter."""
        mail, rcpt = f"MAIL FROM:<{letter.sender}>", f"RCPT TO:<{letter.recipient}>"
        if self.size:
            mail += f" SIZE={letter.size}"
        if letter.needs_utf8:
            mail += " SMTPUTF8"
        if self.dsn:
            mail += f" RET=HDRS ENVID={xtext(letter.envelope_id)}" if letter.envelope_id else " RET=HDRS"
            rcpt += " NOTIFY=FAILURE,DELAY"
            if not letter.needs_utf8:
                rcpt += f" ORCPT=rfc822;{xtext(letter.recipient)}"
        return mail.encode() + b"\r\n", rcpt.encode() + b"\r\n", b"DATA\r\n"

    def obstacle(self, letter: Letter) -> str:
        """Why the server can't take the letter, which then is not offered to it; "" if nothing is in the way."""
        if letter.size > LARGEST:
            return f"larger than a notice can be: {letter.size} bytes"
        if self.largest and letter.size > self.largest:
            return f"too large for the mail server: {letter.size} bytes, {self.largest} allowed"
        if letter.needs_utf8 and not self.utf8:
            return "the mail server takes no address with other letters than a to z (SMTPUTF8)"
        return ""


def letter_of(mail: EmailMessage, recipient: str) -> Letter:
    """The mail for this address, from its own sender. Raises domain.refusals.Invalid("mail-address")."""
    content = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
    sender = mail["From"].addresses[0].addr_spec
    return Letter(0, sender, wire_form(recipient), stuffed(content) + ENDS, len(content))


def xtext(text: str) -> str:
    """ASCII text as it may stand in a parameter (RFC 3461 §4)."""
    return _NOT_XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", text) if _NOT_XTEXT.search(text) else text
