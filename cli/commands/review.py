"""`review`: whether the routine was followed, duty by duty, and what another routine would have said."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click

from application.desk import Desk
from cli.render import fields_of
from cli.terminal.command import Command, answer, desk
from cli.terminal.incidents import chosen
from cli.terminal.lines import table, wrap, wrapped
from cli.terminal.options import Written
from domain.fact import Recorded
from domain.facts import IncidentReviewed
from domain.history import as_happened
from domain.incident import fold
from domain.review import recorded_afterwards, verdicts
from domain.routine import Routine
from domain.texts import N_
from domain.verdict import Verdict
from wording import times
from wording.routine_problems import draft
from wording.sentences import fact_label, flag
from wording.standing import deviations, others_go_on
from wording.words import _, name, spoken

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
    if incident and every:
        raise click.UsageError(_("Either one incident or --all: leave one of the two out."))
    at_desk = desk()
    tried = draft(routine_file)[0] if routine_file else None
    if every:
        return _review_all(at_desk, tried)
    which = chosen(incident, at_desk)
    return _what_if(at_desk, which, tried) if tried else _review_one(at_desk, which)


Fared = tuple[str, int]
"""A verdict's word, and by how many seconds it is late."""


def _what_if(at_desk: Desk, which: str, other: Routine) -> int:
    """How the same history fares by another routine: which verdicts change."""
    now, history = at_desk.now(), at_desk.history(which)
    happened, own = as_happened(history), at_desk.incident(history).routine
    found = verdicts(happened, other, now)
    today, then = _by_duty(verdicts(happened, own, now)), _by_duty(found)
    changed = [duty for duty in {**today, **then} if today.get(duty) != then.get(duty)]
    changes = [
        {"duty": duty, **_fared("was", today.get(duty)), **_fared("becomes", then.get(duty))} for duty in changed
    ]
    rows = [[duty, _words(today.get(duty)), _words(then.get(duty))] for duty in changed]
    title = _("{incident} by {routine} {version}:").format(incident=which, routine=other.id, version=other.version)
    told = table([_("duty"), _("was"), _("becomes")], rows) if rows else _("No verdict changes.")
    answer(_document(which, history, other, found) | {"changes": changes}, f"{title}\n{told}")
    return _findings(found)


def _by_duty(found: list[Verdict]) -> dict[str, list[Fared]]:
    by_duty: dict[str, list[Fared]] = {}
    for verdict in found:
        by_duty.setdefault(verdict.duty.id, []).append((verdict.word, int(verdict.late.total_seconds())))
    return by_duty


def _fared(key: str, fared: list[Fared] | None) -> dict[str, Any]:
    """The words, and beside them how late each is; null where the routine has no such duty."""
    words, late = ([word for word, _late in fared], [late for _word, late in fared]) if fared else (None, None)
    return {key: words, f"{key}_late_seconds": late}


def _words(fared: list[Fared] | None) -> str:
    said = []
    for word, late in fared or ():
        by = _("{span} late").format(span=times.span(timedelta(seconds=late))) if late else ""
        said.append(f"{_(VERDICTS[word])} ({by})" if by else _(VERDICTS[word]))
    return ", ".join(said) or "–"


def _findings(found: list[Verdict]) -> int:
    return FINDINGS if any(verdict.word in NOT_KEPT for verdict in found) else 0


def _review_all(at_desk: Desk, tried: Routine | None) -> int:
    """How many duties of every incident fared how by its own routine, and beside it by one that is tried."""
    now = at_desk.now()
    documents: list[dict[str, Any]] = []
    rows: list[list[str]] = []
    routines: list[Routine] = []
    unread: list[str] = []
    for which in at_desk.board.all_incidents():
        with others_go_on(which, unread):
            history = at_desk.history(which)
            happened, own = as_happened(history), at_desk.incident(history).routine
            was = _counts(verdicts(happened, own, now))
            counts = _counts(verdicts(happened, tried, now)) if tried else was
            before = {"was": {"routine": _version(own), **was}} if tried else {}
            documents.append({"incident": which, "routine": _version(tried or own), **counts, **before})
            rows.append([which, *(_change(was[word], counts[word]) for word in VERDICTS)])
            routines.append(own)
    head = [_("incident"), *(_(words) for words in VERDICTS.values()), _("routine")]
    only = len({routine.id for routine in routines}) == 1  # then its version is enough, and fits
    named = [routine.version if only else f"{routine.id} {routine.version}" for routine in routines]
    rows = [[*row, by] for row, by in zip(rows, named, strict=True)]
    said = table(head, rows) if rows else _("There is no incident yet.")
    if tried:
        title = _("By {routine} {version}, and where it changes something what it was:")
        said = f"{wrapped(title.format(routine=tried.id, version=tried.version), 0)}\n{said}"
    answer(documents, "\n".join([said, *unread] if rows or not unread else unread))
    return FINDINGS if any(document[word] for document in documents for word in NOT_KEPT) else 0


def _counts(found: list[Verdict]) -> dict[str, int]:
    return {word: sum(verdict.word == word for verdict in found) for word in VERDICTS}


def _change(was: int, becomes: int) -> str:
    return str(was) if was == becomes else click.style(f"{was} → {becomes}", bold=True)


def _version(routine: Routine) -> dict[str, str]:
    return {"id": routine.id, "version": routine.version}


def _document(which: str, history: Sequence[Recorded], routine: Routine, found: list[Verdict]) -> dict[str, Any]:
    """The document of the contract, by this routine."""
    happened = as_happened(history)
    return {
        "incident": which,
        "routine": _version(routine),
        "verdicts": [_verdict_document(verdict) for verdict in found],
        "deviations": deviations(fold(happened, routine)),
        "recorded_late": [_late_document(recorded) for recorded in recorded_afterwards(history, routine)],
        "reviewed": [_conclusion_document(r) for r in happened if isinstance(r.fact, IncidentReviewed)],
    }


def _review_one(at_desk: Desk, which: str) -> int:
    now, history = at_desk.now(), at_desk.history(which)
    happened, standing = as_happened(history), at_desk.incident(history)
    routine = standing.routine
    found = verdicts(happened, routine, now)
    title = f"{click.style(which, bold=True)}  {routine.title.in_(spoken())}, {routine.version}"
    blocks = [title, *(_verdict_text(verdict) for verdict in found)]
    for deviation in deviations(standing):
        said = _("Deviation, entry {entry}: {what}").format(entry=deviation["entry"], what=flag(deviation["code"]))
        blocks.append(wrapped(said + (f" – {deviation['reason']}" if deviation["reason"] else ""), 0))
    blocks += [wrapped(_late_text(recorded), 0) for recorded in recorded_afterwards(history, routine)]
    conclusions = [recorded for recorded in happened if isinstance(recorded.fact, IncidentReviewed)]
    blocks += [wrapped(click.style(_conclusion_text(recorded), bold=True), 0) for recorded in conclusions]
    answer(_document(which, history, routine, found), "\n".join(blocks))
    return _findings(found)


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
