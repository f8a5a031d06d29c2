"""The sections of a report in words: the verdicts, what deviated, and who was told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from application.exports.report.model import NoticeTold, Report
from domain.delivery import DeliveryState
from domain.fact import UNREGISTERED, Recorded
from domain.facts import IncidentReviewed
from domain.texts import N_
from domain.verdict import Verdict
from domain.vocabulary import Audience
from infrastructure.log.deadlines import CLOCK
from wording import times
from wording.runs import numbers, papers
from wording.sentences import flag
from wording.verdicts import VERDICTS, how_it_fared, word_of
from wording.words import Texts

WORST_FIRST = ("missed", "overdue", "late", "pending", "deferred", "kept")
NEVER = "not-applicable"
UNSENT = (
    ((DeliveryState.REFUSED,), N_("{count} refused")),
    ((DeliveryState.SUPERSEDED,), N_("{count} replaced or withdrawn")),
    ((DeliveryState.EXPIRED,), N_("{count} too old")),
    (
        (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS),
        N_("{count} waiting"),
    ),
)
PERSONS = {UNREGISTERED: N_("not registered as staff"), CLOCK: ""}
"""Instead of a pseudonym, where nobody has one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict. `word` is its word in the code, for its colour and its sign."""

    word: str
    verdict: str
    text: str
    who: str
    rules: str
    quote: str
    reading: str
    times: list[str]
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Deviated:
    entry: int
    fact: str
    what: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Late:
    entry: int
    fact: str
    happened: str
    written: str
    gap: str
    who: str
    person: str


@dataclass(frozen=True, slots=True)
class Reached:
    """One audience: how many notices for how many readers ended how, and how long the mail took."""

    audience: str
    readers: int
    mails: int
    sent: int
    unsent: str
    took: str


@dataclass(frozen=True, slots=True)
class Conclusion:
    entry: int
    when: str
    person: str
    conclusion: str
    findings: str


def counted(report: Report) -> dict[str, int]:
    """How many duties fared how, by the verdict's word."""
    counts = Counter[str](verdict.word for verdict in report.verdicts)
    return {word: counts[word] for word in VERDICTS}


def at(moment: datetime, report: Report) -> str:
    """As the page says it: with the date where it is not that of the first fact."""
    return times.clock(moment, report.happened[0].occurred_at)


def person(recorded: Recorded, texts: Texts) -> str:
    """The pseudonym of whoever recorded it, or what can be said where there is none."""
    return texts.gettext(PERSONS.get(recorded.recorded_by, recorded.recorded_by))


def judged(report: Report) -> tuple[list[Judged], list[Judged]]:
    """A line for every duty, what was not kept first; by themselves those that never came about."""
    words, beside = report.words, report.happened[0].occurred_at
    found = []
    for line in report.lines:
        verdict, duty = line.verdict, line.verdict.duty
        word = verdict.word if isinstance(verdict, Verdict) else NEVER
        found.append(
            Judged(
                word=word,
                verdict=word_of(word, words),
                text=duty.text.in_(words.language),
                who=words.name(duty.who),
                rules=", ".join(duty.rules),
                quote=duty.quote.in_(words.language),
                reading=duty.reading.in_(words.language) if duty.reading else "",
                times=list(how_it_fared(line, words, beside)),
                evidence=verdict.evidence if isinstance(verdict, Verdict) else (),
            )
        )
    came_about = [one for one in found if one.word != NEVER]
    never = [one for one in found if one.word == NEVER]
    return sorted(came_about, key=lambda judged: WORST_FIRST.index(judged.word)), never


def deviated(report: Report) -> list[Deviated]:
    return [
        Deviated(
            entry=deviation.entry,
            fact=report.words.fact(report.reads[deviation.entry].fact.wire),
            what=flag(deviation.code, report.words),
            rule=deviation.rule,
            reason=deviation.reason,
        )
        for deviation in report.deviations
    ]


def late(report: Report) -> tuple[list[Late], list[tuple[str, list[Late]]]]:
    """Who wrote down what how long after it happened; what stands in a run folded, with a line that says all of it."""
    behind = {recorded.entry for recorded in report.afterwards}
    folded = [run for run in report.runs if len(run) > 1 and run[0].entry in behind]
    inside = {recorded.entry for run in folded for recorded in run}
    alone = [_late(recorded, report) for recorded in report.afterwards if recorded.entry not in inside]
    return alone, [(_late_run(run, report), [_late(recorded, report) for recorded in run]) for run in folded]


def _late(recorded: Recorded, report: Report) -> Late:
    return Late(
        entry=recorded.entry,
        fact=report.words.fact(recorded.fact.wire),
        happened=at(recorded.occurred_at, report),
        written=at(recorded.recorded_at, report),
        gap=times.span(recorded.recorded_at - recorded.occurred_at),
        who=report.words.name(recorded.recorded_as),
        person=person(recorded, report.words),
    )


def _late_run(run: Sequence[Recorded], report: Report) -> str:
    _ = report.words.gettext
    longest = max(recorded.recorded_at - recorded.occurred_at for recorded in run)
    return _("{what}, entry {entries}, recorded at most {span} later").format(
        what=papers(run, report.words), entries=numbers(recorded.entry for recorded in run), span=times.span(longest)
    )


def reached(report: Report) -> list[Reached]:
    """Every audience that the routine knows, told or not."""
    return [
        _reached(audience, [t for t in report.told if t.audience is audience], report) for audience in report.audiences
    ]


def _reached(audience: Audience, told: list[NoticeTold], report: Report) -> Reached:
    _ = report.words.gettext
    states = Counter(one.state for one in told)
    sent = [one for one in told if one.state is DeliveryState.SENT]
    took = sorted(one.at - report.reads[one.entry].recorded_at for one in sent if one.at and one.entry in report.reads)
    unsent = [(words, sum(states[state] for state in some)) for some, words in UNSENT]
    words = ""
    if took:
        middle = timedelta(seconds=median(length.total_seconds() for length in took))
        words = _("{middle}, at most {longest}").format(middle=times.span(middle), longest=times.span(took[-1]))
        words = _("within a minute") if took[-1] < timedelta(minutes=1) else words
    return Reached(
        audience=report.words.name(audience),
        readers=len({one.subscriber for one in told}),
        mails=len({one.mail for one in sent}),
        sent=len(sent),
        unsent=", ".join(_(words).format(count=count) for words, count in unsent if count),
        took=words,
    )


def conclusions(report: Report) -> list[Conclusion]:
    return [
        Conclusion(
            entry=recorded.entry,
            when=at(recorded.occurred_at, report),
            person=person(recorded, report.words),
            conclusion=report.words.name(recorded.fact.verdict),
            findings=recorded.fact.findings,
        )
        for recorded in report.conclusions
        if isinstance(recorded.fact, IncidentReviewed)
    ]
