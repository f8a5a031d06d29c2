"""What a reader sees in the list of mails: the subject, which the mail's headline says in full.

The state comes first, then what it means to this reader, in sixty characters at most. Threads hang on headers alone, so
the incident's number in front is no longer than people type it, and stands only where somebody may have two at once.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from domain import facts as f
from domain.audience import acting, telling
from domain.delivery import Notice
from domain.fact import Recorded
from domain.incident import Incident
from domain.routine import Duty
from domain.staleness import goes_at_once
from domain.vocabulary import Audience, Scope, System
from notifiers.asked import begun_by, text_to_publish
from notifiers.published import Forms, public_forms, what_was_published
from wording.facts import headline, initial, listed, running
from wording.rewritings import rewritten_headline, what_is_corrected
from wording.times import day_of, spoken
from wording.words import Words

LONGEST = 60
"""Characters of a subject; most lists of mails show as many, a telephone the first forty."""


SYSTEMS = "{systems}"
"""Left in what is said, for as many systems as there is room to name."""


def headline_and_subject(notice: Notice, words: Words, now: datetime) -> tuple[str, str]:
    """The headline in full, and the subject that it makes; never a word that people wrote freely."""
    _, public = words.gettext, notice.subscriber.audience is Audience.PUBLIC
    forms, systems = public_forms(notice, words, now) if public else _forms(notice, words, now)
    if notice.summary:
        forms = [_("Now: {what}").format(what=running(form).replace(": ", " – ", 1)) for form in forms]
    clocked = notice.recorded.fact.clocks or notice.summary
    late = " (" + _("recorded afterwards") + ")" if is_late(notice, notice.recorded) and not clocked else ""
    prefix = "" if public else f"[{int(notice.incident.number.rpartition('-')[2])}] "
    full = forms[0].replace(SYSTEMS, listed(words, systems))
    return initial(full + late), prefix + initial(_fitting(forms, systems, words, LONGEST - len(prefix), late))


def is_late(notice: Notice, recorded: Recorded) -> bool:
    """Such a fact is told as recorded afterwards, never as if it were new."""
    return recorded.recorded_at - recorded.occurred_at > notice.incident.routine.recorded_within


def _fitting(forms: Iterable[str], systems: tuple[System, ...], words: Words, room: int, late: str) -> str:
    """The first that fits: shorter words and then fewer systems; the last is cut where a word ends."""
    said = ""
    for form in forms:
        for said in (f"{each}{late}" for each in _with_systems(form, systems, words)):
            if len(said) <= room:
                return said
    body = said.removesuffix(late)[: room - len(late) - 1]
    return body.rpartition(" ")[0] + "…" + late


def _with_systems(form: str, systems: tuple[System, ...], words: Words) -> Iterator[str]:
    if SYSTEMS not in form:
        yield form
        return
    yield form.replace(SYSTEMS, listed(words, systems))
    for count in range(len(systems) - 1, 0, -1):
        fewer = words.gettext("{systems} and more").format(systems=listed(words, systems[:count]))
        yield form.replace(SYSTEMS, fewer)


def _forms(notice: Notice, words: Words, now: datetime) -> Forms:
    """What those read who are told internal information, the fullest first."""
    incident, recorded = notice.incident, notice.recorded
    if notice.summary:
        return _as_it_stands(incident, words, now), incident.down or incident.systems
    if rewriting := notice.rewriting(recorded):
        _, changed = words.gettext, what_is_corrected(rewriting, words, now)
        said = rewritten_headline(rewriting, words)
        return ([_("Corrected: {what}").format(what=running(changed))] if changed else []) + [said], ()
    if notice.subscriber.audience is Audience.COMPLIANCE:
        return _to_review(notice, words), ()
    first = next(((told, told.fact) for told in notice.also if isinstance(told.fact, f.OutageDetected)), None)
    if first and isinstance(recorded.fact, _LESS_THAN_AN_OUTAGE) and not goes_at_once(recorded.fact):
        return _began(*first, recorded, words, now)
    return _of(notice, recorded, words, now)


_LESS_THAN_AN_OUTAGE = (
    f.PrognosisReceived,
    f.PrognosisWithdrawn,
    f.InstructionReceived,
    f.OperatingInformationPublished,
)
"""Told along with the outage, they matter less than that something is down."""


def _of(notice: Notice, recorded: Recorded, words: Words, now: datetime) -> Forms:
    _, at, incident = words.gettext, partial(spoken, words=words, now=now, beside=now), notice.incident
    day = day_of(incident.began_at or recorded.occurred_at, words)
    match recorded.fact:
        case f.OutageDetected() as outage:
            return _began(recorded, outage, recorded, words, now)
        case f.ScopeReclassified(scope=scope):
            return [_("Other scope: {scope}").format(scope=words.name(scope))], ()
        case f.PrognosisReceived(restored_by=moment):
            return [_("Expected back {time} (new prognosis)").format(time=at(moment))], ()
        case f.PrognosisWithdrawn():
            return [_("The prognosis no longer holds – no new time")], ()
        case f.InstructionReceived(orders=orders):
            return [_("Instruction: {orders}").format(orders=words.name(orders))], ()
        case f.ActivationDeferred(until=until):
            return [_("Activation deferred until {time}").format(time=at(until))], ()
        case f.OperatingInformationRequested() if text_to_publish(notice):
            return [
                _("To do: publish operating information (asked for {time})").format(time=at(recorded.occurred_at))
            ], ()
        case f.OperatingInformationPublished() as published:
            return [what_was_published(published, words)], ()
        case f.ReserveRoutineActivated():
            state = _("The reserve routine applies"), _("The reserve routine applies since {time}")
            return _routine(notice, recorded, state, words, now), incident.down or incident.systems
        case f.ReserveRoutineDeactivated():
            state = _("The reserve routine is over"), _("The reserve routine is over since {time}")
            return _routine(notice, recorded, state, words, now), ()
        case f.ServiceRestored(systems=systems):
            return _restored(incident, systems, words)
        case f.IncidentClosed():
            return [_("Closed: the outage of {day}").format(day=day)], ()
        case f.IncidentReopened():
            return [_("Open again: the outage of {day}").format(day=day)], ()
        case f.DeadlineApproaching(duty=duty_id, due_at=due_at) | f.DeadlinePassed(duty=duty_id, due_at=due_at):
            return _clocked(notice, recorded, duty_id, due_at, words, now), ()
    said = headline(recorded.fact, words, now)
    return [said if ":" in said or not incident.systems else said + ": {systems}"], incident.systems


def _began(detected: Recorded, fact: f.OutageDetected, recorded: Recorded, words: Words, now: datetime) -> Forms:
    """Since when what is down; told along with a prognosis, until when."""
    _, at = words.gettext, partial(spoken, words=words, now=now, beside=now)
    systems = tuple(words.routine.systems) if fact.scope is Scope.REGION_WIDE else fact.systems
    since = at(min(detected.occurred_at, fact.since or detected.occurred_at))
    if isinstance(recorded.fact, f.PrognosisReceived):
        until = at(recorded.fact.restored_by)
        return [
            _("Down since {time}, expected back {until}: {systems}").format(time=since, until=until, systems=SYSTEMS)
        ], systems
    return [_("Down since {time}: {systems}").format(time=since, systems=SYSTEMS)], systems


def _as_it_stands(incident: Incident, words: Words, now: datetime) -> list[str]:
    _, at = words.gettext, partial(spoken, words=words, now=now, beside=now)
    if incident.active and incident.activated_at:
        said = _("The reserve routine applies since {time}").format(time=at(incident.activated_at))
        return [f"{said}: {SYSTEMS}", said]
    if incident.down_since:
        return [_("Down since {time}: {systems}").format(time=at(incident.down_since), systems=SYSTEMS)]
    return [_("Works again: {systems}") if incident.restored_at else f"{words.name(incident.status)}: {{systems}}"]


def _routine(notice: Notice, recorded: Recorded, state: tuple[str, str], words: Words, now: datetime) -> list[str]:
    """That the reserve routine applies or is over, and what it asks of this reader."""
    _, incident = words.gettext, notice.incident
    plain, since = state[0], state[1].format(time=spoken(recorded.occurred_at, words, now, now))
    found = telling(notice.subscriber.audience, recorded, incident.routine)
    if found and found.subject:
        return [found.subject.in_(words.language), plain]
    if duty := begun_by(recorded, notice, now):
        asks = list(_shortly(duty, words))
        return [form for ask in asks for form in (f"{plain} – {ask}", _("To do: {what}").format(what=ask))]
    if isinstance(recorded.fact, f.ReserveRoutineDeactivated):
        count = len(incident.outstanding) if notice.subscriber.audience is Audience.PARTNER else 0
        paper = words.ngettext("{count} paper referral to enter", "{count} paper referrals to enter", count)
        return [f"{plain}: {paper.format(count=count)}", since] if count else [since]
    return [f"{since}: {{systems}}", since]


def _restored(incident: Incident, systems: tuple[System, ...], words: Words) -> Forms:
    """That all works again is a headline of its own."""
    _ = words.gettext
    if not incident.down:
        return [_("All works again: {systems}")], incident.systems
    back, down = listed(words, systems), listed(words, incident.down)
    both = _("Works again: {systems}. Down: {down}")
    return [
        both.format(systems=back, down=down),
        both.format(systems=back, down=SYSTEMS),
        _("Works again: {systems}. Not yet all").format(systems=back),
        _("Works again in part. Down: {down}").format(down=SYSTEMS),
    ], incident.down


def _clocked(
    notice: Notice, recorded: Recorded, duty_id: str, due_at: datetime, words: Words, now: datetime
) -> list[str]:
    """Until when or since when something is to be done, and whose it is where it is another's."""
    _, time = words.gettext, spoken(due_at, words, now, now)
    duty = notice.incident.routine.duty(duty_id)
    asks = list(_shortly(duty, words)) if duty else [duty_id]
    if isinstance(recorded.fact, f.DeadlineApproaching):
        dated, plain = _("By {time}: {what}"), _("Due soon: {what}")
    elif duty is None or notice.subscriber.audience in acting(duty, notice.incident.routine):
        dated, plain = _("Overdue since {time}: {what}"), _("Overdue: {what}")
    else:
        who = words.name(duty.who)
        return [_("{function} is late: {what}").format(function=initial(who), what=ask) for ask in asks]
    return [form.format(time=time, what=ask) for form in (dated, plain) for ask in asks]


def _shortly(duty: Duty, words: Words) -> Iterator[str]:
    """The duty in few words, then in fewer."""
    said = running((duty.short or duty.text).in_(words.language))
    yield said
    for mark in (",", ":"):
        if mark in said:
            yield said.partition(mark)[0]


def _to_review(notice: Notice, words: Words) -> list[str]:
    _, recorded = words.gettext, notice.recorded
    day = day_of(notice.incident.began_at or recorded.occurred_at, words)
    match recorded.fact:
        case f.IncidentClosed():
            return [_("To review: the outage of {day}").format(day=day)]
        case f.IncidentReopened():
            return [_("Open again: the outage of {day}").format(day=day)]
    if recorded.deviation:
        return [_("Deviation: {what}").format(what=words.fact(recorded.fact.wire))]
    return [initial(words.fact(recorded.fact.wire))]
