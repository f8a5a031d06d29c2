"""A mail with its envelope: what SMTP is told about it before its content is handed over."""

import math
import re
from dataclasses import dataclass

LARGEST = 1_000_000
"""Bytes of a mail. The largest possible notice is far smaller; whatever is not has gone wrong."""

ENDS = b".\r\n"
"""The final dot."""

_NOT_XTEXT = re.compile(r"[^!-*,-<>-~]")
_LINE_BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True, eq=False)
class OutgoingMail:
    """One mail to one address. `recipient` is in wire form.

    `data` is the mail as it goes over the connection, up to and with the final dot; `size` is how many bytes it has
    itself. `envelope_id` names the mail in reports of what became of it (RFC 3461 §4.4), "" if there is none.
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

    def envelope(self, mail: OutgoingMail) -> tuple[bytes, bytes, bytes]:
        """The commands that announce the mail."""
        sender, recipient, needs_utf8 = f"MAIL FROM:<{mail.sender}>", f"RCPT TO:<{mail.recipient}>", mail.needs_utf8
        if self.size:
            sender += f" SIZE={mail.size}"
        if needs_utf8:
            sender += " SMTPUTF8"
        if self.dsn:
            sender += f" RET=HDRS ENVID={xtext(mail.envelope_id)}" if mail.envelope_id else " RET=HDRS"
            recipient += " NOTIFY=FAILURE,DELAY"
            if not needs_utf8:
                recipient += f" ORCPT=rfc822;{xtext(mail.recipient)}"
        return sender.encode() + b"\r\n", recipient.encode() + b"\r\n", b"DATA\r\n"

    def obstacle(self, mail: OutgoingMail) -> str:
        """Why the server can't take the mail, which then is not offered to it; "" if nothing is in the way."""
        if mail.size > LARGEST:
            return f"larger than a notice can be: {mail.size} bytes"
        if self.largest and mail.size > self.largest:
            return f"too large for the mail server: {mail.size} bytes, {self.largest} allowed"
        if mail.needs_utf8 and not self.utf8:
            return "the mail server takes no address with other letters than a to z (SMTPUTF8)"
        return ""


def xtext(text: str) -> str:
    """ASCII text as it may stand in a parameter (RFC 3461 §4)."""
    return _NOT_XTEXT.sub(lambda character: f"+{ord(character[0]):02X}", text) if _NOT_XTEXT.search(text) else text
