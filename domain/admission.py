"""What the incident admits and what it refuses: the log never refuses the truth (Q14).

Refused are the impossible, the unauthorised, personal data, and decisions that the routine does not
allow yet unless their deviation is explained. Everything else is recorded, and flagged if it is odd.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.conditions import conditions_at
from domain.course import Course
from domain.fact import EARLIEST, Fact, Recorded
from domain.facts import (
    DocumentNoted,
    EntryCorrected,
    EntryWithdrawn,
    IncidentClosed,
    IncidentReviewed,
    IncidentVoided,
    NoteAdded,
    OutageDetected,
)
from domain.history import as_happened, corrected, refuse_unreadable
from domain.incident import Incident, Irregularity, Kind, fold, go_on
from domain.personal_data import refuse_personal_data
from domain.refusals import Invalid, NotAdmitted, NotAuthorised
from domain.routine import Condition, Routine
from domain.vocabulary import SWEDEN, Flag, Function, RoutineWord


def admit(history: Sequence[Recorded], proposed: Recorded, routine: Routine, until: datetime | None = None) -> Incident:
    """The incident with the proposed fact in it, by the routine that it is judged by. `until` is until when it may have
    happened, where the log knows more than the clock that it is recorded by.

    Raises Invalid if it lies in the future or names what the routine does not know, NotAuthorised,
    PersonalData, or NotAdmitted with the reason a person can act on. `history` is the incident's own, in any
    order.
    """
    _refuse_by_itself(history, proposed, routine, stood_before(proposed, history, routine), until)
    incident = fold(as_happened([*history, proposed]), routine)
    on_others = any(irregularity.entry != proposed.entry for irregularity in incident.irregularities)
    before = set(fold(as_happened(history), routine).irregularities) if on_others else set()
    _refuse_irregular([found for found in incident.irregularities if found not in before], incident, proposed)
    return incident


def admit_next(course: Course, proposed: Recorded, until: datetime | None = None) -> None:
    """As `admit`, of a fact that the course leads to: the course goes on with it, and is spoilt where it is refused."""
    _refuse_by_itself((), proposed, course.routine, course.incident, until)
    before = len(course.incident.irregularities)
    course.add(proposed)
    _refuse_irregular(course.incident.irregularities[before:], course.incident, proposed)


def would_admit(incident: Incident, fact: Fact, function: Function, now: datetime) -> bool:
    """Whether this fact, recorded now by a function that may and with no deviation explained, would be admitted as the
    incident stands."""
    proposed = Recorded(incident.number, incident.entries + 1, fact, now, now, function, "", "")
    ahead = replace(
        incident,
        outstanding=dict(incident.outstanding),
        balanced=dict(incident.balanced),
        irregularities=[],
        stated={},
    )
    go_on(ahead, proposed)
    return not any(_is_refused(found, proposed) for found in ahead.irregularities)


def stood_before(recorded: Recorded, history: Sequence[Recorded], routine: Routine) -> Incident:
    """The incident as it stood when this happened, by what had been written before it."""
    known = as_happened(earlier for earlier in history if earlier.entry < recorded.entry)
    return fold((earlier for earlier in known if earlier.occurred_at <= recorded.occurred_at), routine)


def _refuse_by_itself(
    history: Sequence[Recorded], proposed: Recorded, routine: Routine, stood: Incident, until: datetime | None
) -> None:
    """What may not be recorded whatever the routine would allow by now; `history` is asked for what is corrected, and
    `stood` is the incident at that moment."""
    refuse_personal_data(proposed.texts(), proposed.recorded_at, proposed.occurred_at)
    refuse_saying_nothing(proposed.texts())
    refuse_future(proposed.occurred_at, proposed.recorded_at, until)
    held = conditions_at(stood, proposed.occurred_at)
    refuse_unauthorised(proposed.fact, proposed.recorded_as, history, routine, held)
    refuse_unreadable(history, proposed)
    refuse_unknown_words(proposed.fact, history, routine)
    refuse_beginning_after(proposed)
    if isinstance(proposed.fact, EntryCorrected):
        _refuse_correction(history, proposed.fact, proposed.recorded_at, until)


def _refuse_correction(
    history: Sequence[Recorded], correction: EntryCorrected, now: datetime, until: datetime | None
) -> None:
    """What is typed in a correction is held to what the entry itself would be."""
    if correction.occurred_at:
        refuse_future(correction.occurred_at, now, until)
    reads = corrected(next(recorded for recorded in history if recorded.entry == correction.entry), correction)
    texts = {field: text for field, text in reads.fact.texts().items() if field in correction.fields}
    refuse_personal_data(texts, now, reads.occurred_at)
    refuse_saying_nothing(texts)
    refuse_beginning_after(reads)


_FIT_A_VOIDED_INCIDENT: tuple[type[Fact], ...] = (
    NoteAdded,
    DocumentNoted,
    EntryCorrected,
    EntryWithdrawn,
    IncidentReviewed,
    IncidentVoided,
)


def _refuse_irregular(found: Sequence[Irregularity], incident: Incident, proposed: Recorded) -> None:
    """What may not be recorded as the incident stands; `found` is what the proposed fact brings about."""
    if incident.voided and not isinstance(proposed.fact, _FIT_A_VOIDED_INCIDENT):
        raise NotAdmitted("incident-is-voided", same_as=incident.voided.same_as)
    refused = [irregularity for irregularity in found if _is_refused(irregularity, proposed)]
    if refused:
        first = refused[0]
        in_the_way = sorted({odd.entry for odd in refused if odd.entry != proposed.entry})
        raise NotAdmitted(
            first.code,
            rule=first.rule,
            kind=first.kind,
            entry=None if first.entry == proposed.entry else first.entry,
            entries=in_the_way,
            occurred_at=proposed.occurred_at,
            **dict(first.data),
        )
    if isinstance(proposed.fact, IncidentVoided) and incident.outstanding:
        raise NotAdmitted("paper-would-be-lost", serials=", ".join(incident.outstanding))
    if isinstance(proposed.fact, IncidentClosed) and incident.outstanding:
        rule = incident.routine.rules.get(Flag.OUTSTANDING_REFERRALS, "")
        raise NotAdmitted(Flag.OUTSTANDING_REFERRALS, rule=rule, serials=", ".join(incident.outstanding))


def _is_refused(found: Irregularity, proposed: Recorded) -> bool:
    own = found.entry == proposed.entry
    changes_it = own or (isinstance(proposed.fact, EntryCorrected) and proposed.fact.entry == found.entry)
    return (
        found.kind is Kind.IMPOSSIBLE
        or (found.kind is Kind.UNTIMELY and changes_it)
        or (found.kind is Kind.NOT_YET and own and not proposed.deviation)
    )


def refuse_saying_nothing(texts: Mapping[str, str]) -> None:
    """A text with neither letter nor digit is somebody's "…" for what was to be filled in, and might be published."""
    for field, text in texts.items():
        if field not in ("command_id", "fields") and text and not any(char.isalnum() for char in text):
            raise Invalid("says-nothing", field=field)


