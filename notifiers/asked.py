"""What a notice asks of its reader: "what to do now", the first thing that it says.

What the routine's sentences ask by each fact, then the duties that these people have to do just now, their own alone
(Q18): nobody is asked for what is done, or no longer true.
"""

from collections.abc import Iterator
from datetime import datetime

from domain import facts as f
from domain.audience import acting, telling
from domain.delivery import Notice
from domain.fact import Recorded
from domain.incident import Incident
from domain.routine import Duty, Wording
from domain.verdict import Verdict
from domain.vocabulary import Audience
from domain.whose_turn import to_be_done
from notifiers.published import named, published
from wording.facts import initial, listed
from wording.rewritings import no_longer_counts
from wording.times import spoken
from wording.words import Words

MOST = 4
"""More duties than these are told by how many they are."""


def asked(notice: Notice, words: Words, now: datetime) -> tuple[str, ...]:
    """What these people are to do now, one thing each; never empty."""
    _, audience = words.gettext, notice.subscriber.audience
    first = " ".join([*_disregarded(notice, words), *_said(notice, words)])
    things = [first] if first else []
    if audience is Audience.PUBLIC:
        return tuple(things) or (_read(notice, words),)
    if audience is Audience.COMPLIANCE and isinstance(notice.recorded.fact, f.IncidentClosed):
        things.append(_("Review it: reservrutin review {incident}").format(incident=notice.incident.number))
    return (*things, *_to_do(notice, words, now)) or (_("Nothing just now."),)


def own_duties(notice: Notice, now: datetime) -> list[Verdict]:
    """The duties that this reader has to do, or to refrain from: first those that the notice is about, then the most
    urgent."""
    routine, audience = notice.incident.routine, notice.subscriber.audience
    own = [verdict for verdict in notice.verdicts if audience in acting(verdict.duty, routine)]
    return sorted(to_be_done(own, now), key=lambda verdict: not _is_about(notice, verdict.duty))


def _is_about(notice: Notice, duty: Duty) -> bool:
    """Whether a fact of the notice tells of the duty's time, or started it."""
    return any(
        recorded.fact.duty == duty.id
        if isinstance(recorded.fact, f.DeadlineApproaching | f.DeadlinePassed)
        else any(pattern.matches(recorded.fact) for pattern in duty.starts)
        for recorded in _facts(notice)
    )


def begun_by(recorded: Recorded, notice: Notice, now: datetime) -> Duty | None:
    """The duty of this reader that the fact started, and that is still to be done."""
    started = (
        verdict.duty
        for verdict in own_duties(notice, now)
        if any(pattern.matches(recorded.fact) for pattern in verdict.duty.starts)
    )
    return next(started, None)


def text_to_publish(notice: Notice) -> str:
    """The text that somebody has asked this reader to publish, "" where nobody has or it has been done since."""
    if notice.incident.publication_asked_at is None:
        return ""
    return next(
        (
            recorded.fact.text
            for recorded in reversed(_facts(notice))
            if isinstance(recorded.fact, f.OperatingInformationRequested) and _says(notice, recorded)
        ),
        "",
    )


def _facts(notice: Notice) -> list[Recorded]:
    return [notice.recorded, *notice.also]


def _read(notice: Notice, words: Words) -> str:
    """What the public does where no sentence of the routine says it."""
    _, rewriting = words.gettext, notice.rewriting(notice.recorded)
    if published(notice, notice.recorded) is None:
        return _("Nothing just now.")
    return _("Read what has been corrected, below.") if rewriting else _("Read what has been published, below.")


def _disregarded(notice: Notice, words: Words) -> Iterator[str]:
    rewriting = notice.rewriting(notice.recorded)
    if rewriting and no_longer_counts(rewriting):
        yield words.gettext("Disregard what you were told of it.")


