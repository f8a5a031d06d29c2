"""`due` and `review`: the routine's duties, before and after."""

from datetime import datetime
from typing import Any

import click

from cli import times
from cli.command import Command, answer, desk
from cli.incidents import chosen, number
from cli.language import _, spoken
from cli.options import Time, Written
from cli.render import wrapped
from cli.sentences import flag
from cli.standing import deviations, duty_line
from domain.history import as_happened
from domain.review import Verdict, verdicts
from domain.review import due as duties_due
from domain.routine import builtin
from domain.vocabulary import N_
from infrastructure.incident_log import incident_of

FINDINGS = 6
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


def _due(incident: str | None, at: datetime | None) -> None:
    at_desk = desk()
    now = at or at_desk.now()
    documents: list[dict[str, Any]] = []
    blocks: list[str] = []
    for which in [number(incident, at_desk)] if incident else at_desk.board.open_incidents():
        found = duties_due(as_happened(at_desk.log.history(which)), builtin(), now)
        documents += [_duty_document(which, verdict, now) for verdict in found]
        if found:
            blocks.append("\n".join([click.style(which, bold=True), *(_duty_text(verdict, now) for verdict in found)]))
    answer(documents, "\n\n".join(blocks) or _("Nothing is due."))


def _duty_document(which: str, verdict: Verdict, now: datetime) -> dict[str, Any]:
    overdue = max(int((now - verdict.due_at).total_seconds()), 0) if verdict.due_at else 0
    return {
        "incident": which,
        "rule": verdict.duty.rules[0],
        "rules": list(verdict.duty.rules),
        "duty": verdict.duty.id,
        "who": verdict.duty.who,
        "due_at": times.iso(verdict.due_at),
        "overdue_seconds": overdue,
    }


def _duty_text(verdict: Verdict, now: datetime) -> str:
    quote = f"{', '.join(verdict.duty.rules)}: ”{verdict.duty.quote.in_(spoken())}”"
    return f"{wrapped(duty_line(verdict, now), 2)}\n{wrapped(click.style(quote, dim=True), 6)}"


def _review(incident: str) -> int:
    at_desk, now = desk(), desk().now()
    which = chosen(incident, at_desk)
    happened = as_happened(at_desk.log.history(which))
    routine, standing = builtin(), incident_of(happened)
    found = verdicts(happened, routine, now)
    document = {
        "incident": which,
        "routine": {"id": routine.id, "version": routine.version},
        "verdicts": [_verdict_document(verdict) for verdict in found],
        "deviations": deviations(standing),
    }
    title = f"{click.style(which, bold=True)}  {routine.title.in_(spoken())}, {routine.version}"
    blocks = [title, *(_verdict_text(verdict, now) for verdict in found)]
    for deviation in deviations(standing):
        said = _("Deviation, entry {entry}: {what}").format(entry=deviation["entry"], what=flag(deviation["code"]))
        blocks.append(wrapped(said + (f" – {deviation['reason']}" if deviation["reason"] else ""), 0))
    answer(document, "\n".join(blocks))
    return FINDINGS if any(verdict.word in ("late", "missed") for verdict in found) else 0


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


def _verdict_text(verdict: Verdict, now: datetime) -> str:
    word = click.style(f"{_(VERDICTS[verdict.word]):<16}", fg=COLOURS.get(verdict.word), bold=True)
    said = f"{verdict.duty.text.in_(spoken())} ({', '.join(verdict.duty.rules)})"
    facts = []
    if verdict.due_at:
        facts.append(_("due {time}").format(time=times.clock(verdict.due_at, now)))
    if verdict.done_at and not verdict.duty.forbids:
        facts.append(_("done {time}").format(time=times.clock(verdict.done_at, now)))
    if verdict.late:
        facts.append(_("{span} late").format(span=times.span(verdict.late)))
    if verdict.evidence:
        facts.append(_("entry {entries}").format(entries=", ".join(map(str, verdict.evidence))))
    if verdict.why:
        facts.append(_(WHY[verdict.why]))
    lead = click.wrap_text(said, 80, initial_indent=" " * 16, subsequent_indent=" " * 16)
    out = [word + lead[16:]]
    if facts:
        out.append(wrapped("; ".join(facts), 16))
    out.append(wrapped(click.style(f"”{verdict.duty.quote.in_(spoken())}”", dim=True), 16))
    if verdict.duty.reading:
        out.append(wrapped(click.style(verdict.duty.reading.in_(spoken()), dim=True), 16))
    return "\n".join(out)


due = Command(
    "due",
    _due,
    help=_("What is to be done, by whom and when, with the rule that says so."),
    examples="reservrutin due\nreservrutin due 2026-0007 --at 12:05",
    params=[
        click.Argument(["incident"], required=False, type=Written()),
        click.Option(["--at"], type=Time(), help=_("as it is, or was, then")),
    ],
)
review = Command(
    "review",
    _review,
    help=_(
        "Whether the routine was followed: a verdict for every duty, its evidence and its clause. Ends with 6 if not."
    ),
    examples="reservrutin review 2026-0007\nreservrutin review 2026-0007 --json",
    params=[click.Argument(["incident"], type=Written())],
)
