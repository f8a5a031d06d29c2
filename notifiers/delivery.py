"""How one attempt to deliver a notice ended, and when to try again. Pure: no clock, no network."""

import re
from datetime import datetime, timedelta

from domain.delivery import DeliveryState, Outcome

RETRY_AFTER = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
)
"""The wait after the first, the second … failed attempt; the last one is repeated.

RFC 5321 §4.5.4.1 suggests half an hour between attempts. A notice of an outage goes to our own relay and is
worth little in half an hour, so the first attempts come closer.
"""

AMBIGUOUS_WAIT = timedelta(minutes=5)
"""The shortest wait when it is unclear whether the mail arrived: a slow relay is given time to deliver it,
so that the copy, which carries the same Message-ID, is as rare as it can be (RFC 1047)."""

LONGEST_REPLY = 500
"""Characters kept of what a mail server says."""

_MAILBOX_FULL = re.compile(r"^5\.2\.2\b")


def answered(code: int | None, reply: str, *, after_final_dot: bool) -> Outcome:
    """Sort what the mail server answered by its code (RFC 5321 §4.2.1); `code` is None where it fell silent.

    4yz is deferred and 5yz refused, wherever in the transaction it comes; a full mailbox (5.2.2, RFC 3463) is
    tried again although servers call it permanent. Only the reply to the final dot can mean sent. Anything
    else, silence included, is deferred before the final dot and ambiguous after it: then the server may have
    taken responsibility for the mail without our hearing of it (RFC 5321 §4.5.3.2.6).
    """
    said = one_line(reply)
    kind = (code or 0) // 100
    if kind == 5 and not _MAILBOX_FULL.match(said):
        return Outcome(DeliveryState.REFUSED, code, said)
    if kind in (4, 5):
        return Outcome(DeliveryState.DEFERRED, code, said)
    if kind == 2 and after_final_dot:
        return Outcome(DeliveryState.SENT, code, said)
    return Outcome(DeliveryState.AMBIGUOUS if after_final_dot else DeliveryState.DEFERRED, code, said)


def next_try(attempt: int, now: datetime, state: DeliveryState = DeliveryState.DEFERRED) -> datetime:
    """When to try again after the `attempt`-th attempt, counted from 1, failed at `now` (aware).

    An ambiguous attempt waits at least `AMBIGUOUS_WAIT`.
    """
    wait = RETRY_AFTER[min(max(attempt, 1), len(RETRY_AFTER)) - 1]
    return now + (max(wait, AMBIGUOUS_WAIT) if state is DeliveryState.AMBIGUOUS else wait)


def one_line(reply: str) -> str:
    """A server's reply as one printable line that any database can store."""
    clean = reply.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in clean).split())[:LONGEST_REPLY]
