"""One mail for many readers: written once, and filled in for each with what is theirs.

To build and flatten a MIME message costs a thousand times more than to copy it. What differs between two
readers of the same fact, language and audience are six headers and the token by which they leave.
So the mail is written for a stand-in, taken apart where those stand, and put together for each reader; byte for
byte it is what would have been written for that reader alone.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime, timedelta
from gettext import NullTranslations
from itertools import pairwise

from domain.delivery import Notice
from domain.incident import Incident
from notifiers.email.headers import folded
from notifiers.email.message import own_headers, render
from notifiers.email.outgoing import ENDS, OutgoingMail, stuffed
from notifiers.email.settings import MailSettings

KEPT = 64
"""Mails kept taken apart; a round rarely needs more than one for each language and audience."""

_SOFT_BREAK = r"(?:=\r\n)?"
_PLAIN_TOKEN = re.compile(r"[a-z0-9-]{12,60}")
"""A token that quoted-printable, URLs and HTML all leave as it is, too long to be met with by chance."""


class Mailing:
    """Parcels for everybody who is told. `words_for` gives a language's translations."""

    def __init__(self, settings: MailSettings, words_for: Callable[[str], NullTranslations]) -> None:
        self._settings = settings
        self._words_for = words_for
        self._kept: OrderedDict[Hashable, _Parts] = OrderedDict()

    def mail(self, notice: Notice, now: datetime, not_after: float) -> OutgoingMail:
        """The mail that tells this subscriber, as of `now` (aware), in the subscriber's language.

        Raises as notifiers.email.message.render does.
        """
        own = own_headers(notice, self._settings, now)
        data, size = self._content(notice, own, now)
        return OutgoingMail(
            delivery=notice.delivery,
            sender=self._settings.envelope_sender(notice.delivery),
            recipient=own["To"],
            data=data,
            size=size,
            envelope_id=notice.message_id.strip("<>").rpartition("@")[0][:100],
            not_after=not_after,
        )

    def _content(self, notice: Notice, own: dict[str, str], now: datetime) -> tuple[bytes, int]:
        """The mail as it goes over the connection, and its own size."""
        token = notice.way_out
        if not _PLAIN_TOKEN.fullmatch(token):
            content = self._render(notice, now)
            return stuffed(content) + ENDS, len(content)
        key = _alike(notice, own)
        parts = self._kept.get(key)
        if parts is None or not parts.fits(notice, now):
            parts = _Parts(notice, secrets.token_hex(30)[: len(token)], self._render, now)
            self._kept[key] = parts
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return parts.filled(own, token)

    def _render(self, notice: Notice, now: datetime) -> bytes:
        return render(notice, self._settings, self._words_for(notice.subscriber.language), now).as_bytes()


def _alike(notice: Notice, own: dict[str, str]) -> Hashable:
    """What two notices must have in common to be told in the same words; the facts themselves and the moment are
    compared too."""
    subscriber = notice.subscriber
    return (
        notice.incident.number,
        notice.recorded.entry,
        subscriber.language,
        subscriber.audience,
        len(notice.way_out),
        own["To"].isascii(),
        notice.summary,
        tuple([recorded.entry for recorded in notice.also]),
        tuple([recorded.entry for recorded in notice.replaces]),
    )


def _reads_so_until(incident: Incident, now: datetime) -> datetime:
    """Until when a mail of this incident reads as it does `now` (both aware): how it stands is told to the minute, and
    turns at these moments."""
    turns = [
        now.replace(second=0, microsecond=0) + timedelta(minutes=1),
        incident.prognosis and incident.prognosis.restored_by,
        incident.deferral and incident.deferral.until,
        incident.routine_due_at,
    ]
    return now + now.resolution if now in turns else min(at for at in turns if at and at > now)


def _facts(notice: Notice) -> tuple[object, ...]:
    return notice.recorded, notice.also, notice.replaces, notice.earlier


class _Parts:
    """A mail taken apart at what is the reader's own."""

    def __init__(
        self, notice: Notice, stand_in: str, write: Callable[[Notice, datetime], bytes], now: datetime
    ) -> None:
        self._since, self._until = now, _reads_so_until(notice.incident, now)
        self._facts = _facts(notice)
        self._verdicts = notice.verdicts
        self._incident: Incident = notice.incident
        wire = write(replace(notice, way_out=stand_in), now)
        head, end, body = wire.partition(b"\r\n\r\n")
        self._fixed: list[bytes] = [b""]
        self._own: list[str | slice] = []
        for number, header in enumerate(re.split(rb"\r\n(?![ \t])", head)):
            name = header.partition(b":")[0].decode()
            self._add_fixed(b"\r\n" if number else b"")
            if name in _OWN_HEADERS:
                self._add_own(name)
            else:
                self._take_apart(header, stand_in)
        self._add_fixed(end)
        self._take_apart(body, stand_in)
        # No reader's own part begins with a dot or ends a line, so dots are doubled here once for all.
        doubled = [fixed.replace(b"\n.", b"\n..") for fixed in self._fixed]
        self._added = sum(map(len, doubled)) - sum(map(len, self._fixed)) + len(ENDS)
        doubled[-1] += ENDS
        self._text = [part for fixed in doubled for part in (fixed.decode(), "")]

    def fits(self, notice: Notice, now: datetime) -> bool:
        """Whether it tells the same facts of the same incident, and still (`now` is aware)."""
        same_incident = self._incident is notice.incident or self._incident == notice.incident
        same_duties = self._verdicts is notice.verdicts or self._verdicts == notice.verdicts
        is_now = self._since <= now < self._until
        return is_now and same_incident and same_duties and self._facts == _facts(notice)

    def filled(self, own: dict[str, str], token: str) -> tuple[bytes, int]:
        self._text[1:-1:2] = [
            folded(which, own[which]) if isinstance(which, str) else token[which] for which in self._own
        ]
        data = "".join(self._text).encode()
        return data, len(data) - self._added

    def _take_apart(self, text: bytes, stand_in: str) -> None:
        """Cut the stand-in out wherever it is, also where a soft line break of quoted-printable divides it."""
        after = 0
        divided = "".join(rf"{re.escape(character)}({_SOFT_BREAK})" for character in stand_in[:-1])
        for found in re.finditer((divided + re.escape(stand_in[-1])).encode(), text):
            self._add_fixed(text[after : found.start()])
            cuts = [0, *(place for place, soft_break in enumerate(found.groups(), 1) if soft_break), len(stand_in)]
            for begin, end in pairwise(cuts):
                if begin:
                    self._add_fixed(b"=\r\n")
                self._add_own(slice(begin, end))
            after = found.end()
        self._add_fixed(text[after:])

    def _add_fixed(self, text: bytes) -> None:
        self._fixed[-1] += text

    def _add_own(self, which: str | slice) -> None:
        self._own.append(which)
        self._fixed.append(b"")


_OWN_HEADERS = ("To", "Date", "Message-ID", "In-Reply-To", "References", "Thread-Index")
