"""The JSON contract: what every command prints with --json, whichever face asked for it.

Times are UTC and end with Z, spans are whole seconds; people stand in it by pseudonym alone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from domain.facts import EntryCorrected, EntryWithdrawn, IncidentReviewed
from domain.history import all_placed_after, as_happened
from domain.incident import Incident, deviations, fold
from domain.vocabulary import Word
from wording.times import iso

# A command loads what it prints: most know neither mail nor verdicts.
if TYPE_CHECKING:
    from domain.clock_order import SetBack
    from domain.delivery import Told
    from domain.fact import Recorded
    from domain.hindsight import Reviewed
    from domain.replay import Step
    from domain.routine import Duty, Routine
    from domain.staff import Entitlement, Holding
    from domain.verdict import Verdict
    from infrastructure.outbox.ledger import Delivery
    from wording.words import Words


def incident_as_it_stands(incident: Incident, now: datetime) -> dict[str, Any]:
    """The object that `show --json` prints."""
    prognosis = incident.prognosis_at(now)
    return {
        "incident": incident.number,
        "status": incident.status,
        "scope": incident.scope,
        "systems": list(incident.systems),
        "systems_down": list(incident.down),
        "areas": list(incident.areas),
        "detected_at": iso(incident.detected_at),
        "restored_at": iso(incident.restored_at),
        "closed_at": iso(incident.closed_at),
        "prognosis": {"restored_by": iso(prognosis.restored_by)} if prognosis else None,
        "reserve_routine": {
            "state": incident.routine_state(now),
            "due_at": iso(incident.routine_due_at),
            "activated_at": iso(incident.activated_at),
            "deactivated_at": iso(incident.deactivated_at),
        },
        "referrals": {
            "received": incident.received,
            "entered": incident.entered,
            "set_aside": incident.set_aside,
            "outstanding": list(incident.outstanding),
        },
        "deviations": [deviation._asdict() for deviation in deviations(incident)],
        "entries": incident.entries,
    }


def say(incident: Incident, now: datetime, driftinfo_url: str) -> dict[str, Any]:
    """What to tell whoever calls just now, as `say --json` prints it: the sentences in each language."""
    from wording.callers import sentences
    from wording.words import LANGUAGES, texts_in

    said = {lang: sentences(incident, texts_in(lang).of(incident.routine), now, driftinfo_url) for lang in LANGUAGES}
    return {"incident": incident.number, "at": iso(now), "advice": incident.advice, "say": said}


def since(held: "Holding") -> dict[str, Any]:
    """Since when somebody of the staff held their functions, and by whose hand."""
    return {
        "registered_at": iso(held.since.recorded_at),
        "registered_as": held.since.recorded_as,
        "registered_by": held.since.recorded_by,
        "position": held.since.position,
        "until": iso(held.until.recorded_at) if held.until else None,
    }


def authority(stands_on: "Sequence[Entitlement]") -> list[dict[str, Any]]:
    """On whose authority publications and decisions stand, as `review --json` says it."""
    return [
        {
            "entry": found.recorded.entry,
            "fact": found.recorded.fact.wire,
            "recorded_as": found.recorded.recorded_as,
            "recorded_by": found.recorded.recorded_by,
            "standing": found.standing,
            "registered_after_it_happened": found.came_after is not None,
            **(since(found.holding) if found.holding else {"registered_at": None}),
        }
        for found in stands_on
    ]


def written(
    recorded: "Recorded", incident: Incident | None, now: datetime, placed: "Recorded | None" = None
) -> dict[str, Any]:
    """The object that `record --json` prints; what came of the fact is left out where it can't be worked out. `placed`
    is what it says happened after that was recorded."""
    return {
        "incident": recorded.incident,
        **envelope(recorded),
        "flags": [*(odd.code for odd in incident.flags(recorded.entry)), *(["placed-after"] if placed else [])]
        if incident
        else [],
        "status": incident_as_it_stands(incident, now) if incident else None,
    }


def envelope(recorded: "Recorded") -> dict[str, Any]:
    """What every entry says of itself, whatever its fact."""
    return {
        "entry": recorded.entry,
        "position": recorded.position,
        "fact": recorded.fact.wire,
        "occurred_at": iso(recorded.occurred_at),
        "recorded_at": iso(recorded.recorded_at),
        "recorded_as": recorded.recorded_as,
    }


def entry(recorded: "Recorded", corrected_by: dict[int, list[int]], withdrawn_by: dict[int, int]) -> dict[str, Any]:
    """An entry of `log --json`, with what corrects or withdraws it and what it corrects or withdraws."""
    document = envelope(recorded) | {
        "recorded_by": recorded.recorded_by,
        "data": recorded.fact.model_dump(mode="json"),
        "note": recorded.note,
        "deviation": recorded.deviation,
        "late_because": recorded.late_because,
    }
    if isinstance(recorded.fact, EntryCorrected):
        document["corrects"] = recorded.fact.entry
    if recorded.entry in corrected_by:
        document["corrected_by"] = corrected_by[recorded.entry]
    if isinstance(recorded.fact, EntryWithdrawn):
        document["withdraws"] = recorded.fact.entry
    if recorded.entry in withdrawn_by:
        document["withdrawn_by"] = withdrawn_by[recorded.entry]
    return document


def step(
    step: "Step",
    standing: Incident,
    at: datetime,
    corrected_by: dict[int, list[int]],
    withdrawn_by: dict[int, int],
    told: "Sequence[Told]",
) -> dict[str, Any]:
    """A step of `replay --json`, with the incident's status `at` a moment and who was `told` of it."""
    return entry(step.recorded, corrected_by, withdrawn_by) | {
        "status": incident_as_it_stands(standing, at),
        "status_at": iso(at),
        "changed": {
            change.what: {"before": _plain(change.before), "after": _plain(change.after), "by_time": change.by_time}
            for change in step.changes
        },
        "flags": [{"entry": odd.entry, "code": odd.code, "rule": odd.rule} for odd in step.flags],
        "duties_started": [_duty(start.duty) | {"due_at": iso(start.due_at)} for start in step.started],
        "duties_fulfilled": [
            _duty(verdict.duty)
            | {
                "verdict": verdict.word,
                "late_seconds": int(verdict.late.total_seconds()),
                "evidence": verdict.evidence,
            }
            for verdict in step.fulfilled
        ],
        "duties_undone": [_duty(duty) for duty in step.undone],
        "recorded_late_seconds": int(step.late.total_seconds()) if step.late else 0,
        "told": [
            {
                "audience": one.audience,
                "channel": one.channel,
                "state": one.state,
                "subscribers": one.subscribers,
                "first_sent_at": iso(one.first_at),
                "last_sent_at": iso(one.last_at),
            }
            for one in told
        ],
    }


