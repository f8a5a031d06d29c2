"""`review`: whether the routine was followed, duty by duty, and what another routine would have said."""

from datetime import datetime, timedelta
from typing import Any

import click

from application import documents
from application.desk import Desk
from application.incidents import chosen
from cli.terminal.colours import VERDICTS as COLOURS
from cli.terminal.command import Command, answer
from cli.terminal.exit_codes import FINDINGS
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import table, wrap, wrapped
from cli.terminal.options import Time
from cli.terminal.parameters import Argument, Option
from cli.terminal.routine_file import draft
from cli.terminal.standing import others_go_on
from domain.fact import Recorded
from domain.facts import IncidentReviewed
from domain.hindsight import Reviewed, reviewed
from domain.history import as_happened, as_known
from domain.incident import deviations, fold
from domain.review import recorded_afterwards, verdicts
from domain.routine import Routine
from domain.texts import N_
from domain.verdict import Verdict
from domain.vocabulary import Status
from infrastructure.log.clocks import all_set_back, known_before
from wording import times
from wording.clocks import left_out, set_back_lines
from wording.facts import fields_of
from wording.sentences import flag
from wording.verdicts import SHORT, VERDICTS, how_it_fared, word_of
from wording.words import Texts, Words

NOT_KEPT = ("late", "overdue", "missed")


def _review(desk: Desk, incident: str | None, every: bool, routine_file: str | None, known_at: datetime | None) -> int:
    _ = desk.texts.gettext
    if known_at and (every or routine_file):
        raise click.UsageError(_("--known-at is for one incident by its own routine."))
    if incident and every:
        raise click.UsageError(_("Either one incident or --all: leave one of the two out."))
    tried = draft(routine_file, desk.texts, desk.now())[0] if routine_file else None
    if every:
        return _review_all(desk, tried)
    which = chosen(incident, desk)
    return _what_if(desk, which, tried) if tried else _review_one(desk, which, known_at)


Fared = tuple[str, int]
"""A verdict's word, and by how many seconds it is late."""


def _what_if(desk: Desk, which: str, other: Routine) -> int:
    """How the same history fares by another routine: which verdicts change."""
    _ = desk.texts.gettext
    now, history = desk.now(), desk.history(which)
    happened, own = as_happened(history), desk.incident(history).routine
    found = verdicts(happened, other, now)
    today, then = _by_duty(verdicts(happened, own, now)), _by_duty(found)
    changed = [duty for duty in {**today, **then} if today.get(duty) != then.get(duty)]
    changes = [
        {"duty": duty, **_fared("was", today.get(duty)), **_fared("becomes", then.get(duty))} for duty in changed
    ]
    rows = [[duty, _words(today.get(duty), desk.texts), _words(then.get(duty), desk.texts)] for duty in changed]
    title = _("{incident} by {routine} {version}:").format(incident=which, routine=other.id, version=other.version)
    told = table([_("duty"), _("was"), _("becomes")], rows) if rows else _("No verdict changes.")
    answer(
        documents.review(which, history, other, reviewed(history, other, now), desk.texts.of(other))
        | {"clocks": documents.clocks(history, all_set_back(desk.database)), "changes": changes},
        f"{title}\n{told}",
    )
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


def _words(fared: list[Fared] | None, texts: Texts) -> str:
    _ = texts.gettext
    said = []
    for word, late in fared or ():
        by = _("{span} late").format(span=times.span(timedelta(seconds=late))) if late else ""
        said.append(f"{word_of(word, texts)} ({by})" if by else word_of(word, texts))
    return ", ".join(said) or "–"


def _findings(found: list[Verdict]) -> int:
    return FINDINGS if any(verdict.word in NOT_KEPT for verdict in found) else 0


def _review_all(desk: Desk, tried: Routine | None) -> int:
    """How many duties of every incident fared how by its own routine, and beside it by one that is tried."""
    _ = desk.texts.gettext
    now = desk.now()
    answers: list[dict[str, Any]] = []
    rows: list[list[str]] = []
    routines: list[Routine] = []
    unread: list[str] = []
    for which in desk.board.all_incidents():
        with others_go_on(desk, which, unread):
            history = desk.history(which)
            incident = desk.incident(history)
            happened, own = as_happened(history), incident.routine
            was = _counts(verdicts(happened, own, now))
            counts = _counts(verdicts(happened, tried, now)) if tried else was
            before = {"was": {"routine": documents.version(own), **was}} if tried else {}
            named = {"incident": which, "status": incident.status, "routine": documents.version(tried or own)}
            answers.append(named | counts | before)
            rows.append([which, *("–" if incident.voided else _change(was[word], counts[word]) for word in VERDICTS)])
            routines.append(own)
    head = [_("incident"), *(_(words) for words in SHORT.values()), _("routine")]
    only = len({routine.id for routine in routines}) == 1  # then its version is enough, and fits
    by = [routine.version if only else f"{routine.id} {routine.version}" for routine in routines]
    rows = [[*row, version] for row, version in zip(rows, by, strict=True)]
    said = table(head, rows) if rows else _("There is no incident yet.")
    if voided := sum(document["status"] is Status.VOIDED for document in answers):
        words = desk.texts.ngettext(
            "{count} incident is voided, and not judged.", "{count} incidents are voided, and not judged.", voided
        )
        said += "\n" + words.format(count=voided)
    if tried:
        title = _("By {routine} {version}, and where it changes something what it was:")
        said = f"{wrapped(title.format(routine=tried.id, version=tried.version), 0)}\n{said}"
    answer(answers, "\n".join([said, *unread] if rows or not unread else unread))
    return FINDINGS if any(document[word] for document in answers for word in NOT_KEPT) else 0


