"""A review in a terminal's lines: how each duty fared, what deviated, what was recorded late, what was concluded."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import click

from cli.terminal.colours import VERDICTS as COLOURS
from cli.terminal.lines import wrap, wrapped
from domain.clock_order import SetBack
from domain.fact import Recorded
from domain.facts import IncidentReviewed
from domain.hindsight import Reviewed
from domain.history import as_happened
from domain.incident import deviations, fold
from domain.review import recorded_afterwards
from domain.routine import Routine
from domain.staff import Entitlement, HowHeld
from domain.verdict import Verdict
from wording import times
from wording.authority import authority_lines
from wording.clocks import placed_lines, set_back_lines
from wording.facts import fields_of
from wording.runs import numbers
from wording.sentences import flag
from wording.verdicts import how_it_fared, word_of
from wording.words import Words


def review_blocks(
    history: Sequence[Recorded],
    routine: Routine,
    lines: Sequence[Reviewed],
    clocks: Mapping[int, SetBack],
    words: Words,
) -> list[str]:
    """`history` is as written, `lines` how it fares by the routine, `clocks` what was recorded by a wrong one."""
    _ = words.gettext
    happened = as_happened(history)
    standing = fold(happened, routine)
    blocks = [_("The incident is voided: nothing in it is judged.")] if standing.voided else []
    blocks += [_line_text(line, words) for line in lines]
    for deviation in deviations(standing):
        said = _("Deviation, entry {entry}: {what}").format(entry=deviation.entry, what=flag(deviation.code, words))
        blocks.append(wrapped(said + (f" – {deviation.reason}" if deviation.reason else ""), 0))
    blocks += [wrapped(_late_text(recorded, words), 0) for recorded in recorded_afterwards(history, routine)]
    blocks += [wrapped(said, 0) for said in (*set_back_lines(history, clocks, words), *placed_lines(history, words))]
    conclusions = [recorded for recorded in happened if isinstance(recorded.fact, IncidentReviewed)]
    return blocks + [wrapped(click.style(_conclusion_text(recorded, words), bold=True), 0) for recorded in conclusions]


def authority_blocks(
    stands_on: Sequence[Entitlement], words: Words, now: datetime, logins: Mapping[str, str]
) -> list[str]:
    """On whose authority publications and decisions stand; what is doubtful about it stands out."""
    return [
        wrapped(click.style(said, fg="yellow") if stand.standing is HowHeld.NOT_HELD or stand.came_after else said, 0)
        for stand, said in authority_lines(stands_on, words, now, logins)
    ]


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
        said.append(words.gettext("entry {entries}").format(entries=numbers(verdict.evidence)))
    if said:
        out.append(wrapped("; ".join(said), 16))
    out.append(wrapped(click.style(f"”{duty.quote.in_(words.language)}”", dim=True), 16))
    if duty.reading:
        out.append(wrapped(click.style(duty.reading.in_(words.language), dim=True), 16))
    return "\n".join(out)
