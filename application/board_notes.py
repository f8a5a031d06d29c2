"""What is said below the board, in any face: a clock that is off, a read model that stopped, mail that waits."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from wording import times
from wording.sentences import told
from wording.words import Texts, Words

if TYPE_CHECKING:
    from infrastructure.log.pulse import ClockOff
    from infrastructure.outbox.figures import Waiting
    from infrastructure.read_models.catch_up import Broken


def clock_note(off: "ClockOff", words: Words) -> str:
    return told(off.reason, words, span=times.span(off.by))


def broken_note(broken: "Broken", words: Words) -> str:
    """A read model that could not follow the log is named to whoever reads next."""
    return told("projection", words, **broken._asdict())


def mail_notes(mail: "Waiting", texts: Texts, now: datetime) -> Iterator[str]:
    """What has not been taken by the mail server, and what is to be done about it; `now` is aware."""
    _, ngettext = texts.gettext, texts.ngettext
    if mail.deliveries and mail.since:
        waits = ngettext("{count} mail waits since {time}.", "{count} mails wait since {time}.", mail.deliveries)
        late = ngettext(
            "Late: {count} mail waits since {time}. reservrutin deliveries says why.",
            "Late: {count} mails wait, the oldest since {time}. reservrutin deliveries says why.",
            mail.deliveries,
        )
        since = datetime.fromisoformat(mail.since)
        words = late if mail.is_late(now) else waits
        yield words.format(count=mail.deliveries, time=times.clock(since, now))
    elif mail.facts:
        words = ngettext(
            "{count} fact has not been told yet: is reservrutin worker running?",
            "{count} facts have not been told yet: is reservrutin worker running?",
            mail.facts,
        )
        yield words.format(count=mail.facts)
    if mail.refused:
        words = ngettext(
            "{count} mail was refused: reservrutin deliveries says why.",
            "{count} mails were refused: reservrutin deliveries says why.",
            mail.refused,
        )
        yield words.format(count=mail.refused)
    if mail.held:
        words = ngettext(
            "The mail server refuses our mail, and not because of its readers: {count} mail waits. "
            "Ask whoever runs the mail server.",
            "The mail server refuses our mail, and not because of its readers: {count} mails wait. "
            "Ask whoever runs the mail server.",
            mail.held,
        )
        yield words.format(count=mail.held)
    elif mail.policy:
        yield _("The mail server refuses our mail as a matter of policy: ask whoever runs the mail server.")
    if mail.suspended:
        words = ngettext(
            "{count} subscriber is suspended: reservrutin subscriber list says who.",
            "{count} subscribers are suspended: reservrutin subscriber list says who.",
            mail.suspended,
        )
        yield words.format(count=mail.suspended)
