"""The page: one file with its drawing and its style in it, that fetches nothing and runs nothing."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment

from application.exports.report.agreements import agreements
from application.exports.report.content import head
from application.exports.report.model import Report
from application.exports.report.papers import paper_balance
from application.exports.report.record import log
from application.exports.report.sections import conclusions, deviated, judged, late, reached
from application.exports.report.sheet import NARROW, WIDE
from application.exports.report.timeline import draw
from application.exports.report.words import clock, unbroken
from application.templates import templates
from domain.audience import ChannelName
from domain.delivery import DeliveryState
from domain.runs import spans
from wording.words import Language, texts_in

SIGNS = {
    "kept": "✓",
    "late": "◷",
    "overdue": "!",
    "missed": "✕",
    "pending": "…",
    "deferred": "→",
    "not-applicable": "–",
}
"""Beside its colour each verdict has a sign of its own."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """By what the report can be checked."""

    positions: str
    routine: str
    checkpoint: str
    covered: str
    note: str
    program: str
    made: str
    commands: list[tuple[str, str]]


def page(report: Report) -> str:
    """The page in the report's own words."""
    came_about, never = judged(report)
    late_alone, late_folded = late(report)
    return (
        _environment(report.words.language)
        .get_template("report.html.j2")
        .render(
            language=report.words.language,
            head=head(report),
            number=report.incident.number,
            drawings=[("wide", draw(report, WIDE)), ("narrow", draw(report, NARROW))],
            judged=came_about,
            never=never,
            deviated=deviated(report),
            late=late_alone,
            late_folded=late_folded,
            paper=paper_balance(report),
            agreements=agreements(report),
            incident=report.incident,
            reached=reached(report),
            conclusions=conclusions(report),
            log=log(report),
            evidence=evidence(report),
            signs=SIGNS,
            keys=keys(report),
        )
    )


def keys(report: Report) -> list[str]:
    """Which signs the drawing uses, in the order of its key."""
    took = {told.channel for told in report.told if told.state is DeliveryState.SENT and told.at}
    used = {
        "prompt": True,
        "late": bool(report.afterwards),
        "clock": any(recorded.fact.clocks for recorded in report.written),
        "due": any(countdown.ran_out for countdown in report.periods.countdowns),
        "mail": ChannelName.EMAIL in took,
        "folder": ChannelName.FOLDER in took,
        "refused": any(told.state is DeliveryState.REFUSED and told.at for told in report.told),
    }
    return [sign for sign, there in used.items() if there]


def evidence(report: Report) -> Evidence:
    _, ngettext = report.words.gettext, report.words.ngettext
    routine, number, checkpoint = report.routine, report.incident.number, report.checkpoint
    first, last = report.written[0].position, report.written[-1].position
    positions = ngettext(
        "entry 1, at position {first} of the log",
        "entries 1–{count}, at the positions {first}–{end} of the log",
        len(report.written),
    ).format(count=len(report.written), first=first, end=last)
    covered = ""
    if checkpoint:
        covers = last is not None and checkpoint.size >= last
        covered = _("It covers every entry of this report.") if covers else _("Entries at the end are newer than it.")
    commands = [
        (f"reservrutin log {number}", _("the same entries")),
        (f"reservrutin review {number}", _("the same verdicts")),
        (f"reservrutin deliveries {number}", _("the same notices, one by one")),
        ("reservrutin verify", _("that nobody has touched the log")),
    ]
    return Evidence(
        positions=positions,
        routine=_("{routine}, version {version}, valid from {date}").format(
            routine=routine.id, version=routine.version, date=routine.valid_from
        ),
        checkpoint=_("{size} facts, root {root}").format(size=checkpoint.size, root=b64encode(checkpoint.root).decode())
        if checkpoint
        else "",
        covered=covered,
        note=checkpoint.note if checkpoint else "",
        program=report.program,
        made=clock(report.made_at),
        commands=commands,
    )


@cache
def _environment(language: Language) -> Environment:
    """Compiled once a language."""
    return templates("application.exports.report", texts_in(language), {"unbroken": unbroken, "spans": spans})