def _counts(found: list[Verdict]) -> dict[str, int]:
    return {word: sum(verdict.word == word for verdict in found) for word in VERDICTS}


def _change(was: int, becomes: int) -> str:
    return str(was) if was == becomes else click.style(f"{was} → {becomes}", bold=True)


def _review_one(desk: Desk, which: str, known_at: datetime | None) -> int:
    """By what is known now, or was known at a moment; then as it stood at that moment."""
    now, everything = known_at or desk.now(), desk.history(which)
    history = as_known(everything, known_at, known_before(desk.database, known_at)) if known_at else everything
    routine = desk.incident(everything).routine
    happened, standing = as_happened(history), fold(as_happened(history), routine)
    words = desk.texts.of(routine)
    _ = words.gettext
    lines = reviewed(history, routine, now)
    title = f"{click.style(which, bold=True)}  {routine.title.in_(words.language)}, {routine.version}"
    blocks = [title]
    if known_at:
        blocks.append(wrapped(_("By what was known {time}.").format(time=times.clock(known_at)), 0))
        if said := left_out(everything, history, known_at, words):
            blocks.append(wrapped(click.style(said, fg="yellow"), 0))
    if standing.voided:
        blocks.append(_("The incident is voided: nothing in it is judged."))
    blocks += [_line_text(line, words) for line in lines]
    for deviation in deviations(standing):
        said = _("Deviation, entry {entry}: {what}").format(entry=deviation.entry, what=flag(deviation.code, words))
        blocks.append(wrapped(said + (f" – {deviation.reason}" if deviation.reason else ""), 0))
    blocks += [wrapped(_late_text(recorded, words), 0) for recorded in recorded_afterwards(history, routine)]
    clocks = all_set_back(desk.database)
    blocks += [wrapped(said, 0) for said in set_back_lines(history, clocks, words)]
    conclusions = [recorded for recorded in happened if isinstance(recorded.fact, IncidentReviewed)]
    blocks += [wrapped(click.style(_conclusion_text(recorded, words), bold=True), 0) for recorded in conclusions]
    document = documents.review(which, history, routine, lines, words)
    answer(document | {"clocks": documents.clocks(history, clocks)}, "\n".join(blocks))
    return _findings([line.verdict for line in lines if isinstance(line.verdict, Verdict)])


def _late_text(recorded: Recorded, words: Words) -> str:
    """Who wrote it down how long after it happened."""
    _ = words.gettext
    said = _("Recorded afterwards, entry {entry}: {fact}, {span} later, by {function} ({person})").format(
        entry=recorded.entry,
        fact=words.fact(recorded.fact.wire),
        span=times.span(recorded.recorded_at - recorded.occurred_at),
        function=words.name(recorded.recorded_as),
        person=recorded.recorded_by,
    )
    return said + (f" – {recorded.late_because}" if recorded.late_because else "")


def _conclusion_text(recorded: Recorded, words: Words) -> str:
    _ = words.gettext
    return _("Reviewed {time}, entry {entry}: {what}").format(
        time=times.clock(recorded.occurred_at),
        entry=recorded.entry,
        what=fields_of(recorded.fact, words, recorded.occurred_at),
    )


def _line_text(line: Reviewed, words: Words) -> str:
    """One duty: its verdict, its times and its evidence, and the clause."""
    verdict, duty = line.verdict, line.verdict.duty
    code = verdict.word if isinstance(verdict, Verdict) else "not-applicable"
    word = click.style(f"{word_of(code, words):<16}", fg=COLOURS.get(code), bold=True)
    text = f"{duty.text.in_(words.language)} ({', '.join(duty.rules)})"
    lead = wrap(text, 80, initial_indent=" " * 16, subsequent_indent=" " * 16)
    out = [word + lead[16:]]
    said = list(how_it_fared(line, words))
    if isinstance(verdict, Verdict) and verdict.evidence:
        said.append(words.gettext("entry {entries}").format(entries=", ".join(map(str, verdict.evidence))))
    if said:
        out.append(wrapped("; ".join(said), 16))
    out.append(wrapped(click.style(f"”{duty.quote.in_(words.language)}”", dim=True), 16))
    if duty.reading:
        out.append(wrapped(click.style(duty.reading.in_(words.language), dim=True), 16))
    return "\n".join(out)


review = Command(
    "review",
    _review,
    help=N_(
        "Whether the routine was followed: a verdict for every duty, its evidence and its clause. Ends with 6 if not."
    ),
    examples=(
        "reservrutin review 2026-0007\nreservrutin review 2026-0007 --routine draft.toml\nreservrutin review --all\n"
        "reservrutin review 2026-0007 --known-at 12:20"
    ),
    params=[
        Argument(["incident"], required=False, type=IncidentNumber()),
        Option(["--all", "every"], is_flag=True, help=N_("every incident, a line each")),
        Option(["--known-at"], type=Time(), help=N_("by what had been recorded by then, as it stood then")),
        Option(["--routine", "routine_file"], metavar=N_("FILE"), help=N_("by a draft: which verdicts would change")),
    ],
)
