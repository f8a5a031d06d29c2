"""One incident as staff read it: how it stands, how its duties fare, and every entry as it was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.desk import Desk
from application.exports.report.model import Report
from application.exports.report.record import Run, log
from application.exports.report.sections import Judged, judged
from application.staff_page.standing import StandingSeen, left_out, standing
from infrastructure.registers.staff import Person


@dataclass(frozen=True, slots=True)
class IncidentSeen:
    """`duties` are those that came about, what was not kept first; `log` is as it was written, `notes` say why
    something may be missing."""

    at: datetime
    standing: StandingSeen
    duties: Sequence[Judged]
    log: Sequence[Run]
    notes: Sequence[str]


def incident_seen(desk: Desk, person: Person | None, logins: Mapping[str, str], number: str) -> IncidentSeen:
    """The incident as this person sees it; `logins` by pseudonym are the names that they may see. Raises NotFound."""
    now, history = desk.now(), desk.history(number)
    report = Report(desk.incident(history), history, (), now, desk.texts)
    stands = standing(desk, person, report.incident, report.verdicts, now)
    entries = [_named(run, logins) for run in log(report)]
    return IncidentSeen(now, stands, judged(report)[0], entries, left_out(desk))


def _named(run: Run, logins: Mapping[str, str]) -> Run:
    entries = [
        replace(entry, person=f"{entry.person} ({login})") if (login := logins.get(entry.person)) else entry
        for entry in run.entries
    ]
    return replace(run, entries=entries)
