"""What the top of a report says: which incident, how it went in a few sentences, and its figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.exports.report.model import Report
from application.exports.report.sections import counted
from application.exports.report.words import clock
from domain.conditions import Span
from domain.delivery import DeliveryState
from domain.facts import IncidentReviewed
from domain.vocabulary import Status, System, Word
from wording import times
from wording.times import period
from wording.words import Words


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The page's title and its first lines. `standing` is the status as a word of the code, for its colour."""

    title: str
    headline: str
    routine: str
    status: str
    standing: Status
    scope: str
    when: str
    goes_on: str
    lead: list[str]
    figures: list[Figure]


def head(report: Report) -> Head:
    words = report.words
    _ = words.gettext
    incident, routine = report.incident, report.routine
    systems = listed(incident.systems, words)
    headline = _("Outage in {systems}").format(systems=systems) if incident.detected_at else _("Suspected outage")
    goes_on = _("The incident is not closed: this is how it stood {time}.").format(time=clock(report.made_at))
    return Head(
        title=f"{incident.number} {headline}",
        headline=headline,
        routine=routine.title.in_(words.language),
        status=words.name(incident.status),
        standing=incident.status,
        scope=words.name(incident.scope) if incident.scope else "",
        when=_when(report),
        goes_on=goes_on if incident.open else "",
        lead=list(_lead(report)),
        figures=list(_figures(report)),
    )


def listed(named: tuple[Word, ...], words: Words) -> str:
    """The words as people say them: one, two and three."""
    _ = words.gettext
    names = [words.name(word) for word in named]
    if len(names) < 2:
        return names[0] if names else _("an unknown system")
    return _("{some} and {last}").format(some=", ".join(names[:-1]), last=names[-1])


def _when(report: Report) -> str:
    _ = report.words.gettext
    began = report.happened[0].occurred_at
    ended = report.incident.closed_at
    if ended is None:
        return _("from {time}").format(time=clock(began))
    return period(began, ended)


def _between(span: Span, report: Report) -> str:
    _ = report.words.gettext
    began = report.happened[0].occurred_at
    length = times.span((span.end or report.made_at) - span.start)
    if span.end is None:
        return _("since {time}, {span}").format(time=times.clock(span.start, began), span=length)
    return _("{period} ({span})").format(period=period(span.start, span.end, began), span=length)


def _lead(report: Report) -> Iterator[str]:
    _, ngettext = report.words.gettext, report.words.ngettext
    incident = report.incident
    outages = report.spans.get("outage", [])
    if not outages:
        yield _("No outage has been found.")
    for outage in outages:
        said = _("{systems} could not be reached {when}.") if outage.end else _("{systems} can't be reached {when}.")
        yield said.format(systems=listed(_hit(outage, report), report.words), when=_between(outage, report))
    active = report.spans.get("reserve-routine-active", [])
    for span in active:
        words = _("The reserve routine applied {when}.") if span.end else _("The reserve routine applies {when}.")
        yield words.format(when=_between(span, report))
    if report.periods.countdowns and not active:
        never, not_yet = _("The reserve routine was never activated."), _("The reserve routine has not been activated.")
        yield not_yet if incident.open else never
    if incident.received:
        yield _paper(report)
    fared = counted(report)
    judged = sum(fared[word] for word in ("kept", "late", "overdue", "missed"))
    if judged and fared["kept"] == judged:
        yield ngettext("The one duty was kept.", "All {count} duties were kept.", judged).format(count=judged)
    elif fared["overdue"]:
        yield _(
            "Of {count} duties {kept} were kept, {late} kept too late, {overdue} are overdue and {missed} missed."
        ).format(count=judged, **fared)
    elif judged:
        yield _("Of {count} duties {kept} were kept, {late} kept too late and {missed} missed.").format(
            count=judged, **fared
        )
    for recorded in report.conclusions[-1:]:
        if isinstance(recorded.fact, IncidentReviewed):
            yield _("The reviewer's conclusion: {conclusion}.").format(
                conclusion=report.words.name(recorded.fact.verdict)
            )


def _hit(outage: Span, report: Report) -> tuple[System, ...]:
    """The systems that were down in this outage; while it goes on, those that still are."""
    if outage.end is None:
        return report.incident.down
    spans = report.periods.systems
    return tuple(s for s in spans if any(outage.start <= span.start < outage.end for span in spans[s]))


def _paper(report: Report) -> str:
    received, left = report.incident.received, len(report.incident.outstanding)
    if left:
        return report.words.ngettext(
            "{left} paper referral of {count} is neither entered nor set aside.",
            "{left} paper referrals of {count} are neither entered nor set aside.",
            left,
        ).format(count=received, left=left)
    return report.words.ngettext(
        "{count} paper referral came, and is accounted for.",
        "{count} paper referrals came, and all are accounted for.",
        received,
    ).format(count=received)


def _figures(report: Report) -> Iterator[Figure]:
    _, ngettext = report.words.gettext, report.words.ngettext
    incident = report.incident
    outages, active = report.spans.get("outage", []), report.spans.get("reserve-routine-active", [])
    if outages:
        yield Figure(_("Outage"), _length(outages, report.made_at), _clocks(outages, report.words))
    if report.periods.countdowns or active:
        yield Figure(
            _("Reserve routine"),
            _length(active, report.made_at) if active else "–",
            _clocks(active, report.words) if active else _("not active") if incident.open else _("never active"),
        )
    fared = counted(report)
    judged = sum(fared[word] for word in ("kept", "late", "overdue", "missed"))
    if judged:
        yield Figure(
            _("Duties kept"),
            _("{some} of {all}").format(some=fared["kept"], all=judged),
            _("{late} late, {overdue} overdue, {missed} missed").format(**fared),
        )
    if incident.received:
        balance = _("{entered} entered, {set_aside} set aside, {left} left").format(
            entered=incident.entered, set_aside=incident.set_aside, left=len(incident.outstanding)
        )
        yield Figure(_("Paper referrals"), str(incident.received), balance)
    sent = [told for told in report.told if told.state is DeliveryState.SENT]
    mails, readers = len({told.mail for told in sent}), len({told.subscriber for told in sent})
    if report.told:
        to = ngettext("to {count} subscriber", "to {count} subscribers", readers).format(count=readers)
        yield Figure(_("Mails sent"), str(mails), to)
    if report.deviations:
        yield Figure(_("Deviations"), str(len(report.deviations)))


def _length(spans: list[Span], now: datetime) -> str:
    return times.span(sum(((span.end or now) - span.start for span in spans), timedelta()))


def _clocks(spans: list[Span], words: Words) -> str:
    _ = words.gettext
    return ", ".join(
        period(s.start, s.end, s.start) if s.end else _("since {time}").format(time=times.clock(s.start, s.start))
        for s in spans
    )
