"""Which fact is told to whom, by the routine (Q9, SR-015, SR-017), and whom an incident concerns."""

from dataclasses import dataclass
from datetime import timedelta

from domain.fact import Recorded
from domain.facts import DeadlineApproaching, DeadlinePassed
from domain.incident import Incident
from domain.routine import Condition, Duty, Routine, Telling
from domain.texts import N_
from domain.vocabulary import Area, Audience, System, Word


class ChannelName(Word):
    """By which way somebody is told."""

    EMAIL = "email", N_("e-mail")
    FOLDER = "folder", N_("folder")


RICHEST_FIRST = (Audience.DUTY, Audience.STAFF, Audience.PARTNER, Audience.COMPLIANCE, Audience.PUBLIC)
"""Whose mail says more to somebody who is told as several: first what asks the most of its reader, last what stands on
the web for everybody."""


NO_NEWS_AFTER = timedelta(days=1)
"""How long after it passed a deadline is news to anybody. What is missed and still to do stands on the board."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who is told. `id` is a pseudonym; the address lives outside the log and can be erased.

    Empty filters mean everything of the audience.
    """

    id: str
    address: str
    audience: Audience
    systems: tuple[System, ...] = ()
    areas: tuple[Area, ...] = ()
    language: str = "sv"
    channel: ChannelName = ChannelName.EMAIL


def telling(audience: Audience, recorded: Recorded, routine: Routine) -> Telling | None:
    """What the routine says of telling this audience of this fact, None if it is not on its list."""
    terms = routine.audiences.get(audience)
    return next((telling for telling in terms.told_of if telling.matches(recorded.fact)), None) if terms else None


def is_told(audience: Audience, recorded: Recorded, routine: Routine) -> bool:
    """Whether this audience is told of this fact, or those of it who know what it is about (`if_told_during`): of
    others' missed deadlines those who wait for them."""
    if is_no_news(recorded):
        return False
    if _is_told_anyhow(audience, recorded, routine):
        return True
    late = routine.duty(recorded.fact.duty) if isinstance(recorded.fact, DeadlinePassed) else None
    waits = late is None or (audience in routine.audiences and waits_for(audience, late, routine))
    return waits and telling(audience, recorded, routine) is not None


def is_no_news(recorded: Recorded) -> bool:
    """Whether the clock has recorded it so late that nobody is told: of an old incident that was entered afterwards, or
    in a log that no worker had followed."""
    return recorded.fact.clocks and recorded.recorded_at - recorded.occurred_at > NO_NEWS_AFTER


def if_told_during(audience: Audience, recorded: Recorded, routine: Routine) -> Condition | None:
    """The condition since whose beginning one has to have been told of something to be told of this fact
    (`domain.conditions.since_it_began`); None where the whole audience is told of it, or none of it."""
    found = None if _is_told_anyhow(audience, recorded, routine) else telling(audience, recorded, routine)
    return found.if_told_during if found else None


def _is_told_anyhow(audience: Audience, recorded: Recorded, routine: Routine) -> bool:
    """Of a deadline, near or passed, whoever is to act is told, and of a deviation who is told of those."""
    terms = routine.audiences.get(audience)
    if terms is None:
        return False
    fact = recorded.fact
    duty = routine.duty(fact.duty) if isinstance(fact, DeadlineApproaching | DeadlinePassed) else None
    if duty is not None and audience in acting(duty, routine):
        return True
    return terms.deviations and bool(recorded.deviation)


def acting(duty: Duty, routine: Routine) -> list[Audience]:
    """Who is told of a duty's deadlines: who is to do it, or the help desk where no audience is; never the public."""
    for function in (duty.who, routine.help_desk):
        found = [audience for audience, terms in routine.audiences.items() if function in terms.functions]
        told: list[Audience] = [audience for audience in found if audience is not Audience.PUBLIC]
        if told:
            return told
    return []


def waits_for(audience: Audience, duty: Duty, routine: Routine) -> bool:
    """Whether these people wait for others to do this duty: the help desk, which keeps the incident, for all of them,
    anybody else for what starts a duty of their own."""
    functions = routine.audiences[audience].functions
    starting = {pattern.fact for own in routine.duties if own.who in functions for pattern in own.starts}
    return routine.help_desk in functions or any(pattern.fact in starting for pattern in duty.done_by)


def asks(audience: Audience, recorded: Recorded, routine: Routine) -> bool:
    """Whether this fact asks these people to do something: in the routine's sentences, or by starting their duty."""
    found = telling(audience, recorded, routine)
    functions = routine.audiences[audience].functions if audience in routine.audiences else ()
    return bool(found and found.says) or any(
        pattern.matches(recorded.fact) for duty in routine.duties if duty.who in functions for pattern in duty.starts
    )


def concerns(subscriber: Subscriber, incident: Incident) -> bool:
    """Whether the incident touches the systems and the areas that the subscriber asked for."""
    by_system = not subscriber.systems or not incident.systems or bool(set(subscriber.systems) & set(incident.systems))
    by_area = not subscriber.areas or not incident.areas or bool(set(subscriber.areas) & set(incident.areas))
    return by_system and by_area
