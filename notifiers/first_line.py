"""The line beside the subject in a list of mails: what else matters to this reader, at a glance."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from domain import facts as f
from domain.audience import acting
from domain.delivery import Notice
from domain.vocabulary import Audience
from wording.facts import initial, listed
from wording.times import spoken
from wording.verdicts import SHORT
from wording.words import Words


def first_line(notice: Notice, words: Words, now: datetime) -> str:
    """Facts at a glance; "" where what is asked says it best."""
    _, recorded = words.gettext, notice.recorded
    if notice.summary:
        if notice.subscriber.audience is not Audience.PUBLIC:
            return _("You have just subscribed. This is how the open outage stands.")
        since = spoken(recorded.occurred_at, words, now, now)
        return _("You have just subscribed. This has applied since {time}.").format(time=since)
    if notice.subscriber.audience is Audience.PUBLIC:
        return ""
    if notice.subscriber.audience is Audience.COMPLIANCE:
        return _verdicts(notice, words) if isinstance(recorded.fact, f.IncidentClosed) else recorded.deviation
    return " ".join(_facts(notice, words, now))


def _facts(notice: Notice, words: Words, now: datetime) -> Iterator[str]:
    _, incident, fact = words.gettext, notice.incident, notice.recorded.fact
    at = partial(spoken, words=words, now=now, beside=now)
    rewriting = notice.rewriting(notice.recorded)
    match rewriting.about.fact if rewriting else fact:
        case f.OutageDetected() | f.ScopeReclassified() if incident.scope and incident.down:
            yield f"{initial(words.name(incident.scope))}."
            prognosis = incident.prognosis_at(now)
            yield (
                _("Expected back {time}.").format(time=at(prognosis.restored_by)) if prognosis else _("No prognosis.")
            )
            yield from _routine(notice, words, now)
        case f.PrognosisReceived(source=source) if not rewriting:
            if earlier := [told.fact for told in notice.earlier if isinstance(told.fact, f.PrognosisReceived)]:
                yield _("Replaces {time}.").format(time=at(earlier[-1].restored_by))
            if source:
                yield _("According to {source}.").format(source=source)
        case f.InstructionReceived(source=source) if source and not rewriting:
            yield _("According to {source}.").format(source=source)
        case f.PrognosisWithdrawn() | f.PrognosisReceived():
            yield from _routine(notice, words, now)
        case f.OperatingInformationPublished(channels=channels) if not rewriting:
            yield _("Shown on {channels}.").format(channels=listed(words, channels))
        case f.ServiceRestored() if not rewriting:
            yield from (
                _routine(notice, words, now) if incident.down or incident.active else _was_down(notice, words, now)
            )
        case f.IncidentClosed() if not rewriting:
            yield from _was_down(notice, words, now)
            if incident.received:
                yield paper_balance(notice, words)
        case f.DeadlinePassed(duty=duty_id, due_at=due_at) if duty := incident.routine.duty(duty_id):
            if notice.subscriber.audience not in acting(duty, incident.routine):
                yield _("It was to be done {time}.").format(time=at(due_at))


def _routine(notice: Notice, words: Words, now: datetime) -> Iterator[str]:
    _, incident = words.gettext, notice.incident
    due_at = incident.routine_still_due_at
    if incident.active:
        yield _("The reserve routine still applies.")
    elif incident.waits_for_instruction:
        yield _("An instruction is awaited.")
    elif due_at and due_at > now:
        yield _("Reserve routine {time} at the earliest.").format(time=spoken(due_at, words, now, now))


def _was_down(notice: Notice, words: Words, now: datetime) -> Iterator[str]:
    """From when to when the latest outage lasted."""
    began_at, restored_at = notice.began_at, notice.incident.restored_at
    if began_at and restored_at:
        yield words.gettext("Down {began}–{ended}.").format(
            began=spoken(began_at, words, now, restored_at), ended=spoken(restored_at, words, now, restored_at)
        )


def paper_balance(notice: Notice, words: Words) -> str:
    """How it went with the paper that came."""
    _, incident = words.gettext, notice.incident
    count = words.ngettext("{count} paper referral", "{count} paper referrals", incident.received)
    parts = (
        (incident.entered, words.ngettext("{count} entered", "{count} entered", incident.entered)),
        (incident.set_aside, words.ngettext("{count} set aside", "{count} set aside", incident.set_aside)),
        (len(incident.outstanding), words.ngettext("{count} to enter", "{count} to enter", len(incident.outstanding))),
    )
    said = ", ".join(form.format(count=number) for number, form in parts if number)
    return f"{count.format(count=incident.received)}: {said}."


def _verdicts(notice: Notice, words: Words) -> str:
    """How many duties fared how."""
    counts = Counter(verdict.word for verdict in notice.verdicts)
    said = [f"{words.gettext(SHORT[word])} {count}" for word, count in counts.most_common()]
    return words.gettext("Duties: {counts}.").format(counts=", ".join(said)) if said else ""
