"""`review`: whether the routine was followed, duty by duty, and what another routine would have said."""

from typing import Any

import click

from cli import times
from cli.command import Command, answer, desk
from cli.desk import Desk
from cli.document import draft
from cli.incidents import chosen
from cli.language import _, name, spoken
from cli.options import Written
from cli.render import fields_of, table, wrap, wrapped
from cli.sentences import fact_label, flag
from cli.standing import deviations
from domain.fact import Recorded
from domain.facts import IncidentReviewed
from domain.history import as_happened
from domain.review import Verdict, recorded_afterwards, verdicts
from domain.routine import Routine
from domain.vocabulary import N_

FINDINGS = 6
NOT_KEPT = ("late", "missed")
VERDICTS = {
    "kept": N_("kept"),
    "late": N_("late"),
    "missed": N_("missed"),
    "pending": N_("pending"),
    "deferred": N_("deferred"),
    "not-applicable": N_("not applicable"),
}
COLOURS = {"kept": "green", "late": "yellow", "missed": "red"}
WHY = {
    "": "",
    "prognosis-in-force": N_("a prognosis was in force"),
    "deferral-in-force": N_("deferred by a decision"),
    "over-in-time": N_("it was over before the duty fell due"),
    "lapsed": N_("it was over before the duty was done"),
}


def _review(incident: str | None, every: bool, routine_file: str | None) -> int:
    at_desk = desk()
    tried = draft(routine_file)[0] if routine_file else None
    if every:
        return _review_all(at_desk, tried)
    which = chosen(incident, at_desk)
    return _what_if(at_desk, which, tried) if tried else _review_one(at_desk, which)


def _what_if(at_desk: Desk, which: str, other: Routine) -> int:
    """How the same history fares by another routine: which verdicts change."""
    now, history = at_desk.now(), at_desk.log.history(which)
    routines = (at_desk.incident(history).routine, other)
    today, then = (_by_duty(verdicts(as_happened(history), routine, now)) for routine in routines)
    changed = [
        {"duty": duty, "was": today.get(duty), "becomes": then.get(duty)}
        for duty in {**today, **then}
        if today.get(duty) != then.get(duty)
    ]
    rows = [[str(c["duty"]), _word(c["was"]), _word(c["becomes"])] for c in changed]
    title = _("{incident} by {routine} {version}:").format(incident=which, routine=other.id, version=other.version)
    told = table([_("duty"), _("was"), _("becomes")], rows) if rows else _("No verdict changes.")
    answer(
        {"incident": which, "routine": {"id": other.id, "version": other.version}, "changes": changed},
        f"{title}\n{told}",
    )
    return FINDINGS if any(word in NOT_KEPT for words in then.values() for word in words) else 0


def _by_duty(found: list[Verdict]) -> dict[str, list[str]]:
    by_duty: dict[str, list[str]] = {}
    for verdict in found:
        by_duty.setdefault(verdict.duty.id, []).append(verdict.word)
    return by_duty


def _word(words: object) -> str:
    return ", ".join(_(VERDICTS[word]) for word in words) if isinstance(words, list) else "–"


def _review_all(at_desk: Desk, tried: Routine | None) -> int:
    """How many duties of every incident fared how, each by its own routine unless another is tried."""
    now = at_desk.now()
    documents, rows = [], []
    for which in at_desk.board.all_incidents():
        history = at_desk.log.history(which)
        routine = tried or at_desk.incident(history).routine
        found = verdicts(as_happened(history), routine, now)
        counts = {word: sum(verdict.word == word for verdict in found) for word in VERDICTS}
        documents.append({"incident": which, "routine": {"id": routine.id, "version": routine.version}, **counts})
        rows.append([which, *(str(counts[word]) for word in VERDICTS)])
    head = [_("incident"), *(_(words) for words in VERDICTS.values())]
    answer(documents, table(head, rows) if rows else _("There is no incident yet."))
    return FINDINGS if any(document[word] for document in documents for word in NOT_KEPT) else 0


