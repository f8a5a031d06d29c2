"""What a follow-up of agreements starts from: the times that the log knows of suppliers, and how each party fared.

The instruction names an agreement and none of its figures (SR-040), and contracts without their terms (SR-044): so
nothing is judged here that the review has not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from application.exports.report.model import Report
from application.exports.report.sections import at
from domain.fact import Recorded
from domain.facts import CauseEstablished, MeasureReported, ServiceRestored, SupplierContacted
from wording import times
from wording.facts import fields_of

OF_SUPPLIERS = (SupplierContacted, CauseEstablished, MeasureReported, ServiceRestored)


@dataclass(frozen=True, slots=True)
class SupplierStep:
    """One thing that somebody did or found about the outage: when, and how long after it had begun."""

    entry: int
    what: str
    when: str
    after: str


@dataclass(frozen=True, slots=True)
class Party:
    """So many of the duties that somebody had were kept."""

    name: str
    kept: int
    judged: int


@dataclass(frozen=True, slots=True)
class Agreements:
    rules: str
    outages: list[str]
    times: list[SupplierStep]
    parties: list[Party]


def agreements(report: Report) -> Agreements | None:
    """None where no outage has been found, and so nothing that an agreement could be about."""
    outages = report.spans.get("outage", [])
    if not outages:
        return None
    began = report.happened[0].occurred_at
    lasted = [(outage.start, outage.end or report.made_at) for outage in outages]
    return Agreements(
        rules=", ".join(report.routine.rules_of(MeasureReported)),
        outages=[f"{times.period(*each, began)}, {times.span(each[1] - each[0])}" for each in lasted],
        times=list(_times(report)),
        parties=list(_parties(report)),
    )


def _times(report: Report) -> Iterator[SupplierStep]:
    starts = [outage.start for outage in report.spans["outage"]]
    for recorded in report.happened:
        if isinstance(recorded.fact, OF_SUPPLIERS):
            before = [start for start in starts if start <= recorded.occurred_at]
            yield SupplierStep(
                recorded.entry,
                _what(recorded, report),
                at(recorded.occurred_at, report),
                times.span(recorded.occurred_at - before[-1]) if before else "–",
            )


def _what(recorded: Recorded, report: Report) -> str:
    said = fields_of(recorded.fact, report.words, report.happened[0].occurred_at)
    return f"{report.words.fact(recorded.fact.wire)}: {said}"


def _parties(report: Report) -> Iterator[Party]:
    """Those who had a duty that has been judged, in the routine's order."""
    judged = [verdict for verdict in report.verdicts if verdict.word in ("kept", "late", "overdue", "missed")]
    for who in dict.fromkeys(duty.who for duty in report.routine.duties):
        theirs = [verdict for verdict in judged if verdict.duty.who == who]
        if theirs:
            kept = sum(verdict.word == "kept" for verdict in theirs)
            yield Party(report.words.name(who), kept, len(theirs))