def refuse_beginning_after(recorded: Recorded) -> None:
    """An outage is detected when it begins, or later (Q21)."""
    if isinstance(recorded.fact, OutageDetected) and recorded.fact.since and recorded.fact.since > recorded.occurred_at:
        since = recorded.fact.since
        raise Invalid("began-after-detected", since=since, earlier=_the_day_before(since, recorded.recorded_at))


def refuse_future(occurred_at: datetime, now: datetime, until: datetime | None = None) -> None:
    """Nothing has happened that has not happened yet, nor so long ago that it was never meant. A machine whose clock
    stands in 1970 can still say that something happens now, and one that is known to be behind refuses nothing true."""
    if occurred_at < min(EARLIEST, now):
        raise Invalid("time", text=occurred_at.isoformat())
    if occurred_at > max(now, until or now):
        raise Invalid("future", occurred_at=occurred_at, earlier=_the_day_before(occurred_at, now))


def _the_day_before(moment: datetime, now: datetime) -> datetime | None:
    """What was meant by a time that the clock has not come to yet today: yesterday's."""
    is_today = moment.astimezone(SWEDEN).date() == now.astimezone(SWEDEN).date()
    return moment - timedelta(days=1) if is_today and moment > now else None


def refuse_unauthorised(
    fact: Fact,
    function: Function,
    history: Sequence[Recorded],
    routine: Routine,
    held: Collection[Condition] = (),
) -> None:
    """SR-015 and the routine's authority; what is corrected or withdrawn takes the authority for it as well (Q29).

    While a condition `held` somebody may stand in for whose it is (Q25), and may later correct what they wrote then.
    """
    for each, wrote in _with_what_it_is_about(fact, history):
        may = routine.recorded_by(type(each))
        if not may:
            raise NotAuthorised("not-in-routine", fact=each.wire, routine=routine.id)
        stand_ins = routine.stand_ins(type(each))
        wrote_it = stand_ins and function in stand_ins.functions and wrote == function
        may = may if wrote else routine.recorders(type(each), held)
        if function not in may and not wrote_it:
            rule = next(iter(routine.rules_of(type(each))), "")
            raise NotAuthorised("function", fact=each.wire, function=function, may=may, role=may[0].value, rule=rule)


def _with_what_it_is_about(fact: Fact, history: Sequence[Recorded]) -> Iterator[tuple[Fact, Function | None]]:
    """The fact itself, and what it corrects or withdraws with the function that recorded that."""
    yield fact, None
    while isinstance(fact, EntryCorrected | EntryWithdrawn):
        entry = fact.entry
        about = next((recorded for recorded in history if recorded.entry == entry), None)
        if about is None:
            return
        fact = about.fact
        yield fact, about.recorded_as


def refuse_unknown_words(fact: Fact, history: Sequence[Recorded], routine: Routine) -> None:
    """A system, area, function or channel is one that the routine knows; in a correction too."""
    if isinstance(fact, EntryCorrected):
        target = next((recorded for recorded in history if recorded.entry == fact.entry), None)
        if target is not None:
            refuse_unknown_words(corrected(target, fact).fact, (), routine)
        return
    for name in type(fact).model_fields:
        value = getattr(fact, name)
        for word in value if isinstance(value, tuple) else (value,):
            if isinstance(word, RoutineWord) and word not in routine.words(type(word)):
                known = ", ".join(routine.words(type(word)))
                raise Invalid("unknown-word", field=name, value=word.value, known=known)