def _review_one(at_desk: Desk, which: str) -> int:
    now, history = at_desk.now(), at_desk.log.history(which)
    happened, standing = as_happened(history), at_desk.incident(history)
    routine = standing.routine
    found = verdicts(happened, routine, now)
    afterwards = recorded_afterwards(history, routine)
    conclusions = [recorded for recorded in happened if isinstance(recorded.fact, IncidentReviewed)]
    document = {
        "incident": which,
        "routine": {"id": routine.id, "version": routine.version},
        "verdicts": [_verdict_document(verdict) for verdict in found],
        "deviations": deviations(standing),
        "recorded_late": [_late_document(recorded) for recorded in afterwards],
        "reviewed": [_conclusion_document(recorded) for recorded in conclusions],
    }
    title = f"{click.style(which, bold=True)}  {routine.title.in_(spoken())}, {routine.version}"
    blocks = [title, *(_verdict_text(verdict) for verdict in found)]
    for deviation in deviations(standing):
        said = _("Deviation, entry {entry}: {what}").format(entry=deviation["entry"], what=flag(deviation["code"]))
        blocks.append(wrapped(said + (f" – {deviation['reason']}" if deviation["reason"] else ""), 0))
    blocks += [wrapped(_late_text(recorded), 0) for recorded in afterwards]
    blocks += [wrapped(click.style(_conclusion_text(recorded), bold=True), 0) for recorded in conclusions]
    answer(document, "\n".join(blocks))
    return FINDINGS if any(verdict.word in NOT_KEPT for verdict in found) else 0


def _late_document(recorded: Recorded) -> dict[str, Any]:
    return {
        "entry": recorded.entry,
        "fact": recorded.fact.wire,
        "recorded_as": recorded.recorded_as,
        "recorded_by": recorded.recorded_by,
        "late_seconds": int((recorded.recorded_at - recorded.occurred_at).total_seconds()),
    }


def _late_text(recorded: Recorded) -> str:
    """Who wrote it down how long after it happened."""
    return _("Recorded afterwards, entry {entry}: {fact}, {span} later, by {function} ({person})").format(
        entry=recorded.entry,
        fact=fact_label(recorded.fact.wire),
        span=times.span(recorded.recorded_at - recorded.occurred_at),
        function=name(recorded.recorded_as),
        person=recorded.recorded_by,
    )


def _conclusion_document(recorded: Recorded) -> dict[str, Any]:
    fields = recorded.fact.model_dump(mode="json")
    return {"entry": recorded.entry, "at": times.iso(recorded.occurred_at), "by": recorded.recorded_by, **fields}


def _conclusion_text(recorded: Recorded) -> str:
    return _("Reviewed {time}, entry {entry}: {what}").format(
        time=times.clock(recorded.occurred_at),
        entry=recorded.entry,
        what=fields_of(recorded.fact, recorded.occurred_at),
    )


def _verdict_document(verdict: Verdict) -> dict[str, Any]:
    reading = verdict.duty.reading
    return {
        "rule": verdict.duty.rules[0],
        "rules": list(verdict.duty.rules),
        "duty": verdict.duty.id,
        "who": verdict.duty.who,
        "verdict": verdict.word,
        "due_at": times.iso(verdict.due_at),
        "done_at": times.iso(verdict.done_at),
        "late_seconds": int(verdict.late.total_seconds()),
        "evidence": list(verdict.evidence),
        "why": _(WHY[verdict.why]),
        "quote": verdict.duty.quote.in_(spoken()),
        "reading": reading.in_(spoken()) if reading else "",
    }


def _verdict_text(verdict: Verdict) -> str:
    word = click.style(f"{_(VERDICTS[verdict.word]):<16}", fg=COLOURS.get(verdict.word), bold=True)
    said = f"{verdict.duty.text.in_(spoken())} ({', '.join(verdict.duty.rules)})"
    facts = []
    if verdict.due_at:
        facts.append(_("due {time}").format(time=times.clock(verdict.due_at)))
    if verdict.done_at and not verdict.duty.forbids:
        facts.append(_("done {time}").format(time=times.clock(verdict.done_at)))
    if verdict.late:
        facts.append(_("{span} late").format(span=times.span(verdict.late)))
    if verdict.evidence:
        facts.append(_("entry {entries}").format(entries=", ".join(map(str, verdict.evidence))))
    if verdict.why:
        facts.append(_(WHY[verdict.why]))
    lead = wrap(said, 80, initial_indent=" " * 16, subsequent_indent=" " * 16)
    out = [word + lead[16:]]
    if facts:
        out.append(wrapped("; ".join(facts), 16))
    out.append(wrapped(click.style(f"”{verdict.duty.quote.in_(spoken())}”", dim=True), 16))
    if verdict.duty.reading:
        out.append(wrapped(click.style(verdict.duty.reading.in_(spoken()), dim=True), 16))
    return "\n".join(out)


review = Command(
    "review",
    _review,
    help=_(
        "Whether the routine was followed: a verdict for every duty, its evidence and its clause. Ends with 6 if not."
    ),
    examples=(
        "reservrutin review 2026-0007\nreservrutin review 2026-0007 --routine draft.toml\nreservrutin review --all"
    ),
    params=[
        click.Argument(["incident"], required=False, type=Written()),
        click.Option(["--all", "every"], is_flag=True, help=_("every incident, a line each")),
        click.Option(
            ["--routine", "routine_file"], metavar=_("FILE"), help=_("by a draft: which verdicts would change")
        ),
    ],
)
