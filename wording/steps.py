"""One step of a replay in words, each part with its label."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from domain.audience import ChannelName
from domain.clock_order import SetBack
from domain.delivery import INTO_A_FOLDER, Told
from domain.fact import Recorded
from domain.history import all_placed_after, as_it_reads, corrections, target, withdrawn
from domain.replay import Begun, Change, Paper, Step
from domain.routine import Duty
from domain.runs import alike
from domain.texts import N_
from domain.verdict import Verdict
from domain.vocabulary import SWEDEN, RoutineState
from wording import times
from wording.clocks import placed_after, set_back
from wording.facts import TELLING, fields_of, in_words, which
from wording.marked import Mark, Marked, Phrase
from wording.runs import numbers, papers
from wording.sentences import flag
from wording.words import Words

Row = tuple[str | None, Phrase]
"""A label and its words. It is empty where the label above goes on, None where the fact speaks for itself."""

A_MINUTE = timedelta(minutes=1)
WHAT = {
    "status": N_("status"),
    "scope": N_("scope"),
    "systems": N_("concerns"),
    "systems_down": N_("down"),
    "areas": N_("product areas"),
    "prognosis": N_("prognosis"),
    "deferred_until": N_("deferred until"),
    "reserve_routine": N_("reserve routine"),
    "reserve_routine_due_at": N_("to be activated"),
}
PAPER = {
    "received": N_("paper received"),
    "entered": N_("entered"),
    "set_aside": N_("set aside"),
    "outstanding": N_("outstanding"),
}
SAID_BY_THE_FACT = {
    "scope": "scope",
    "systems": "systems",
    "systems_down": "systems",
    "areas": "areas",
    "prognosis": "restored_by",
    "deferred_until": "until",
}
"""What of the standing first reads as a field of the fact does, and is not said twice."""


class Account:
    """What a replay is told with: whose words, the facts as written, who was told of each, and which of them, by
    position, a clock says of that it was recorded before what had been written already."""

    def __init__(
        self,
        words: Words,
        written: Sequence[Recorded],
        told: Mapping[int, Sequence[Told]],
        clocks: Mapping[int, SetBack] | None = None,
    ) -> None:
        self.words = words
        self._told = told
        self._clocks = clocks or {}
        self._placed = all_placed_after(written)
        self._corrected_by = corrections(written)
        self._withdrawn_by = withdrawn(written)
        self._written = written
        self._read = as_it_reads(written)

    def headline(self, step: Step) -> Phrase:
        """The time by the clock that the replay goes by, what it is and who recorded it."""
        fact, function = self.words.fact(step.recorded.fact.wire), self.words.name(step.recorded.recorded_as)
        one = which(step.recorded.fact, self.words)
        said = Marked(f"{fact}: {one}" if one else fact, Mark.STRONG)
        return f"{times.clock(step.at, step.at)}  ", said, f"  {function}"

    def rows(self, step: Step) -> Iterator[Row]:
        """Everything else about the step."""
        _ = self.words.gettext
        recorded = step.recorded
        if said := fields_of(recorded.fact, self.words, step.at, target(recorded, self._written), TELLING):
            yield None, (said,)
        if recorded.note:
            yield None, (_("note: {text}").format(text=recorded.note),)
        if recorded.deviation:
            yield None, (Marked(_("deviation: {text}").format(text=recorded.deviation), Mark.WARNING),)
        yield from self._when(step)
        if recorded.late_because:
            yield None, (_("written late: {text}").format(text=recorded.late_because),)
        if placed := self._placed.get(recorded.entry):
            yield _("Clock"), (Marked(placed_after(placed, self.words), Mark.WARNING),)
        if clock := self._clocks.get(recorded.position or 0):
            yield _("Clock"), (Marked(set_back(clock, self.words), Mark.WARNING),)
        by = self._corrected_by.get(recorded.entry)
        if by and step.at == recorded.occurred_at == self._read[recorded.entry].occurred_at:
            said = _("so corrected by entry {entries}").format(entries=", ".join(map(str, by)))
            yield None, (Marked(said, Mark.QUIET),)
        if recorded.entry in self._withdrawn_by:
            said = _("withdrawn by entry {entry}, it counts for nothing").format(
                entry=self._withdrawn_by[recorded.entry]
            )
            yield None, (Marked(said, Mark.WARNING),)
        if changes := "; ".join(said for change in step.changes if (said := self._change(change, step))):
            yield _("Now"), (changes,)
        for odd in step.flags:
            of = "" if odd.entry == recorded.entry else _("entry {entry}: ").format(entry=odd.entry)
            rule = f" ({odd.rule})" if odd.rule else ""
            yield _("Flagged"), (Marked(f"{of}{flag(odd.code, self.words)}{rule}", Mark.WARNING),)
        yield from _once(_("Begins"), [self._begins(start, step) for start in step.started])
        yield from _once(_("Done"), [self._done(verdict, step) for verdict in step.fulfilled])
        yield from _once(_("Undone"), [self._undone(duty) for duty in step.undone])
        yield from _once(_("Told"), self._who_was_told(step))

    def alike(self, step: Step) -> Hashable:
        """What steps have in common that can be told in one line: papers, with nothing to each but the paper. None for
        a step that stands by itself."""
        recorded = step.recorded
        entry, common = recorded.entry, alike(recorded)
        rewritten = entry in self._corrected_by or entry in self._withdrawn_by
        doubted = entry in self._placed or recorded.position in self._clocks
        remarked = doubted or step.flags or step.started or step.fulfilled or step.undone or self._told.get(entry)
        if rewritten or remarked or any(change.what != "referrals" for change in step.changes):
            return None
        return common and (common, bool(step.late), step.at.astimezone(SWEDEN).date())

    def headline_of_run(self, run: Sequence[Step]) -> Phrase:
        """From when until when, how many papers and what became of them, and in which function they were recorded."""
        said = papers([step.recorded for step in run], self.words)
        function = self.words.name(run[0].recorded.recorded_as)
        when = times.period(run[0].at, run[-1].at, run[0].at)
        return f"{when}  ", Marked(said, Mark.STRONG), f"  {function}"

    def rows_of_run(self, run: Sequence[Step]) -> Iterator[Row]:
        """What all of them together changed, and how late the latest was."""
        _ = self.words.gettext
        longest = max(step.recorded.recorded_at - step.recorded.occurred_at for step in run)
        if longest >= A_MINUTE:
            said = _("recorded at most {span} later").format(span=times.span(longest))
            yield (_("Late"), (Marked(said, Mark.WARNING),)) if run[0].late else (None, (Marked(said, Mark.QUIET),))
        changes = [change for step in run for change in step.changes]
        if changes:
            together = Change(changes[0].what, changes[0].before, changes[-1].after)
            yield _("Now"), (self._change(together, run[-1]),)

    def _when(self, step: Step) -> Iterator[Row]:
        """The other of the two clocks, where it shows another time."""
        _ = self.words.gettext
        recorded, later = step.recorded, step.recorded.recorded_at - step.recorded.occurred_at
        if later < A_MINUTE:
            return
        text, other = _("recorded {time}, {span} later"), recorded.recorded_at
        if step.at != recorded.occurred_at:
            text, other = _("happened {time}, {span} earlier"), recorded.occurred_at
        said = text.format(time=times.clock(other, step.at), span=times.span(later))
        yield (_("Late"), (Marked(said, Mark.WARNING),)) if step.late else (None, (Marked(said, Mark.QUIET),))

    def _change(self, change: Change, step: Step) -> str:
        """What became of one thing, empty where the fact's own words have said it."""
        _ = self.words.gettext
        what, before, after = change.what, change.before, change.after
        if isinstance(after, Paper):
            pairs = ((key, getattr(before, key), getattr(after, key)) for key in PAPER)
            return ", ".join(f"{_(PAPER[key])} {was} → {became}" for key, was, became in pairs if was != became)
        said_already = getattr(step.recorded.fact, SAID_BY_THE_FACT.get(what, ""), None) == after
        everywhere = what == "areas" and set(after) == set(self.words.routine.areas)
        if not before and (said_already or everywhere or after is RoutineState.INACTIVE):
            return ""
        said = self._value(after, step.at)
        said = f"{_(WHAT[what])} " + (said if before is None else f"{self._value(before, step.at)} → {said}")
        return _("{change} (as time went by)").format(change=said) if change.by_time else said

    def _value(self, value: Any, at: datetime) -> str:
        return in_words(value, self.words, partial(times.clock, now=at)) if value else "–"

    def _begins(self, start: Begun, step: Step) -> Phrase:
        _ = self.words.gettext
        said = f"{start.duty.text.in_(self.words.language)} – {self.words.name(start.duty.who)}"
        if start.due_at:
            said += ", " + _("due {time}").format(time=times.clock(start.due_at, step.at))
        return (f"{said} ({', '.join(start.duty.rules)})",)

    def _done(self, verdict: Verdict, step: Step) -> Phrase:
        _ = self.words.gettext
        said: list[str | Marked] = [verdict.duty.text.in_(self.words.language)]
        if verdict.word == "late":
            said += [", ", Marked(_("{span} late").format(span=times.span(verdict.late)), Mark.LATE)]
        elif verdict.due_at is not None:
            said += [", ", Marked(_("in time"), Mark.GOOD)]
        if elsewhere := [entry for entry in verdict.evidence if entry != step.recorded.entry]:
            said.append(", " + _("entry {entries}").format(entries=numbers(elsewhere)))
        return *said, f" ({', '.join(verdict.duty.rules)})"

    def _undone(self, duty: Duty) -> Phrase:
        _ = self.words.gettext
        said = _("no longer counts as done: {duty}").format(duty=duty.text.in_(self.words.language))
        return Marked(said, Mark.WARNING), f" ({', '.join(duty.rules)})"

    def _who_was_told(self, step: Step) -> list[Phrase]:
        """Who was told, and when the channel took it, those of whom the same is to be said together."""
        said: dict[str, list[str]] = {}
        for told in self._told.get(step.recorded.entry, ()):
            who = f"{self.words.name(told.audience)} {told.subscribers}"
            said.setdefault(self._taken(told, step.at), []).append(who)
        return [(f"{', '.join(who)} – {when}",) for when, who in said.items()]

    def _taken(self, told: Told, at: datetime) -> str:
        _ = self.words.gettext
        if told.state is None:
            return _("not sent by then")
        if told.first_at is None or told.last_at is None:
            return self.words.name(told.state)
        first, last = times.clock(told.first_at, at), times.clock(told.last_at, at)
        if told.channel is ChannelName.FOLDER:
            return f"{_(INTO_A_FOLDER)} {first}" if first == last else f"{_(INTO_A_FOLDER)} {first} – {last}"
        if first == last:
            return _("the mail server took it {time}").format(time=first)
        return _("the mail server took it {first} to {last}").format(first=first, last=last)


def _once(label: str, told: Sequence[Phrase]) -> Iterator[Row]:
    """The label beside the first alone."""
    for place, said in enumerate(told):
        yield label if place == 0 else "", said
