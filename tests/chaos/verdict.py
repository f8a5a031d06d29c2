"""What a chaos run has shown: the ledger held against what the mail server wrote down. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

ENDED = {"sent", "refused", "superseded", "expired"}

TOLD_OF = {
    "outage-detected": {"staff", "duty"},
    "prognosis-received": {"staff"},
    "instruction-received": {"staff"},
    "operating-information-published": {"public", "staff"},
    "incident-closed": {"compliance"},
    "deadline-passed": {"staff"},
}
"""Who is to be told of what a chaos run records; written down here once more, so as not to believe the program."""

MAY_BE_TOLD_OF = {"deadline-passed": {"duty"}}
"""Who is told of some: of a missed deadline those on duty where it is theirs, or they wait for it."""

TOLD_OF_THE_END = {"service-restored": {"staff", "partner", "duty"}, "incident-closed": {"staff"}}
"""Who is to be told of an end, if they have been told of anything in that incident."""

ENDS = frozenset(TOLD_OF_THE_END)
"""After these a deadline that the clock writes late is nobody's any more."""


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery of the ledger. `attempts` are the states of its attempts, oldest first."""

    id: int
    incident: str
    entry: int
    fact: str
    subscriber: str
    state: str
    message_id: str
    attempts: tuple[str, ...] = ()

    @property
    def is_flagged(self) -> bool:
        """Whether the ledger says that this mail may have gone out without our knowing."""
        return "ambiguous" in self.attempts


@dataclass(frozen=True, slots=True)
class Accepted:
    """One mail that the server took; `at` is seconds UTC by the machine's own clock."""

    at: float
    to: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the roster. `never` is told nothing, whatever happens: paused, or only of another system.
    `left_at` is when they were paused or removed, if they were: seconds UTC."""

    id: str
    address: str
    audience: str
    never: bool = False
    left_at: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a run leaves. `facts` are (incident, entry, fact) as they stand in the log; `acknowledged`
    those that a `record` answered for; `refused` the addresses that the server refused for good at least once."""

    rows: Sequence[Row]
    accepted: Sequence[Accepted]
    people: Sequence[Person]
    facts: Sequence[tuple[str, int, str]]
    acknowledged: Sequence[tuple[str, int]] = ()
    refused: frozenset[str] = frozenset()
    margin: float = 5.0
    """Seconds that a mail that was already claimed may go out after its reader has left."""
    notes: Mapping[str, int] = field(default_factory=dict)


def violations(evidence: Evidence, *, flags: bool = True) -> list[str]:
    """Every promise that was not kept, a line each. Without `flags` the ledger need not flag a duplicate."""
    found = [*_planned_as_told(evidence), *_ended(evidence), *_known(evidence), *_one_name(evidence)]
    return found + (list(_twice(evidence)) if flags else [])


def _planned_as_told(evidence: Evidence) -> Iterator[str]:
    """Exactly those who are to be told have a delivery, each once."""
    facts = {(incident, entry) for incident, entry, _fact in evidence.facts}
    for incident, entry in evidence.acknowledged:
        if (incident, entry) not in facts:
            yield f"{incident} entry {entry} was acknowledged and is not in the log"
    planned = Counter((row.incident, row.entry, row.subscriber) for row in evidence.rows)
    for what, times in planned.items():
        if times > 1:
            yield f"planned {times} times: {what}"
    people = {person.id: person for person in evidence.people}
    threads: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in evidence.rows:
        threads[row.incident, row.subscriber].append(row)
    for incident, entry, fact in evidence.facts:
        for person in evidence.people:
            earlier = [row for row in threads[incident, person.id] if row.entry < entry]
            is_told = may_be = person.audience in TOLD_OF.get(fact, ()) and not person.never
            may_be = may_be or (person.audience in MAY_BE_TOLD_OF.get(fact, ()) and not person.never)
            if person.audience in TOLD_OF_THE_END.get(fact, ()):
                is_told, may_be = any(row.state == "sent" for row in earlier), bool(earlier)
            has_row = (incident, entry, person.id) in planned
            if has_row and not may_be:
                yield f"{person.id} has a delivery of {incident} entry {entry} ({fact}), which is not theirs"
            if is_told and not has_row and person.left_at is None:
                yield f"lost before it was planned: {incident} entry {entry} ({fact}) for {person.id}"
    for row in evidence.rows:
        if row.subscriber not in people:
            yield f"delivery {row.id} is for nobody on the roster"


