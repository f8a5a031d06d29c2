"""The one door through which facts are written.

A person proposes a fact; the incident admits it or says why not; it is appended. Where another
terminal was faster the incident is read again and decides again.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import uuid4

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, IntegrityError, Mapper, TrackingRecorder
from eventsourcing.utils import Environment

from domain import facts as f
from domain.admission import admit, admit_next, refuse_unauthorised, stood_before
from domain.clock_order import may_have_happened_until
from domain.course import Course, go_through
from domain.fact import BESIDE, LONGEST_TEXT, Fact, Recorded, plain
from domain.history import as_happened, as_it_reads, rewrites
from domain.incident import Incident, fold
from domain.personal_data import refuse_personal_data
from domain.presumed import completed
from domain.refusals import Invalid, NotAdmitted, NotFound, Unavailable
from domain.review import judged, verdicts
from domain.routine import Routine
from domain.routine_document import builtin_versions
from domain.verdict import Verdict
from domain.vocabulary import SWEDEN, Function
from infrastructure.database.database import Database
from infrastructure.log.event_store import FactMapper, Factory, to_be_stored
from infrastructure.log.fact_store import NO_DIGITS, FactStore
from infrastructure.log.histories import Histories
from infrastructure.log.pulse import newest_recorded

TRIES = 200
"""How often a fact that lost the race to its entry is decided anew before we say "try again"."""
LAST_OF_THE_YEAR = 9999


class Proposal(NamedTuple):
    """What a person wants recorded. `occurred_at` None means now; `incident` None opens a new one."""

    fact: Fact
    function: Function
    person: str
    incident: str | None = None
    occurred_at: datetime | None = None
    note: str = ""
    deviation: str = ""
    late_because: str = ""
    command_id: str = ""


class Answer(NamedTuple):
    """What was recorded, the incident as it now stands, and the verdicts on it at a moment.

    `corrected` is the entry that the fact corrects or withdraws, as it now reads.
    """

    recorded: Recorded
    incident: Incident
    verdicts: Callable[[datetime], list[Verdict]]
    corrected: Recorded | None = None
    repeated: bool = False


class IncidentLog(Application[str]):
    """Every incident's facts, written through `record` alone."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] | None = None,
        histories: Histories | None = None,
    ) -> None:
        self.store = FactStore(database)
        self.histories = histories or Histories(database)
        self.routines = self.histories.routines
        self.clock = clock or database.now
        super().__init__({})

    def construct_factory(self, env: Environment) -> InfrastructureFactory[TrackingRecorder]:
        return Factory(self.store)

    def construct_mapper(self) -> Mapper[str]:
        return FactMapper()

    def history(self, incident: str) -> list[Recorded]:
        """The incident's facts as written. Raises NotFound for an unknown number."""
        return self.histories.history(incident)

    def incident(self, history: Sequence[Recorded]) -> Incident:
        """The incident as it stands after these facts, given as written, by the routine it is judged by."""
        return self.histories.incident(history)

    def record(self, proposal: Proposal, *, dry_run: bool = False) -> Answer:
        """As `record_all`, of one fact; the answer to what it moves to another incident is left out."""
        return self.record_all([proposal], dry_run=dry_run)[0]

    def record_all(self, proposals: Sequence[Proposal], *, dry_run: bool = False) -> list[Answer]:
        """Admit the facts, each as if those before it were written, and append them durably: all of them or none; with
        `dry_run` only say what would happen. A withdrawn entry that is moved is written in its other incident as well.

        The command id is the first's. One that is already in the log answers with the entries it added then. Where the
        log stops answering just as the facts are committed it is asked once more, with the same command id, what became
        of them. Raises a Refusal with the reason, Unavailable if the log is too busy or nobody can say whether it was
        written.
        """
        for proposal in proposals:
            for name in (*BESIDE, "command_id"):
                if len(getattr(proposal, name)) > LONGEST_TEXT:
                    raise Invalid("too-long", field=name, count=LONGEST_TEXT)
            if proposal.incident is None and not isinstance(proposal.fact, f.OPENERS):
                raise NotFound("no-open-incident")
        command_id = proposals[0].command_id or uuid4().hex.translate(NO_DIGITS)
        try:
            return self._admit_and_append(proposals, command_id, dry_run=dry_run)
        except Unavailable as unsettled:
            if unsettled.reason != "unsettled":
                raise
            try:
                self.store.wait_for_others()  # ours may be on its way still
                again = self._admit_and_append(proposals, command_id, dry_run=False)
                return [answer._replace(repeated=False) for answer in again]
            except Unavailable as error:
                raise Unavailable("unsettled-command", command_id=command_id, **unsettled.data) from error

    def _admit_and_append(self, proposals: Sequence[Proposal], command_id: str, *, dry_run: bool) -> list[Answer]:
        for attempt in range(TRIES):
            if self.store.entry_of_command(command_id) is not None:
                return self._answers_of(command_id, proposals)
            now = self.clock()
            wanted = [each for proposal in proposals for each in (proposal, *self._moved(proposal))]
            answers = self._admitted(wanted, command_id, now)
            if dry_run:
                return answers
            if (appended := self._append([answer.recorded for answer in answers], attempt)) is not None:
                return [answer._replace(recorded=recorded) for answer, recorded in zip(answers, appended, strict=True)]
        raise Unavailable("busy")

    def _moved(self, proposal: Proposal) -> list[Proposal]:
        """What a withdrawal writes in the incident that the entry belongs to: the entry as it reads, at its own time.
        Raises NotFound for an incident that there is not."""
        fact = proposal.fact
        if not isinstance(fact, f.EntryWithdrawn | f.IncidentVoided):
            return []
        other = fact.moved_to if isinstance(fact, f.EntryWithdrawn) else fact.same_as
        if other is not None:
            if other == proposal.incident:
                raise NotAdmitted("the-same-incident", incident=other)
            self.history(other)
        if not isinstance(fact, f.EntryWithdrawn) or fact.moved_to is None or proposal.incident is None:
            return []
        entry = as_it_reads(self.history(proposal.incident)).get(fact.entry)
        if entry is None:
            return []  # which the withdrawal itself is refused for
        if rewrites(entry.fact) or entry.fact.clocks or isinstance(entry.fact, f.IncidentVoided):
            raise NotAdmitted("not-moved", entry=entry.entry)
        return [
            Proposal(
                fact=entry.fact,
                function=proposal.function,
                person=proposal.person,
                incident=fact.moved_to,
                occurred_at=entry.occurred_at,
                note=entry.note,
                deviation=entry.deviation or proposal.deviation,
                late_because=entry.late_because or proposal.late_because,
            )
        ]

    def _admitted(self, wanted: Sequence[Proposal], command_id: str, now: datetime) -> list[Answer]:
        """Whole histories are for facts that change what came before them; every other only adds to the course."""
        courses = dict[str | None, Course]()
        until = self._may_have_happened_until(wanted, now)
        answers: list[Answer] = []
        for place, proposal in enumerate(wanted):
            course = courses.get(proposal.incident) or self._course(proposal, now)
            recorded = self._proposed(proposal, course, now, _id_of_part(command_id, place))
            if course.leads_to(recorded):
                admit_next(course, recorded, until)
                answers.append(Answer(recorded, course.incident, partial(judged, course)))
            else:
                before = [answer.recorded for answer in answers if answer.recorded.incident == recorded.incident]
                history = [known for known in self.history(recorded.incident) if known.entry < recorded.entry]
                history += [known for known in before if known.entry > len(history)]
                admit(history, recorded, course.routine, until)
                answers.append(self._answer(recorded, [*history, recorded], course.routine))
                course = go_through(as_happened([*history, recorded]), course.routine)
            courses[proposal.incident] = course
        return answers

    def _may_have_happened_until(self, wanted: Sequence[Proposal], now: datetime) -> datetime | None:
        """The log is asked only where something seems to lie ahead."""
        said = [moment for each in wanted for moment in (each.occurred_at, getattr(each.fact, "occurred_at", None))]
        is_ahead = any(moment and moment > now for moment in said)
        return may_have_happened_until(now, newest_recorded(self.store.database)) if is_ahead else None

    def _answer(self, recorded: Recorded, history: Sequence[Recorded], routine: Routine) -> Answer:
        happened = as_happened(history)
        about = recorded.fact.entry if isinstance(recorded.fact, f.EntryCorrected | f.EntryWithdrawn) else None
        reads = as_it_reads(history).get(about) if about else None
        return Answer(recorded, fold(happened, routine), partial(verdicts, happened, routine), reads)

    def adopt(self, routine: Routine, document: str, function: Function, person: str) -> tuple[Recorded, bool]:
        """Add this version of the routine to the log, and say whether it was there already.

        Incidents that begin from now on, once it is valid, are judged by it; those that have begun are not.
        Raises NotAdmitted where the version is there with another document, be it the built-in one, and what
        `record` raises.
        """
        fact = f.RoutineAdopted(
            routine=routine.id,
            routine_version=routine.version,
            valid_from=routine.valid_from,
            valid_to=routine.valid_to,
            document=document,
        )
        for attempt in range(TRIES):
            adoptions = self.routines.adoptions()
            now = self.clock()
            refuse_unauthorised(fact, function, (), self.routines.in_force(now))
            refuse_personal_data(fact.texts(), now)
            for known in adoptions:
                if known.fact == fact:
                    return known, True
                if isinstance(known.fact, f.RoutineAdopted) and known.fact.named == fact.named:
                    raise NotAdmitted("version-taken", routine=routine.id, version=routine.version)
            shipped = {(version.id, version.version): text for version, text in builtin_versions()}
            if document.strip() != shipped.get(fact.named, document).strip():
                raise NotAdmitted("version-taken", routine=routine.id, version=routine.version)
            command_id = uuid4().hex.translate(NO_DIGITS)
            entry = len(adoptions) + 1
            recorded = Recorded(fact.stream, entry, fact, now, now, function, person, command_id)
            if (appended := self._append([recorded], attempt)) is not None:
                return appended[0], False
        raise Unavailable("busy")

    def record_by_clock(self, found: Sequence[tuple[Sequence[Recorded], Proposal]]) -> list[Recorded] | None:
        """Append what the clock has found, each with the incident's history as written, in one transaction; None where
        somebody has written to one of the incidents meanwhile, or the same.

        Nothing is to be admitted: a deadline changes nothing about how an incident stands, and was found in the very
        history that it is added to.
        """
        now, entries, facts = self.clock(), dict[str, int](), list[Recorded]()
        for history, proposal in found:
            number = history[-1].incident
            entries[number] = entries.get(number, history[-1].entry) + 1
            facts.append(self._as_written(proposal, number, entries[number], proposal.fact, now, proposal.command_id))
        return self._append(facts, 0) if facts else []

    def add_by_clock(self, fact: Fact, entry: int) -> Recorded | None:
        """Append what the clock says in a stream that is no incident's, as this entry of it; None where somebody else
        has written that."""
        now, command_id = self.clock(), uuid4().hex.translate(NO_DIGITS)
        recorded = Recorded(fact.stream, entry, fact, now, now, Function.CLOCK, Function.CLOCK.value, command_id)
        appended = self._append([recorded], 0)
        return appended[0] if appended else None

    def _append(self, facts: Sequence[Recorded], attempt: int) -> list[Recorded] | None:
        """The facts with their positions once they are durable, None where another was faster. They are recorded when
        their turn to be written has come: so the time and the order of what is written agree."""
        try:
            positions, at = self.store.append([to_be_stored(recorded) for recorded in facts], self.clock)
        except IntegrityError:
            time.sleep(random.uniform(0, 0.002 * min(attempt + 1, 25)))  # noqa: S311 - spreads out, guards nothing
            return None
        return [
            recorded.at_its_turn(at)._replace(position=position)
            for recorded, position in zip(facts, positions, strict=True)
        ]

    def incident_of_command(self, command_id: str) -> str | None:
        """The incident that this command has already added to, whatever has become of it since."""
        found = self.store.entry_of_command(command_id) if command_id else None
        return found[0] if found else None

    def _course(self, proposal: Proposal, now: datetime) -> Course:
        """The course of the incident so far; nothing yet where the proposal opens one."""
        if proposal.incident:
            return self.histories.course(proposal.incident)
        return Course(Incident("", self.routines.in_force(proposal.occurred_at or now)))

    def _proposed(self, proposal: Proposal, course: Course, now: datetime, command_id: str) -> Recorded:
        """The fact as it would be written."""
        number, entry = proposal.incident or self._next_number(now), course.incident.entries + 1
        fact = completed(proposal.fact, self._stood(course, proposal.occurred_at or now))
        return self._as_written(proposal, number, entry, fact, now, command_id)

    @staticmethod
    def _as_written(
        proposal: Proposal, number: str, entry: int, fact: Fact, now: datetime, command_id: str
    ) -> Recorded:
        return Recorded(
            incident=number,
            entry=entry,
            fact=fact,
            occurred_at=proposal.occurred_at or now,
            recorded_at=now,
            recorded_as=proposal.function,
            recorded_by=proposal.person,
            command_id=command_id,
            note=plain(proposal.note),
            deviation=plain(proposal.deviation),
            late_because=plain(proposal.late_because),
        )

    def _stood(self, course: Course, at: datetime) -> Incident:
        """The incident as it stood at the moment when the fact happened."""
        if course.incident.latest_at is None or course.incident.latest_at <= at:
            return course.incident
        return self.histories.course_at(course.incident.number, at).incident

    def _next_number(self, now: datetime) -> str:
        year = now.astimezone(SWEDEN).year
        newest = self.store.highest_number(year)
        following = int(newest[5:]) + 1 if newest else 1
        if following > LAST_OF_THE_YEAR:
            raise NotAdmitted("year-is-full", year=year)
        return f"{year}-{following:04d}"

    def _answers_of(self, command_id: str, proposals: Sequence[Proposal]) -> list[Answer]:
        """What the command wrote when it was first given. Raises NotAdmitted where it said something else then."""
        wanted = [each for proposal in proposals for each in (proposal, *self._moved(proposal))]
        if self.store.entry_of_command(_id_of_part(command_id, len(wanted))) is not None:
            raise self._taken(command_id)
        return [self._answer_of(command_id, place, proposal) for place, proposal in enumerate(wanted)]

    def _taken(self, command_id: str) -> NotAdmitted:
        incident, entry = self.store.entry_of_command(command_id) or ("", 0)
        return NotAdmitted("command-id-taken", command_id=command_id, incident=incident, entry=entry)

    def _answer_of(self, command_id: str, place: int, proposal: Proposal) -> Answer:
        from infrastructure.log.said_again import says_the_same  # of the rare command that comes again

        found = self.store.entry_of_command(_id_of_part(command_id, place))
        if found is None:
            raise self._taken(command_id)
        incident, entry = found
        history = self.history(incident)
        recorded = next(recorded for recorded in history if recorded.entry == entry)
        routine = self.routines.of(history)
        said = completed(proposal.fact, stood_before(recorded, history, routine))
        again = self._as_written(proposal, incident, entry, said, self.clock(), command_id)
        if not says_the_same(recorded, again) or proposal.incident not in (None, incident):
            raise self._taken(command_id)
        return self._answer(recorded, history, routine)._replace(repeated=True)


def _id_of_part(command_id: str, place: int) -> str:
    """Each fact of a command has an id of its own; the first's is the command's."""
    return f"{command_id}/{str(place + 1).translate(NO_DIGITS)}" if place else command_id
