"""The log of a report in words, as it was written: each entry beside what corrected it and who was told of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from application.exports.report.model import NoticeTold, Report
from application.exports.report.sections import person
from application.exports.report.words import day_of
from domain.audience import ChannelName
from domain.delivery import INTO_A_FOLDER, DeliveryState
from domain.fact import Recorded
from domain.facts import EntryCorrected, EntryWithdrawn
from domain.history import target
from domain.texts import N_
from domain.vocabulary import Audience
from wording import times
from wording.facts import said_of
from wording.runs import numbers, papers
from wording.sentences import flag
from wording.words import Words

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


@dataclass(frozen=True, slots=True)
class Run:
    """Entries that stand together; with a line that tells all of them where there are several. `day` is said where
    it is not that of what stands above."""

    entries: list[Entry]
    day: str
    numbers: str = ""
    when: str = ""
    what: str = ""
    who: str = ""
    gap: str = ""
    late: bool = False


def log(report: Report) -> Iterator[Run]:
    """The log as it was written, alike papers folded."""
    each, above = iter(entries(report)), ""
    for run in report.runs:
        some, day = [next(each) for _recorded in run], day_of(run[0].occurred_at, report.words)
        new, above = "" if day == above else day, day
        if len(run) == 1:
            yield Run(some, new)
            continue
        moments = sorted(recorded.occurred_at for recorded in run)
        gap = max(recorded.recorded_at - recorded.occurred_at for recorded in run)
        yield Run(
            some,
            new,
            numbers=numbers(recorded.entry for recorded in run),
            when=times.period(moments[0], moments[-1], run[0].occurred_at),
            what=papers(run, report.words),
            who=some[0].who,
            gap=times.span(gap) if gap >= timedelta(minutes=1) else "",
            late=some[0].late,
        )


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
            happened=times.clock(recorded.occurred_at, recorded.occurred_at),
            written=times.clock(recorded.recorded_at, recorded.occurred_at),
            gap=times.span(gap) if gap >= timedelta(minutes=1) else "",
            late=recorded.entry in afterwards,
            who=words.name(recorded.recorded_as),
            person=person(recorded, words),
            fields=said_of(recorded.fact, words, recorded.occurred_at, target(recorded, report.written)),
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
            reads=[
                (_("Happened"), times.clock(reads.occurred_at, recorded.occurred_at)),
                *said_of(reads.fact, words, recorded.occurred_at),
            ]
            if corrected_by
            else [],
            told=[*_told(by_entry.get(recorded.entry, []), recorded, words)],
        )


def _told(told: list[NoticeTold], recorded: Recorded, words: Words) -> Iterator[str]:
    """Who was told of an entry: how their notices ended, with when the channel took the first, and the audiences of
    which the same is to be said."""
    groups: dict[tuple[Audience, DeliveryState, ChannelName], list[NoticeTold]] = {}
    for one in told:
        groups.setdefault((one.audience, one.state, one.channel), []).append(one)
    by_words: dict[str, list[str]] = {}
    for (audience, state, channel), some in groups.items():
        said = _ended(state, channel, some, recorded, words)
        by_words.setdefault(said, []).append(words.name(audience))
    for said, audiences in by_words.items():
        yield words.gettext("{audience}: {what}").format(audience=", ".join(audiences), what=said)


def _ended(state: DeliveryState, channel: ChannelName, some: list[NoticeTold], recorded: Recorded, words: Words) -> str:
    _ = words.gettext
    moments = sorted(one.at for one in some if one.at)
    first = times.clock(moments[0], recorded.occurred_at) if moments else ""
    said = _(STATES.get(state, N_("waiting"))).format(time=first)
    if state is DeliveryState.SENT and channel is ChannelName.FOLDER:
        said = f"{_(INTO_A_FOLDER)} {first}"
    codes = sorted({one.code for one in some if one.code})
    said = f"{said} ({', '.join(codes)})" if codes else said
    if len(some) > 1:
        said += words.ngettext(", {count} subscriber", ", {count} subscribers", len(some)).format(count=len(some))
    return said