def due(incident: str, verdict: "Verdict") -> dict[str, Any]:
    """What is to be done, as `due --json` says it."""
    return {
        "incident": incident,
        "rule": verdict.duty.rules[0],
        "rules": list(verdict.duty.rules),
        "duty": verdict.duty.id,
        "who": verdict.duty.who,
        "due_at": iso(verdict.due_at),
        "verdict": verdict.word,
        "overdue_seconds": int(verdict.late.total_seconds()),
    }


def review(
    incident: str, history: "Sequence[Recorded]", routine: "Routine", lines: "Sequence[Reviewed]", words: "Words"
) -> dict[str, Any]:
    """The object that `review --json` prints, by this routine; what is quoted is in the reader's language."""
    from domain.review import recorded_afterwards

    happened = as_happened(history)
    return {
        "incident": incident,
        "routine": version(routine),
        "verdicts": [_reviewed(line, words) for line in lines],
        "deviations": [deviation._asdict() for deviation in deviations(fold(happened, routine))],
        "recorded_late": [
            {
                "entry": recorded.entry,
                "fact": recorded.fact.wire,
                "recorded_as": recorded.recorded_as,
                "recorded_by": recorded.recorded_by,
                "late_seconds": int((recorded.recorded_at - recorded.occurred_at).total_seconds()),
                "late_because": recorded.late_because,
            }
            for recorded in recorded_afterwards(history, routine)
        ],
        "placed_after": placed_after(history),
        "reviewed": [
            {"entry": recorded.entry, "at": iso(recorded.occurred_at), "by": recorded.recorded_by}
            | recorded.fact.model_dump(mode="json")
            for recorded in happened
            if isinstance(recorded.fact, IncidentReviewed)
        ],
    }


