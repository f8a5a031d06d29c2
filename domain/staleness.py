"""Which notices have become stale, and which fact leads those that go in one mail. Pure.

A stale notice is worse than none: whoever reads an old prognosis after a new one acts on the old.
"""

from collections.abc import Collection, Iterable, Sequence

from domain import facts as f
from domain.audience import asks
from domain.fact import Fact, Recorded
from domain.history import as_happened
from domain.incident import fold_steps
from domain.review import verdicts
from domain.rewriting import takes_back
from domain.routine import Routine
from domain.verdict import Verdict
from domain.vocabulary import Audience, Situation

_ABOUT_THE_SAME: tuple[tuple[type[Fact], ...], ...] = (
    (f.PrognosisReceived, f.PrognosisWithdrawn),
    (f.ScopeReclassified,),
    (f.OperatingInformationPublished,),
    (f.ReserveRoutineActivated, f.ReserveRoutineDeactivated),
    (f.IncidentClosed, f.IncidentReopened),
)
"""Within each of these the newest alone holds. A request to publish is none: each asks for something of its own."""

_REPLACED_BY: tuple[tuple[type[Fact], tuple[type[Fact], ...]], ...] = (
    (f.ActivationDeferred, (f.ActivationDeferred, f.ReserveRoutineActivated)),
    (f.ServiceRestored, (f.OutageDetected,)),
)
"""A deferral is over with the activation; "restored" is untrue once something is down again."""


def goes_at_once(fact: Fact) -> bool:
    """Whether people act on it: activation and restoration, and a publication that the reserve routine applies or that
    it works again. Such a fact waits for neither batching window nor rate limit, and is sent before the rest."""
    if isinstance(fact, f.OperatingInformationPublished):
        return fact.reserve_routine_applies or fact.situation is Situation.WORKS_AGAIN
    return isinstance(fact, f.ReserveRoutineActivated | f.ServiceRestored)


def endings(facts: Iterable[Recorded], routine: Routine) -> frozenset[int]:
    """The entries after which nothing is left to say of what came before: the restoration of the last system,
    and a closing with nothing down and the reserve routine not active."""
    happened = as_happened(facts)
    found = set()
    for recorded, incident in zip(happened, fold_steps(happened, routine), strict=True):
        if incident.down:
            continue
        if isinstance(recorded.fact, f.ServiceRestored) or (
            isinstance(recorded.fact, f.IncidentClosed) and not incident.active
        ):
            found.add(recorded.entry)
    return frozenset(found)


def replaced(facts: Sequence[Recorded], ends: Collection[int], audience: Audience) -> dict[int, int]:
    """Of the facts that a reader is told of, which entries are stale, and for each the entry that holds instead.

    `facts` are all of one incident, `ends` its `endings`. A fact is replaced only by one that both happened and
    was recorded after it: what is recorded late is told, as recorded late. A reviewer is told of deviations,
    which no later fact undoes.
    """
    order = {recorded.entry: place for place, recorded in enumerate(as_happened(facts))}
    found: dict[int, int] = {}
    newest_first = sorted(facts, key=lambda recorded: recorded.entry, reverse=True)
    for place, old in enumerate(newest_first):
        for new in newest_first[:place]:
            if order[new.entry] > order[old.entry] and _replaces(new, old, ends, audience):
                found[old.entry] = found.get(new.entry, new.entry)
                break
    return found


def overtaken(facts: Iterable[Recorded], routine: Routine) -> dict[int, int]:
    """Of the deadlines, near or passed, that no longer need telling, the entry that says why: the duty has been
    done since, it has ended or never was (Q18), or the same duty has a newer deadline. `facts` are all of one incident.
    """
    happened = as_happened(facts)
    told = [(r.entry, r.fact) for r in happened if isinstance(r.fact, f.DeadlineApproaching | f.DeadlinePassed)]
    if not told:
        return {}
    judged = verdicts(happened, routine, happened[-1].occurred_at)
    found: dict[int, int] = {}
    newest: dict[str, int] = {}
    for told_in, fact in sorted(told, key=lambda entry_and_fact: entry_and_fact[0], reverse=True):
        duty, due_at = fact.duty, fact.due_at
        own = [verdict for verdict in judged if verdict.duty.id == duty]
        own = [verdict for verdict in own if verdict.due_at == due_at]
        if all(verdict.ended_at or (verdict.done_at and verdict.evidence) for verdict in own):
            found[told_in] = _what_ended(own, happened)
        elif duty in newest:
            found[told_in] = newest[duty]
        newest.setdefault(duty, told_in)
    return found


def _what_ended(own: Sequence[Verdict], happened: Sequence[Recorded]) -> int:
    """The entry by which these occurrences of a duty were done or ended; where none is left, the newest that people
    wrote, for one of those has taken them back."""
    people = [recorded for recorded in happened if not recorded.fact.clocks] or happened
    if not own:
        return max(recorded.entry for recorded in people)
    ended_at = [verdict.ended_at for verdict in own if verdict.ended_at]
    by = [recorded.entry for recorded in people if ended_at and recorded.occurred_at <= max(ended_at)][-1:]
    return max([*by, *(entry for verdict in own for entry in verdict.evidence)])


def _replaces(new: Recorded, old: Recorded, ends: Collection[int], audience: Audience) -> bool:
    if audience is Audience.COMPLIANCE and (new.deviation or old.deviation):
        return False
    if takes_back(old.fact):
        return False  # whoever was told is told, whatever has come since (Q30)
    if new.entry in ends:
        return True
    for kinds in _ABOUT_THE_SAME:
        if isinstance(old.fact, kinds):
            return isinstance(new.fact, kinds)
    return any(isinstance(old.fact, kind) and isinstance(new.fact, by) for kind, by in _REPLACED_BY)


def lead_weight(recorded: Recorded, audience: Audience, routine: Routine) -> tuple[int, int]:
    """Of the facts that go in one mail its subject names the one with the greatest weight, what matters most to these
    readers: what they are asked to do, the activation or the end of the reserve routine, that something works again,
    whatever else has happened or been decided, and last the clock. Of equals the newest."""
    fact = recorded.fact
    if fact.clocks:
        kind = 0
    elif asks(audience, recorded, routine):
        kind = 4
    elif isinstance(fact, f.ReserveRoutineActivated | f.ReserveRoutineDeactivated):
        kind = 3
    else:
        kind = 2 if isinstance(fact, f.ServiceRestored) else 1
    return kind, recorded.entry
