"""Recording a fact, for any face.

1. `draft`: who records, on which incident, by which routine and in which function. Whatever is not so is refused.
2. The face makes the fact of what was typed, in its own way.
3. `Draft.record`, or `record_all` of several: the incident admits the fact or says why not, and it is durable, or with
   `dry_run` it is not written.
4. `Acknowledgement`: what stands in the log, what came of it, what is next; it is written, whatever is wrong with the
   rest.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from application import authority, documents
from application.desk import Desk
from application.incidents import chosen_for
from domain.acts import Act, act_towards
from domain.fact import Fact, Recorded
from domain.history import placed_after
from domain.incident import Incident, Irregularity
from domain.refusals import Refusal
from domain.routine import Routine
from domain.vocabulary import Function
from domain.whose_turn import Turns, whose_turn
from infrastructure.log.incident_log import Answer, Proposal

if TYPE_CHECKING:
    from infrastructure.registers.staff import Person


class Consequences(NamedTuple):
    """How the incident now stands, the irregularities of the entry, and whose turn it is as the person sees it.

    `act` is how they would record the first of their own turns; `corrected` the entry that a correction corrects, as it
    now reads; `placed` what the entry says happened after that was recorded.
    """

    incident: Incident
    irregularities: list[Irregularity]
    turns: Turns
    act: Act | None
    corrected: Recorded | None
    placed: Recorded | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A fact that stands in the log, or would with `dry_run`; `repeated` where the same command had written it before.

    `others` are the other open incidents: another one may have been meant, and the next fact must name its own.
    Where what came of it can't be worked out, `consequences` is None and `problem` says what was in the way.
    """

    recorded: Recorded
    person: "Person"
    routine: Routine
    repeated: bool
    dry_run: bool
    others: list[str]
    consequences: Consequences | None
    problem: str
    document: dict[str, Any]
    """What `record --json` prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fact that is about to be recorded. `incident` None opens one; `occurred_at` None is now."""

    desk: Desk
    person: "Person"
    incident: str | None
    routine: Routine
    function: Function
    occurred_at: datetime | None
    command_id: str

    @property
    def is_late(self) -> bool:
        """Whether it happened longer ago than the routine takes for at once."""
        return bool(self.occurred_at and self.desk.now() - self.occurred_at > self.routine.recorded_within)

    def corrected_by(self, entry: int) -> type[Fact] | None:
        """The kind of fact that a correction of this entry corrects, None where there is no such entry."""
        history = self.desk.history(self.incident) if self.incident else []
        return next((type(recorded.fact) for recorded in history if recorded.entry == entry), None)

    def record(self, fact: Fact, *, dry_run: bool = False, **beside: str) -> Acknowledgement:
        """As `record_all`, of one fact; what it moves to another incident is left out."""
        return self.record_all([fact], dry_run=dry_run, **beside)[0]

    def record_all(self, facts: Sequence[Fact], *, dry_run: bool = False, **beside: str) -> list[Acknowledgement]:
        """Admit the facts and append them durably, all of them or none; with `dry_run` say what would happen. `beside`
        is what each of them is written with: `note`, `deviation`, `late_because`.

        Each entry has its acknowledgement, the one too that a withdrawal moves to another incident. They say how the
        incidents stand once all is written. Raises a Refusal.
        """
        proposals = [
            Proposal(
                fact=fact,
                function=self.function,
                person=self.person.id,
                incident=self.incident,
                occurred_at=self.occurred_at,
                command_id=self.command_id,
                **beside,
            )
            for fact in facts
        ]
        with _called_as_in(self.routine):
            answers = self.desk.log.record_all(proposals, dry_run=dry_run)
        last = {answer.recorded.incident: answer for answer in answers}
        return [self._acknowledged(answer, last[answer.recorded.incident], dry_run=dry_run) for answer in answers]

    def _acknowledged(self, answer: Answer, last: Answer, *, dry_run: bool) -> Acknowledgement:
        """What came of an answer, by the last one of its incident."""
        others, problem = list[str](), ""
        consequences: Consequences | None
        now = max(self.desk.now(), last.incident.latest_at or answer.recorded.recorded_at)  # which may be behind
        try:
            others = _others(self.desk, answer.recorded.incident)
            consequences = _consequences(answer, last, self.person, now)
            document = documents.written(answer.recorded, last.incident, now, consequences.placed)
        except (
            Exception
        ) as error:  # it is written, and must not be told as refused for what the rest of the answer lacks
            if dry_run:
                raise
            consequences, document = None, documents.written(answer.recorded, None, now)
            problem = f"{type(error).__name__}: {error}"
        return Acknowledgement(
            recorded=answer.recorded,
            person=self.person,
            routine=answer.incident.routine,
            repeated=answer.repeated,
            dry_run=dry_run,
            others=others,
            consequences=consequences,
            problem=problem,
            document=document,
        )


def draft(
    desk: Desk,
    login: str,
    fact: type[Fact],
    *,
    incident: str | None = None,
    function: str | None = None,
    occurred_at: datetime | None = None,
    command_id: str = "",
) -> Draft:
    """What is to be recorded, but for the fact's own fields; `incident` and `function` as somebody has written them.

    Raises NotAuthorised for a person or function that may not, Invalid or NotFound where no one incident is meant.
    """
    person = authority.person(desk, login)
    number = desk.log.incident_of_command(command_id) or chosen_for(fact, incident, desk)
    routine = desk.routine_for(number, occurred_at)
    with _called_as_in(routine):
        acting = authority.function(
            person, fact, authority.named_or_set(function, desk.settings.role, routine), routine
        )
    return Draft(
        desk=desk,
        person=person,
        incident=number,
        routine=routine,
        function=acting,
        occurred_at=occurred_at,
        command_id=command_id,
    )


@contextmanager
def _called_as_in(routine: Routine) -> Iterator[None]:
    """What is refused is called what the routine calls it that refused it."""
    try:
        yield
    except Refusal as refusal:
        refusal.routine = routine
        raise


def _consequences(answer: Answer, last: Answer, person: "Person", now: datetime) -> Consequences:
    incident, recorded = last.incident, answer.recorded
    functions = authority.functions(person, recorded.recorded_as, incident.routine)
    turns = whose_turn(last.verdicts(now), incident, functions, now, recorded.occurred_at)
    first = turns.own[0].verdict if turns.own else None
    act = act_towards(first.duty, incident, functions, now) if first else None
    return Consequences(
        incident, incident.flags(recorded.entry), turns, act, answer.corrected, placed_after(recorded, answer.corrected)
    )


def _others(desk: Desk, incident: str) -> list[str]:
    """It also brings the board up, so that the next command has no more to read than this one."""
    try:
        return [number for number in desk.board.open_incidents() if number != incident]
    except Exception:  # whatever is wrong with the board: the fact is written, and that is what has to be said
        return []