def _ended(evidence: Evidence) -> Iterator[str]:
    """Every delivery has ended, and ended as the server says."""
    taken = {(mail.to, mail.message_id) for mail in evidence.accepted}
    people = {person.id: person for person in evidence.people}
    newest_told: dict[tuple[str, str], int] = defaultdict(int)
    for row in evidence.rows:
        if row.state in ("sent", "refused"):
            thread = (row.incident, row.subscriber)
            newest_told[thread] = max(newest_told[thread], row.entry)
    ended = {(row.incident, row.subscriber) for row in evidence.rows if row.fact in ENDS and row.state == "sent"}
    for row in evidence.rows:
        person = people.get(row.subscriber)
        if person is None:
            continue
        was_taken = (person.address, row.message_id) in taken
        if row.state not in ENDED:
            yield f"lost: delivery {row.id} is still {row.state}"
        elif row.state == "sent" and not was_taken:
            yield f"lost: delivery {row.id} is sent by the ledger, and the server never took it"
        elif row.state != "sent" and was_taken and not row.is_flagged:
            yield f"delivery {row.id} is {row.state} by the ledger, the server took it, and no attempt is ambiguous"
        elif row.state == "refused" and person.address not in evidence.refused:
            yield f"lost: delivery {row.id} is refused by the ledger, and the server never refused {person.id}"
        elif (
            row.state == "superseded"
            and person.left_at is None
            and person.address not in evidence.refused
            and newest_told[row.incident, row.subscriber] <= row.entry
            and not (row.fact == "deadline-passed" and (row.incident, row.subscriber) in ended)
        ):
            yield f"lost: delivery {row.id} is superseded, and {person.id} was told nothing newer"


def _known(evidence: Evidence) -> Iterator[str]:
    """Nobody got what the ledger knows nothing of, and nobody got anything after leaving."""
    rows = {(row.subscriber, row.message_id) for row in evidence.rows}
    by_address = {person.address: person for person in evidence.people}
    for mail in evidence.accepted:
        person = by_address.get(mail.to)
        if person is None:
            yield f"a mail went to a stranger: {mail.message_id}"
        elif (person.id, mail.message_id) not in rows:
            yield f"the server took {mail.message_id} for {person.id}, and the ledger has no such delivery"
        elif person.left_at is not None and mail.at > person.left_at + evidence.margin:
            yield f"{person.id} was told {mail.at - person.left_at:.1f} s after leaving: {mail.message_id}"


def _one_name(evidence: Evidence) -> Iterator[str]:
    """One Message-ID a reader and fact, also where a fact rides in another's mail."""
    taken = {mail.message_id for mail in evidence.accepted}
    for row in evidence.rows:
        own = re.sub(r"^<[^@]*@", f"<{row.incident}.{row.entry}.{row.subscriber}@", row.message_id or "")
        if own != row.message_id and own in taken:
            yield f"delivery {row.id} went out as {own} and as {row.message_id}"


def _twice(evidence: Evidence) -> Iterator[str]:
    """A mail may be taken twice only where the ledger says that it did not know."""
    addresses = {person.id: person.address for person in evidence.people}
    flagged = {(addresses.get(row.subscriber), row.message_id) for row in evidence.rows if row.is_flagged}
    for (to, message_id), times in Counter((mail.to, mail.message_id) for mail in evidence.accepted).items():
        if times > 1 and (to, message_id) not in flagged:
            yield f"{message_id} was taken {times} times, and its delivery is not flagged in the ledger"


def counts(evidence: Evidence) -> dict[str, int]:
    """The figures of a run, in the order they are read."""
    taken = Counter((mail.to, mail.message_id) for mail in evidence.accepted)
    states = Counter(row.state for row in evidence.rows)
    tried = Counter(state for row in evidence.rows for state in row.attempts)
    return {
        **evidence.notes,
        "facts in the log": len(evidence.facts),
        "deliveries planned": len(evidence.rows),
        **{f"deliveries {state}": number for state, number in sorted(states.items())},
        **{f"attempts {state}": number for state, number in sorted(tried.items())},
        "mails the server took": len(evidence.accepted),
        "different mails the server took": len(taken),
        "duplicates": sum(times - 1 for times in taken.values()),
        "duplicates the ledger does not flag": len(list(_twice(evidence))),
        "deliveries flagged ambiguous": sum(row.is_flagged for row in evidence.rows),
    }
