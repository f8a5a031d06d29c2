"""The paper of a report: every referral by its number, what became of it, and how long it waited."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from application.exports.report.model import Referral, Report
from application.exports.report.sections import at
from domain.fact import Recorded
from domain.facts import ReferralEntered, ReferralReceived, ReferralSetAside
from domain.runs import FEWEST
from wording import times


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """One referral by its number: when it came and how, and what became of it."""

    serial: str
    came: str
    how: str
    became: str
    left: bool
    entries: list[int]


@dataclass(frozen=True, slots=True)
class PaperBalance:
    """What a reader has to look at stands open; papers that came and were entered, and nothing else, are folded."""

    shown: list[ReferralLine]
    folded: list[ReferralLine]
    line: str
    waits: list[str]


def paper_balance(report: Report) -> PaperBalance | None:
    """None where there was no paper."""
    if not report.referrals:
        return None
    plain = [referral for referral in report.referrals if _is_plain(referral, report)]
    plain = plain if len(plain) >= FEWEST else []
    return PaperBalance(
        shown=[_line(referral, report) for referral in report.referrals if referral not in plain],
        folded=[_line(referral, report) for referral in plain],
        line=_folded(plain, report) if plain else "",
        waits=list(_waits(report)),
    )


def _is_plain(referral: Referral, report: Report) -> bool:
    """Received, then entered, and nobody had anything to say about either."""
    steps = [step for step in (referral.received, referral.entered) if step]
    return len(steps) == 2 and referral.set_aside is None and not any(report.deviates(step) for step in steps)


def _folded(plain: list[Referral], report: Report) -> str:
    came = [referral.received.occurred_at for referral in plain if referral.received]
    entered = [referral.entered.occurred_at for referral in plain if referral.entered]
    said = report.words.ngettext(
        "{count} paper referral ({serials}): came {came}, entered {entered}",
        "{count} paper referrals ({serials}): came {came}, entered {entered}",
        len(plain),
    )
    began = report.happened[0].occurred_at
    return said.format(
        count=len(plain),
        serials=f"{plain[0].serial} … {plain[-1].serial}",
        came=times.period(min(came), max(came), began),
        entered=times.period(min(entered), max(entered), began),
    )


def _waits(report: Report) -> Iterator[str]:
    """How long the paper waited from when it came until it was entered, and how long what is left has waited."""
    _ = report.words.gettext
    waited = sorted(
        (referral.entered.occurred_at - referral.received.occurred_at, referral.serial)
        for referral in report.referrals
        if referral.entered and referral.received
    )
    if waited:
        middle = timedelta(seconds=median(length.total_seconds() for length, _serial in waited))
        longest, serial = waited[-1]
        yield _(
            "From when a paper came until it was entered: {middle} in the middle, at most {longest} ({serial})."
        ).format(middle=times.span(middle), longest=times.span(longest), serial=serial)
    left = [
        (referral.received.occurred_at, referral.serial)
        for referral in report.referrals
        if referral.received and referral.serial in report.incident.outstanding
    ]
    if left:
        since, serial = min(left)
        yield _("Of what is left {serial} has waited longest, {span}.").format(
            serial=serial, span=times.span(report.made_at - since)
        )


def _line(referral: Referral, report: Report) -> ReferralLine:
    words = report.words
    _ = words.gettext
    steps = [step for step in (referral.received, referral.entered, referral.set_aside) if step]
    came, how = "", ""
    if referral.received and isinstance(referral.received.fact, ReferralReceived):
        came = at(referral.received.occurred_at, report)
        how = ", ".join(part for part in (words.name(referral.received.fact.via), referral.received.fact.unit) if part)
    return ReferralLine(
        serial=referral.serial,
        came=came,
        how=how,
        became="; ".join(_became(step, report) for step in steps[1:]) or _("neither entered nor set aside"),
        left=referral.serial in report.incident.outstanding,
        entries=[step.entry for step in steps],
    )


def _became(step: Recorded, report: Report) -> str:
    _ = report.words.gettext
    if isinstance(step.fact, ReferralEntered):
        said = _("entered {time}").format(time=at(step.occurred_at, report))
        return f"{said}, {step.fact.reference}" if step.fact.reference else said
    assert isinstance(step.fact, ReferralSetAside)  # noqa: S101 - the model puts nothing else here
    said = _("set aside {time}: {reason}").format(
        time=at(step.occurred_at, report), reason=report.words.name(step.fact.reason)
    )
    return f"{said}, {step.fact.explanation}" if step.fact.explanation else said
