"""The facts as they are drawn: strokes from when each happened to when it was written, and flags on the few that
everybody asks about. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from application.exports.report.axis import Axis
from application.exports.report.canvas import room
from application.exports.report.model import Report
from application.exports.report.words import clock, hour
from domain import facts as f
from domain.fact import Fact, Recorded
from wording import times

FLAGGED: tuple[type[Fact], ...] = (
    f.ReserveRoutineActivated,
    f.OutageDetected,
    f.ServiceRestored,
    f.IncidentClosed,
    f.ReserveRoutineDeactivated,
    f.ScopeReclassified,
    f.IncidentReopened,
    f.InstructionReceived,
    f.PartnerNotified,
    f.OperatingInformationPublished,
    f.IncidentReviewed,
    f.DisturbanceReported,
    f.SystemOwnerContacted,
    f.ActivationDeferred,
    f.PrognosisReceived,
    f.PrognosisWithdrawn,
    f.SupplierContacted,
    f.UnitManagerContacted,
    f.ServicedeskIncidentCreated,
)
"""What gets a flag where there is room, the most asked for first."""


BOLD = {fact.wire for fact in FLAGGED[:3]}
"""As the page's style has them."""


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A fact's name over the place where it happened, so many rows up."""

    x: float
    row: int
    left: float
    right: float
    text: str
    kind: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """From when one or several facts happened to when they were written."""

    x: float
    written_x: float
    kind: str
    title: str


def moments(report: Report) -> Iterator[datetime]:
    """Every moment that the drawing has to show."""
    for recorded in report.happened:
        yield recorded.occurred_at
        yield recorded.recorded_at
        if isinstance(recorded.fact, f.ActivationDeferred):
            yield recorded.fact.until
    yield from written_twice(report)
    for promise in report.periods.promises:
        yield max(promise.prognosis.restored_by, promise.prognosis.received_at)
    for countdown in report.periods.countdowns:
        yield countdown.due_at
    yield from (told.at for told in report.told if told.at)
    if report.incident.open:
        yield report.made_at


def written_twice(report: Report) -> list[datetime]:
    """When corrected entries were first said to have happened."""
    return [
        recorded.occurred_at
        for recorded in report.written
        if recorded.entry in report.corrected_by and report.reads[recorded.entry].occurred_at != recorded.occurred_at
    ]


def is_late(recorded: Recorded, report: Report) -> bool:
    return any(late.entry == recorded.entry for late in report.afterwards)


def strokes(report: Report, along: Axis) -> list[Stroke]:
    """One for every fact; those that would be drawn on top of each other are one. What was late comes last, on top."""
    late = {recorded.entry for recorded in report.afterwards}
    together: dict[tuple[int, int, str], list[Recorded]] = {}
    for recorded in report.happened:
        kind = "late" if recorded.entry in late else "clock" if recorded.fact.clocks else "prompt"
        x, written_x = along.x(recorded.occurred_at), along.x(recorded.recorded_at)
        together.setdefault((round(x * 2), round(written_x * 2), kind), []).append(recorded)
    found = [
        Stroke(
            along.x(some[0].occurred_at),
            along.x(some[0].recorded_at),
            kind,
            "\n".join(_told(one, report) for one in some[:12]),
        )
        for (_x, _written, kind), some in together.items()
    ]
    return sorted(found, key=lambda stroke: stroke.kind == "late")


def _told(recorded: Recorded, report: Report) -> str:
    _ = report.words.gettext
    said = _("entry {entry}: {what}").format(
        entry=recorded.entry, what=f"{report.words.fact(recorded.fact.wire)} {clock(recorded.occurred_at)}"
    )
    gap = recorded.recorded_at - recorded.occurred_at
    if gap.total_seconds() < 60:
        return said
    later = _("recorded {time}, {span} later").format(time=clock(recorded.recorded_at), span=times.span(gap))
    return f"{said}, {later}"


def flags(report: Report, along: Axis, rows: int, width: float, size: float) -> list[PlacedLabel]:
    """As many flags as fit in so many rows, and where it can be without crossing each other's poles."""
    wanted = [
        (FLAGGED.index(type(recorded.fact)), recorded) for recorded in report.happened if type(recorded.fact) in FLAGGED
    ]
    placed: list[PlacedLabel] = []
    for _rank, recorded in sorted(wanted, key=lambda want: (want[0], want[1].occurred_at)):
        x = along.x(recorded.occurred_at)
        text = f"{hour(recorded.occurred_at)} {report.words.fact(recorded.fact.wire)}"
        kind = "late" if is_late(recorded, report) else recorded.fact.wire
        needs = room(text, size, bold=kind in BOLD) + 6
        sides = [(anchor, left) for anchor, left in (("start", x), ("end", x - needs)) if 0 <= left <= width - needs]
        sides = sides or [("start", max(width - needs, 0))]
        tried = [
            PlacedLabel(x, row, left, left + needs, text, kind, anchor) for row in range(rows) for anchor, left in sides
        ]
        free = [flag for flag in tried if not any(_overlap(flag, other) for other in placed)]
        if free:
            placed.append(min(free, key=lambda flag: sum(_cross(flag, other) for other in placed)))
    return placed


def _overlap(one: PlacedLabel, other: PlacedLabel) -> bool:
    return one.row == other.row and one.left < other.right + 4 and other.left < one.right + 4


def _cross(one: PlacedLabel, other: PlacedLabel) -> bool:
    """Whether the pole of the higher one runs through the lower one."""
    low, high = sorted((one, other), key=lambda flag: flag.row)
    return low.row < high.row and low.left - 3 < high.x < low.right + 3