def _said(notice: Notice, words: Words) -> Iterator[str]:
    """The routine's sentences, each once (SR-094 to SR-098)."""
    incident, about = notice.incident, notice.incident.down or notice.incident.systems
    if notice.subscriber.audience is Audience.PUBLIC and (publication := published(notice, notice.recorded)):
        about = named(publication, incident, words)
    systems = listed(words, about) or words.gettext("the systems")
    wordings = [wording for recorded in _facts(notice) for wording in _says(notice, recorded)]
    if notice.summary and incident.active:
        wordings += _says(notice, notice.recorded._replace(fact=f.ReserveRoutineActivated()))
    for wording in dict.fromkeys(wordings):
        yield wording.in_(words.language).replace("{systems}", systems)


def _says(notice: Notice, recorded: Recorded) -> tuple[Wording, ...]:
    """What the routine asks; by a correction only where another thing is asked once it is corrected."""
    audience, routine, rewriting = notice.subscriber.audience, notice.incident.routine, notice.rewriting(recorded)
    if isinstance(recorded.fact, f.OperatingInformationRequested) and notice.incident.publication_asked_at is None:
        return ()
    stands, stood = (rewriting.after, rewriting.before) if rewriting else (recorded, None)
    asks = telling(audience, stands, routine) if stands else None
    before = telling(audience, stood, routine) if stood else None
    if asks is None or asks is before:
        return ()
    return (*asks.says, *(asks.after_paper if _came_to_paper(notice) else ()))


def _came_to_paper(notice: Notice) -> bool:
    """Whether it has been published that the reserve routine applies."""
    return any(
        isinstance(recorded.fact, f.OperatingInformationPublished) and recorded.fact.reserve_routine_applies
        for recorded in notice.earlier
    )


def _to_do(notice: Notice, words: Words, now: datetime) -> Iterator[str]:
    """This reader's duties, and which paper the duty to enter it is about."""
    duties, incident, audience = own_duties(notice, now), notice.incident, notice.subscriber.audience
    entering = next((verdict for verdict in duties if verdict.duty.done_when_over == "paper-outstanding"), None)
    over = any(isinstance(told.fact, f.ServiceRestored | f.ReserveRoutineDeactivated) for told in _facts(notice))
    if audience is Audience.PARTNER and incident.outstanding and (entering or over):
        yield " ".join(_to_enter(incident, entering, words, now))
        duties = [verdict for verdict in duties if verdict is not entering]
    several = len(incident.routine.audiences[audience].functions) > 1
    yield from (_duty(verdict, words, now, several=several) for verdict in duties[:MOST])
    if len(duties) > MOST:
        count = len(duties) - MOST
        said = words.ngettext("And {count} more: reservrutin due", "And {count} more: reservrutin due", count)
        yield said.format(count=count)


def _to_enter(incident: Incident, entering: Verdict | None, words: Words, now: datetime) -> Iterator[str]:
    """SR-092: the referrals to enter by hand, once the system is running again."""
    _, count = words.gettext, len(incident.outstanding)
    yield words.ngettext(
        "{count} paper referral is to be entered by hand: {serials}.",
        "{count} paper referrals are to be entered by hand: {serials}.",
        count,
    ).format(count=count, serials=", ".join(incident.outstanding))
    if entering and entering.due_at:
        yield f"{initial(_when(entering, entering.due_at, words, now))}."
    if incident.paper_waits_for:
        yield _("Still down: {systems}. Referrals are entered only in a system that is running again.").format(
            systems=listed(words, incident.paper_waits_for)
        )


def _duty(verdict: Verdict, words: Words, now: datetime, *, several: bool) -> str:
    """What is to be done, by whom where it may be one of several, and by when."""
    said = verdict.duty.text.in_(words.language) + (f" – {words.name(verdict.duty.who)}" if several else "")
    return f"{said}, {_when(verdict, verdict.due_at, words, now)}." if verdict.due_at else f"{said}."


def _when(verdict: Verdict, due_at: datetime, words: Words, now: datetime) -> str:
    """By when it is or was to be done; as the board says it at that moment (Q22)."""
    _ = words.gettext
    if verdict.overdue_at is not None and verdict.overdue_at <= now:
        said = _("was to be done {time}")
    else:
        said = _("by {time} at the latest") if now < due_at else _("due now, since {time}")
    return said.format(time=spoken(due_at, words, now, now))
