"""How what is to be done would be recorded: the fact, the function, and what is known of its fields.

Nothing is proposed to anybody that they would be refused. Pure; times are aware and in UTC.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, get_args

from pydantic import ValidationError

from domain.admission import would_admit
from domain.fact import CATALOGUE, Fact
from domain.incident import Incident
from domain.routine import Duty, Pattern, Routine
from domain.vocabulary import ContactOutcome, Function, RoutineWord, Word
from domain.whose_turn import recorders, ways


class Act(NamedTuple):
    """A fact that would do what a duty asks, recorded in this function.

    `fields` are those that have to be said, each with the values it may have: one is known, of several the person knows
    which, and where there are none it is free.
    """

    fact: type[Fact]
    function: Function
    fields: dict[str, tuple[Any, ...]]


def act_towards(duty: Duty, incident: Incident, functions: Sequence[Function], now: datetime) -> Act | None:
    """What somebody who acts in these functions, the first rather than the others, would record to do this duty; None
    where they may not, or not yet."""
    for act in _acts(duty, incident, functions, now):
        known = {name: values[0] for name, values in act.fields.items() if len(values) == 1}
        try:
            fact = act.fact.model_validate(known)
        except ValidationError:  # the rest is the person's to say
            return act
        if would_admit(incident, fact, act.function, now):
            return act
    return None


def _acts(duty: Duty, incident: Incident, functions: Sequence[Function], now: datetime) -> Iterator[Act]:
    for pattern in ways(duty):
        fact = CATALOGUE[pattern.fact]
        may = recorders(fact, incident, now)
        if function := next((function for function in functions if function in may), None):
            yield Act(fact, function, dict(_fields(pattern, fact, incident)))


def _fields(pattern: Pattern, fact: type[Fact], incident: Incident) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for name, field in fact.model_fields.items():
        wanted = pattern.where.get(name, ())
        if name == "serial" and incident.outstanding:
            yield name, (next(iter(incident.outstanding)),)
        elif field.annotation is ContactOutcome:
            yield name, tuple(ContactOutcome)  # how it went is the person's to say
        elif wanted and "*" not in wanted:
            yield name, tuple(wanted)
        elif wanted or field.is_required():
            yield name, _choices(field.annotation, incident.routine)


def _choices(kind: Any, routine: Routine) -> tuple[Any, ...]:
    """The values that a field of this kind may have, none where it is free."""
    for word in (kind, *get_args(kind)):
        if isinstance(word, type) and issubclass(word, Word):
            return tuple(routine.words(word)) if issubclass(word, RoutineWord) else tuple(word)
    return ()
