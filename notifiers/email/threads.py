"""What holds an incident's mails together, by References (RFC 5322) and by Outlook's conversation (MS-OXOMSG 2.2.1.3).

To Outlook and Exchange a thread is what has one Thread-Topic and one beginning of its Thread-Index; without these they
go by the subject, which is another in each of our mails. All of it is made of the log's id, the incident's number and
the sender, so it is the same in every mail and tells the public nothing that has not been published.
"""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import NAMESPACE_URL, uuid5

from notifiers.email.settings import MailSettings

FILETIME_BEGAN = datetime(1601, 1, 1, tzinfo=UTC)
"""From which a FILETIME counts tenths of a microsecond."""

NAMED_BY = 16
"""Characters of the log's id in the name of a thread: enough that no two logs share it."""


def thread_root(incident: str, settings: MailSettings) -> str:
    """The name of a mail that is never sent, which all mails of the incident answer.

    It keeps the thread together also for those who subscribed late. It is the log's own: two logs that have one sender,
    a training log beside the real one, have an incident of the same number each.
    """
    named = ".".join(word for word in ("incident", incident, settings.log[:NAMED_BY]) if word)
    return f"<{named}@{settings.domain}>"


def thread_topic(incident: str, settings: MailSettings) -> str:
    """What Outlook shows above the thread: from whom it is, and which incident."""
    name, _address = settings.sender
    return f"{name} {incident}".strip()


def thread_index(incident: str, settings: MailSettings, answered_at: datetime | None) -> str:
    """The incident's 22 octets: a FILETIME's upper six and a GUID. An answer has five more, by when it was written
    (`answered_at`, aware); the first mail has none.

    The FILETIME is the beginning of the number's year: when the incident began may be unpublished.
    """
    return _index(incident, settings.log, answered_at)


@lru_cache(maxsize=4)
def _index(incident: str, log: str, answered_at: datetime | None) -> str:
    """The same for all whose mail was claimed together. Of what is over a worker remembers nothing: so the latest
    alone."""
    began = datetime(int(incident[:4]), 1, 1, tzinfo=UTC)
    beginning = (_filetime(began) >> 16).to_bytes(6) + uuid5(NAMESPACE_URL, f"{log} {incident}").bytes
    return b64encode(beginning + (_answer(answered_at - began) if answered_at else b"")).decode()


def _answer(after: timedelta) -> bytes:
    """A bit for the unit, 31 for the time since the thread began, and an octet for what is random and not needed."""
    elapsed = max(after, timedelta(0)) // timedelta(microseconds=1) * 10
    is_long = elapsed >> 49 > 0  # more than 1.7 years: in larger units
    block = is_long << 31 | elapsed >> (23 if is_long else 18)
    return (block << 8).to_bytes(5)


def _filetime(at: datetime) -> int:
    return (at - FILETIME_BEGAN) // timedelta(microseconds=1) * 10
