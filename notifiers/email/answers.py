"""How one attempt to deliver a notice ended. Pure: no clock, no network."""

import re

from domain.delivery import DeliveryState, Fault, Outcome
from notifiers.channel import Unreachable

LONGEST_REPLY = 500
"""Characters kept of what a mail server says."""

_ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")
_MAILBOX_FULL, _TOO_MANY_RECIPIENTS = "2.2", "5.3"
_NOT_THE_RECIPIENT = ("1.7", "1.8")
_STORAGE_EXCEEDED = 552


def answered(code: int | None, reply: str, *, after_final_dot: bool) -> Outcome:
    """Sort what the mail server answered (RFC 5321 §4.2.1, RFC 3463); `code` is None where it fell silent.

    4yz is deferred and 5yz refused, wherever in the transaction it comes. Where code and enhanced code disagree
    the milder one holds, because to try once more costs less than to tell somebody nothing. So does a mailbox
    that is full (5.2.2) and a server that has too many recipients (552, RFC 5321 §4.5.3.1.10), although they are
    called permanent. Only the reply to the final dot can mean sent. Anything else, silence included, is deferred
    before the final dot and ambiguous after it: then the server may have taken responsibility for the mail
    without our hearing of it (RFC 5321 §4.5.3.2.6).
    """
    answer = one_line(reply)
    enhanced = enhanced_code(answer)
    kind = (code or 0) // 100
    if kind == 4 or (kind == 5 and _worth_another_try(code, enhanced)):
        return Outcome(DeliveryState.DEFERRED, code, answer, enhanced)
    if kind == 5:
        return Outcome(DeliveryState.REFUSED, code, answer, enhanced, _fault(enhanced))
    if kind == 2 and after_final_dot:
        return Outcome(DeliveryState.SENT, code, answer, enhanced)
    return Outcome(DeliveryState.AMBIGUOUS if after_final_dot else DeliveryState.DEFERRED, code, answer, enhanced)


def enhanced_code(reply: str) -> str:
    """The enhanced status code that a reply begins with (RFC 2034), "" where there is none."""
    match = _ENHANCED.match(reply)
    return match[0] if match else ""


def unreachable(code: int | None, reply: str) -> Unreachable:
    """The mail server takes no mail just now; `reply` is one line. No mail that was not offered to it is refused."""
    answer = answered(code, reply, after_final_dot=False)
    return Unreachable("mail-server", Outcome(DeliveryState.DEFERRED, code, reply, enhanced_code(reply), answer.fault))


def _worth_another_try(code: int | None, enhanced: str) -> bool:
    kind, _, detail = enhanced.partition(".")
    if not enhanced:
        return code == _STORAGE_EXCEEDED
    return kind == "4" or detail in (_MAILBOX_FULL, _TOO_MANY_RECIPIENTS)


def _fault(enhanced: str) -> Fault | None:
    """5.1.x is the recipient's address, but for 5.1.7 and 5.1.8, which are ours; 5.7.x is the server's policy."""
    kind, _, detail = enhanced.partition(".")
    if kind != "5":
        return None
    if detail.startswith("7.") or detail in _NOT_THE_RECIPIENT:
        return Fault.POLICY
    return Fault.ADDRESS if detail.startswith("1.") else None


def one_line(reply: str) -> str:
    """A server's reply as one printable line that any database can store."""
    if reply.isprintable():
        return " ".join(reply.split())[:LONGEST_REPLY]
    clean = reply.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in clean).split())[:LONGEST_REPLY]