def placed_after(history: "Sequence[Recorded]") -> list[dict[str, Any]]:
    """The entries that say of themselves, or of the entry `of` that they correct, that it happened after that was
    recorded."""
    return [
        {"entry": entry, "of": odd.entry, "occurred_at": iso(odd.occurred_at), "recorded_at": iso(odd.recorded_at)}
        for entry, odd in all_placed_after(history).items()
    ]


def clocks(history: "Sequence[Recorded]", found: "Mapping[int, SetBack]") -> list[dict[str, Any]]:
    """The entries whose clock does not agree with the order of writing, as `review --json` and `replay --json` say it:
    `newest` is when the fact at position `after` was recorded."""
    return [
        {
            "entry": recorded.entry,
            "position": recorded.position,
            "recorded_at": iso(recorded.recorded_at),
            "after": odd.after,
            "newest": iso(odd.newest),
        }
        for recorded in history
        if recorded.position and (odd := found.get(recorded.position))
    ]


def version(routine: "Routine") -> dict[str, str]:
    """Which routine, and which version of it."""
    return {"id": routine.id, "version": routine.version}


def delivery(delivery: "Delivery") -> dict[str, object]:
    """A delivery of `deliveries --json`."""
    return {
        "id": delivery.id,
        "incident": delivery.incident,
        "entry": delivery.entry,
        "fact": delivery.fact,
        "subscriber": delivery.subscriber,
        "audience": delivery.audience,
        "channel": delivery.channel,
        "state": delivery.state,
        "message_id": delivery.message_id,
        "attempts": [
            {"at": a.at, "state": a.state, "code": a.code, "enhanced": a.enhanced, "reply": a.reply}
            for a in delivery.attempts
        ],
        "queued_at": delivery.queued_at,
        "sent_at": delivery.sent_at,
        "next_try_at": delivery.next_try_at,
        "replaced_by": delivery.replaced_by,
        "reason": delivery.reason,
        "fault": delivery.fault,
    }


def _reviewed(line: "Reviewed", words: "Words") -> dict[str, Any]:
    from domain.verdict import Verdict
    from wording.verdicts import why_never, why_of

    verdict, known, duty = line.verdict, line.known, line.verdict.duty
    fared: dict[str, Any] = {"verdict": "not-applicable", "due_at": None, "done_at": None, "late_seconds": 0}
    fared |= {"evidence": [], "tried": [], "afterwards": []}
    if isinstance(verdict, Verdict):
        fared = {
            "verdict": verdict.word,
            "due_at": iso(verdict.due_at),
            "done_at": iso(verdict.done_at),
            "late_seconds": int(verdict.late.total_seconds()),
            "evidence": list(verdict.evidence),
            "tried": list(verdict.tried),
            "afterwards": list(verdict.afterwards),
        }
    return {
        "rule": duty.rules[0],
        "rules": list(duty.rules),
        "duty": duty.id,
        "who": duty.who,
        **fared,
        "known": known.word if known else None,
        "known_at": iso(known.at) if known else None,
        "changed_by": known.changed_by if known else None,
        "why": why_of(verdict.why, words) if isinstance(verdict, Verdict) else why_never(verdict, words),
        "quote": duty.quote.in_(words.language),
        "reading": duty.reading.in_(words.language) if duty.reading else "",
    }


def _duty(duty: "Duty") -> dict[str, Any]:
    return {"duty": duty.id, "rules": duty.rules, "who": duty.who}


def _plain(value: Any) -> Any:
    """A thing that a step has changed, as JSON says it."""
    from domain.replay import Paper

    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Paper):
        return value._asdict()
    return value.value if isinstance(value, Word) else list(value) if isinstance(value, tuple) else value
