"""The log of a report in words, as it was written: each entry beside what corrected it and who was told of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from application.exports.report.model import NoticeTold, Report
from application.exports.report.sections import at, person
from domain.audience import ChannelName
from domain.delivery import INTO_A_FOLDER, DeliveryState
from domain.fact import Fact
from domain.facts import EntryCorrected, EntryWithdrawn
from domain.history import target
from domain.texts import N_
from domain.vocabulary import Audience
from wording import times
from wording.facts import said_of
from wording.sentences import flag

STATES = {
    DeliveryState.SENT: N_("sent {time}"),
    DeliveryState.REFUSED: N_("refused {time}"),
    DeliveryState.SUPERSEDED: N_("replaced or withdrawn"),
    DeliveryState.EXPIRED: N_("too old to send"),
}
"""What became of a notice, in a word or two; of any other state, that it waits."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it was written, beside what corrected it and who was told because of it."""

    number: int
    position: int | None
    fact: str
    happened: str
    written: str
    gap: str
    late: bool
    who: str
    person: str
    fields: list[tuple[str, str]]
    links: tuple[str, ...]
    note: str
    deviation: str
    late_because: str
    flags: list[str]
    corrects: int | None
    withdraws: int | None
    withdrawn_by: int | None
    corrected_by: list[int] = field(default_factory=list)
    reads: list[tuple[str, str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def entries(report: Report) -> Iterator[Entry]:
    """The log as it was written, entry by entry."""
    words = report.words
    _ = words.gettext
    afterwards = {recorded.entry for recorded in report.afterwards}
    by_entry: dict[int, list[NoticeTold]] = {}
    for told in report.told:
        by_entry.setdefault(told.entry, []).append(told)
    for recorded in report.written:
        gap = recorded.recorded_at - recorded.occurred_at
        corrected_by = report.corrected_by.get(recorded.entry, [])
        reads = report.reads[recorded.entry]
        corrects = recorded.fact.entry if isinstance(recorded.fact, EntryCorrected) else None
        yield Entry(
            number=recorded.entry,
            position=recorded.position,
            fact=words.fact(recorded.fact.wire),
            happened=at(recorded.occurred_at, report),
            written=at(recorded.recorded_at, report),
            gap=times.span(gap) if gap >= timedelta(minutes=1) else "",
            late=recorded.entry in afterwards,
            who=words.name(recorded.recorded_as),
            person=person(recorded, words),
            fields=_fields(recorded.fact, report, target(recorded, report.written)),
            links=tuple(getattr(recorded.fact, "links", ())),
            note=recorded.note,
            deviation=recorded.deviation,
            late_because=recorded.late_because,
            flags=[
                f"{flag(i.code, words)} ({i.rule})" if i.rule else flag(i.code, words)
                for i in report.incident.flags(recorded.entry)
            ],
            corrects=corrects,
            withdraws=recorded.fact.entry if isinstance(recorded.fact, EntryWithdrawn) else None,
            withdrawn_by=report.withdrawn_by.get(recorded.entry),
            corrected_by=corrected_by,
            reads=[(_("Happened"), at(reads.occurred_at, report)), *_fields(reads.fact, report)]
            if corrected_by
            else [],
            told=[*_told(by_entry.get(recorded.entry, []), report)],
        )


def _told(told: list[NoticeTold], report: Report) -> Iterator[str]:
    """Who was told of an entry: each audience and how its notices ended, with when the channel took the first."""
    _, ngettext = report.words.gettext, report.words.ngettext
    groups: dict[tuple[Audience, DeliveryState, ChannelName], list[NoticeTold]] = {}
    for one in told:
        groups.setdefault((one.audience, one.state, one.channel), []).append(one)
    for (audience, state, channel), some in groups.items():
        moments = sorted(one.at for one in some if one.at)
        first = at(moments[0], report) if moments else ""
        said = _(STATES.get(state, N_("waiting"))).format(time=first)
        if state is DeliveryState.SENT and channel is ChannelName.FOLDER:
            said = f"{_(INTO_A_FOLDER)} {first}"
        codes = sorted({one.code for one in some if one.code})
        said = f"{said} ({', '.join(codes)})" if codes else said
        if len(some) > 1:
            said += ngettext(", {count} subscriber", ", {count} subscribers", len(some)).format(count=len(some))
        yield _("{audience}: {what}").format(audience=report.words.name(audience), what=said)


def _fields(fact: Fact, report: Report, corrected: Fact | None = None) -> list[tuple[str, str]]:
    return said_of(fact, report.words, report.happened[0].occurred_at, corrected)
