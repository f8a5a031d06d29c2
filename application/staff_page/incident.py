"""One incident as staff read it: how it stands, how its duties fare, and every entry as it was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.desk import Desk
from application.exports.report.model import Report
from application.exports.report.record import Run, log
from application.exports.report.sections import Judged, judged
from application.staff_page.standing import StandingSeen, standing
from infrastructure.registers.staff import Person


@dataclass(frozen=True, slots=True)
class IncidentSeen:
    """`duties` are those that came about, what was not kept first; `log` is as it was written."""

    at: datetime
    standing: StandingSeen
    duties: Sequence[Judged]
    log: Sequence[Run]


def incident_seen(desk: Desk, person: Person | None, logins: Mapping[str, str], number: str) -> IncidentSeen:
    """The incident as this person sees it; `logins` by pseudonym are the names that they may see. Raises NotFound."""
    now, history = desk.now(), desk.history(number)
    report = Report(desk.incident(history), history, (), now, desk.texts)
    stands = standing(desk, person, report.incident, report.verdicts, now)
    return IncidentSeen(now, stands, judged(report)[0], [_named(run, logins) for run in log(report)])


def _named(run: Run, logins: Mapping[str, str]) -> Run:
    entries = [
        replace(entry, person=f"{entry.person} ({login})") if (login := logins.get(entry.person)) else entry
        for entry in run.entries
    ]
    return replace(run, entries=entries)
