"""How one attempt to deliver a notice ended. Pure: no clock, no network."""

import re

from domain.delivery import DeliveryState, Outcome
from domain.faults import blamed
from notifiers.channel import Unreachable

LONGEST_REPLY = 500
"""Characters kept of what a mail server says."""

_ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")


def answered(code: int | None, reply: str, *, after_final_dot: bool) -> Outcome:
    """Sort what the mail server answered (RFC 5321 §4.2.1, RFC 3463); `code` is None where it fell silent.

    4yz is deferred and 5yz refused, wherever in the transaction it comes. Where code and enhanced code disagree
    the milder one holds, because to try once more costs less than to tell somebody nothing. What passes although it
    is called permanent, and whose fault a refusal is, one table says (domain.faults). Only the reply to the final dot
    can mean sent. Anything else, silence included, is deferred before the final dot and ambiguous after it: then the
    server may have taken responsibility for the mail without our hearing of it (RFC 5321 §4.5.3.2.6).
    """
    answer = one_line(reply)
    enhanced = enhanced_code(answer)
    kind = (code or 0) // 100
    if kind == 5 and not (blame := blamed(code, enhanced, answer)).passes:
        return Outcome(DeliveryState.REFUSED, code, answer, enhanced, blame.fault)
    if kind in (4, 5):
        return Outcome(DeliveryState.DEFERRED, code, answer, enhanced)
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


def one_line(reply: str) -> str:
    """A server's reply as one printable line that any database can store."""
    if reply.isprintable():
        return " ".join(reply.split())[:LONGEST_REPLY]
    clean = reply.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in clean).split())[:LONGEST_REPLY]
