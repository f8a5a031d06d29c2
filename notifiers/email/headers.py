"""How headers are folded: between words, and what machines read is never encoded.

The standard library encodes a Message-ID or a mailto address longer than a line as RFC 2047 words, which no
mail reader can then thread by or click on; and it moves a long subject to a line of its own, which some
readers show with a space before it.
"""

from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.policy import SMTP, Policy
from typing import Any, ClassVar, Literal

PREFERRED_LINE = 78
"""Characters on a line, where there is a space to fold at (RFC 5322 §2.1.1)."""

ENCODED_LINE = 76
"""Characters on a line that holds an encoded word (RFC 2047 §2)."""


class Verbatim(BaseHeader):
    """A structured header whose words are already in their wire form."""

    max_count: ClassVar[Literal[1] | None] = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any], /) -> None:
        """Raises ValueError unless every character is printable ASCII, so nothing can be slipped in."""
        if not (value.isascii() and value.isprintable()):
            raise ValueError("a header for machines is printable ASCII")
        kwds["parse_tree"], kwds["decoded"] = None, value

    def fold(self, *, policy: Policy) -> str:
        return folded(self.name, str(self)) + policy.linesep


class Recipient(Verbatim):
    """One address in wire form. Other letters than ASCII stay what they are: the mail is then one for SMTPUTF8."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any], /) -> None:
        """Raises ValueError if it is not printable."""
        if not value.isprintable():
            raise ValueError("an address is printable")
        kwds["parse_tree"], kwds["decoded"] = None, value


class Subject(BaseHeader):
    """What people read above a mail or a thread; encoded only where it is not ASCII (RFC 2047)."""

    max_count: ClassVar[Literal[1] | None] = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any], /) -> None:
        UniqueUnstructuredHeader.parse(value, kwds)

    def fold(self, *, policy: Policy) -> str:
        """The older encoder, because the newer one loses the space where it breaks between two encoded words."""
        if self.isascii():
            return folded(self.name, str(self)) + policy.linesep
        encoded = Header(str(self), "utf-8", ENCODED_LINE, self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {encoded}{policy.linesep}"


def folded(name: str, value: str) -> str:
    """The header's lines, parted by CRLF and folded between words; without the line end of the last."""
    if len(name) + 2 + len(value) <= PREFERRED_LINE and "  " not in value:
        return f"{name}: {value}"
    lines = [f"{name}:"]
    for number, word in enumerate(value.split()):
        if number and len(lines[-1]) + 1 + len(word) > PREFERRED_LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in (
        "message-id",
        "in-reply-to",
        "references",
        "thread-index",
        "list-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "list-help",
        "list-owner",
        "list-post",
        "list-archive",
        "x-reservrutin-checkpoint",
        "x-reservrutin-checkpoint-date",
    ):
        registry.map_to_type(name, Verbatim)
    registry.map_to_type("date", Verbatim)
    registry.map_to_type("to", Recipient)
    for name in ("subject", "thread-topic"):
        registry.map_to_type(name, Subject)
    return registry


MAIL = SMTP.clone(header_factory=_registry())
"""The policy of every mail we write: CRLF, people's words RFC 2047-encoded, machines' words verbatim."""

MAIL_UTF8 = MAIL.clone(utf8=True)
"""The same for an address that only SMTPUTF8 can carry (RFC 6532)."""
