"""`replay --interactive`: the timeline to the left, the incident at that moment to the right.

The left side goes by one clock at a time, and a key turns to the other: when things happened, with all that is known
now, or when they were recorded, with what was known then.
"""

from collections.abc import Sequence
from typing import ClassVar

import click
from rich.text import Text
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cli.terminal.colours import VERDICTS, painted
from cli.terminal.lines import labelled, wrap, wrapped
from cli.terminal.standing import STEP_LABEL_WIDTH, headline
from domain.fact import Recorded
from domain.history import as_happened
from domain.incident import Incident, fold
from domain.replay import Step, in_order_of_events, in_order_of_writing
from domain.review import verdicts
from domain.routine import Routine
from domain.verdict import Verdict
from domain.vocabulary import SWEDEN
from domain.whose_turn import everybodys, to_be_done
from wording import times
from wording.facts import which
from wording.marked import plain
from wording.standing import rows, turn_rows
from wording.steps import Account
from wording.verdicts import word_of
from wording.words import Words

NARROW, WIDE = 30, 44
"""Columns of the left side, in a terminal of 80 columns and in one with room to spare."""
ROOMY = 110


class Reading:
    """One way through a history: its steps, and how it stood at each. Worked out when it is looked at, because an
    incident kept for every step of a long history would not fit."""

    def __init__(self, facts: Sequence[Recorded], routine: Routine, *, by_writing: bool) -> None:
        self.by_writing = by_writing
        self._facts, self._routine = facts, routine
        walk = in_order_of_writing if by_writing else in_order_of_events
        self.steps = [step for step, _incident in walk(facts, routine)]

    def at(self, place: int) -> tuple[Incident, list[Verdict]]:
        """The incident after this step, and every verdict at that moment."""
        upto = self._facts[: place + 1]
        happened = as_happened(upto) if self.by_writing else upto
        return fold(happened, self._routine), verdicts(happened, self._routine, self.steps[place].at)

    def place_of(self, entry: int) -> int:
        return next((place for place, step in enumerate(self.steps) if step.recorded.entry == entry), 0)


class Steps(OptionList):
    """The left side. Time has two ends: at neither does one come round to the other."""

    def action_cursor_up(self) -> None:
        if self.highlighted != self._first():
            super().action_cursor_up()

    def action_cursor_down(self) -> None:
        if self.highlighted != self.option_count - 1:
            super().action_cursor_down()

    def _first(self) -> int:
        return next((place for place, option in enumerate(self.options) if not option.disabled), 0)


class Page(ModalScreen[None]):
    """A text over the whole timeline; any of the keys that lead to it leads back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,c,enter,question_mark", "dismiss")]

    def __init__(self, text: Text) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(self._text)


class Timeline(App[None]):
    """A history to go about in. `known` and `happened` are the facts that are asked for, as written and as they
    happened; one of them may be empty, not both."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { layout: vertical; }
    #head { height: 2; background: $panel; padding: 0 1; }
    #foot { height: 1; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    #search { height: 1; border: none; padding: 0 1; display: none; }
    #body { height: 1fr; }
    OptionList { height: 1fr; border: none; padding: 0; text-wrap: nowrap; text-overflow: ellipsis; }
    #side { height: 1fr; padding: 0 0 0 1; border-left: solid $primary; }
    Page { align: center middle; }
    Page VerticalScroll { width: 1fr; height: 1fr; padding: 1 2; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)"),
        Binding("right", "move(1)"),
        Binding("space", "page(1)"),
        Binding("b", "page(-1)"),
        Binding("t", "turn"),
        Binding("slash", "search"),
        Binding("n", "find(1)"),
        Binding("N", "find(-1)"),
        Binding("c", "clauses"),
        Binding("question_mark", "help"),
        Binding("q", "quit"),
        Binding("escape", "leave_search"),
    ]

    def __init__(
        self,
        known: Sequence[Recorded],
        happened: Sequence[Recorded],
        routine: Routine,
        account: Account,
        titles: Sequence[str],
        *,
        by_writing: bool,
    ) -> None:
        super().__init__()
        self._facts = {True: known, False: happened}
        self._titles = {True: titles[1], False: titles[0]}
        self._routine, self._account = routine, account
        self._readings: dict[bool, Reading] = {}
        self._by_writing = by_writing
        self._place = 0
        self._wanted = ""
        self._note = 0, ""

    @property
    def reading(self) -> Reading:
        if self._by_writing not in self._readings:
            facts = self._facts[self._by_writing]
            self._readings[self._by_writing] = Reading(facts, self._routine, by_writing=self._by_writing)
        return self._readings[self._by_writing]

    @property
    def step(self) -> Step:
        return self.reading.steps[self._place]

    def compose(self) -> ComposeResult:
        yield Static(id="head")
        with Horizontal(id="body"):
            yield Steps()
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="moment")
        yield Input(id="search", placeholder=self._account.words.gettext("search"))
        yield Static(id="foot")

    def on_mount(self) -> None:
        self._list_steps()

    def on_resize(self) -> None:
        self.query_one(OptionList).styles.width = NARROW if self.size.width < ROOMY else WIDE
        self.call_after_refresh(self._show)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option.id is not None:
            self._place = int(event.option.id)
            self._show()

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_clauses()

    def action_move(self, by: int) -> None:
        self._go(self._place + by)

    def action_page(self, by: int) -> None:
        side = self.query_one("#side", VerticalScroll)
        side.scroll_relative(y=by * max(side.size.height - 2, 1), animate=False)

    def action_turn(self) -> None:
        """To the other clock, at the same entry."""
        if not self._facts[not self._by_writing]:
            return
        entry = self.step.recorded.entry
        self._by_writing = not self._by_writing
        self._place = self.reading.place_of(entry)
        self._list_steps()

    def action_search(self) -> None:
        field = self.query_one("#search", Input)
        field.display = True
        field.value = ""
        field.focus()

    def action_leave_search(self) -> None:
        self.query_one("#search", Input).display = False
        self.query_one(OptionList).focus()

    @on(Input.Submitted)
    def _search(self, event: Input.Submitted) -> None:
        self._wanted = event.value.strip()
        self.action_leave_search()
        self.action_find(1)

    def action_find(self, by: int) -> None:
        _ = self._account.words.gettext
        """The next step, or the one before, in which the words that are searched for stand; round the end."""
        if not self._wanted:
            return
        count = len(self.reading.steps)
        for distance in range(1, count + 1):
            place = (self._place + by * distance) % count
            if self._wanted.casefold() in self._words(self.reading.steps[place]).casefold():
                self._note = place, _("Found: {words} (n and N for more)").format(words=self._wanted)
                self._go(place)
                self._foot()
                return
        self._note = self._place, _("Not found: {words}").format(words=self._wanted)
        self._foot()

    def action_clauses(self) -> None:
        _ = self._account.words.gettext
        """What the routine says about this step, and how its duties had fared."""
        step, found = self.step, self.reading.at(self._place)[1]
        here = {(duty.duty.id, duty.at) for duty in step.started}
        here |= {(verdict.duty.id, verdict.started_at) for verdict in step.fulfilled}
        of_this = [verdict for verdict in found if (verdict.duty.id, verdict.started_at) in here]
        others = [verdict for verdict in to_be_done(found, step.at) if verdict not in of_this]
        words, width = self._account.words, self.size.width - 10
        out = [click.style(_("Clauses of this step"), bold=True), ""] if of_this else []
        out += [line for verdict in of_this for line in (*_clause(verdict, words, step, width), "")]
        out += [click.style(_("What was to be done then"), bold=True), ""] if others else []
        out += [line for verdict in others for line in (*_clause(verdict, words, step, width), "")]
        self.push_screen(Page(_drawn(out or [_("No duty was started, fulfilled or to be done here.")])))

    def action_help(self) -> None:
        _ = self._account.words.gettext
        keys = [
            ("↑ ↓ ← →", _("a step back or forward in time; Home and End, Page Up and Page Down")),
            (_("space b"), _("the right side, a page down or up")),
            (
                "t",
                _("turn the clock: as it happened, with what is known now, or as it was known, in the order it came"),
            ),
            ("/", _("search; n for the next, N for the one before")),
            (_("c Enter"), _("the clauses of the routine, and how each duty had fared at that moment")),
            ("q", _("quit")),
        ]
        marks = [
            ("!", _("a step with something that does not fit the routine")),
            ("~", _("a step that was late in being recorded")),
        ]
        width = self.size.width - 10
        out = [labelled(key, words, 8, 0, width) for key, words in keys]
        self.push_screen(Page(_drawn([*out, "", *(labelled(mark, words, 8, 0, width) for mark, words in marks)])))

    def _go(self, place: int) -> None:
        options = self.query_one(OptionList)
        if 0 <= place < len(self.reading.steps):
            options.highlighted = options.get_option_index(str(place))

    def _list_steps(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        day = None
        found: list[Option] = []
        for place, step in enumerate(self.reading.steps):
            local = step.at.astimezone(SWEDEN)
            if local.date() != day:
                day = local.date()
                found.append(Option(Text(f"{day}", style="bold"), disabled=True))
            found.append(Option(_line(step, self._account.words), id=str(place)))
        options.add_options(found)
        options.focus()
        self._go(self._place)

    def _show(self) -> None:
        """The moment that is looked at."""
        words = self._account.words
        _ = words.gettext
        step, (incident, found) = self.step, self.reading.at(self._place)
        side = self.query_one("#side", VerticalScroll)
        width = max(side.size.width - 3, 20)
        stands = rows(incident, words, step.at)
        to_do = turn_rows(everybodys(found, step.at), words, step.at)
        label_width = max((len(label) for label, _said in [*stands, *to_do]), default=0)
        rule = click.style("─" * width, dim=True)
        out = [headline(incident, words, width)]
        out += [labelled(label, painted(said), label_width, 0, width) for label, said in stands]
        out += [rule, wrap(painted(self._account.headline(step)), width, subsequent_indent="  ")]
        for label, phrase in self._account.rows(step):
            said = painted(phrase)
            out.append(wrapped(said, 2, width) if label is None else labelled(label, said, STEP_LABEL_WIDTH, 0, width))
        out += [rule] if to_do else []
        out += [labelled(label, painted(said), label_width, 0, width) for label, said in to_do]
        self.query_one("#moment", Static).update(_drawn(out))
        side.scroll_home(animate=False)
        clock = _("known") if self._by_writing else _("happened")
        entry = _("entry {entries}").format(entries=step.recorded.entry)
        place = f"{self._place + 1}/{len(self.reading.steps)}"
        title = f"{click.style(incident.number, bold=True)}  {click.style(clock.upper(), bold=True, reverse=True)}"
        title += f"  {times.clock(step.at)}  {entry}  ({place})"
        self.query_one("#head", Static).update(_drawn([title, click.style(self._titles[self._by_writing], dim=True)]))
        self._foot()

    def _foot(self) -> None:
        _ = self._account.words.gettext
        """What the search has found, while one stays there; else the keys."""
        place, note = self._note
        keys = _("arrows time  t happened/known  / search  c clause  ? help  q quit")
        self.query_one("#foot", Static).update(Text(note if note and place == self._place else keys))

    def _words(self, step: Step) -> str:
        told = " ".join(plain(said) for _label, said in self._account.rows(step))
        return f"{step.recorded.entry} {plain(self._account.headline(step))} {told}"


def _line(step: Step, words: Words) -> Text:
    """A step as it stands in the timeline: first what tells it from others of its kind, for there is little room."""
    mark = "!" if step.flags else "~" if step.late else " "
    line = Text(f"{step.at.astimezone(SWEDEN):%H:%M}", no_wrap=True, overflow="ellipsis")
    line.append(f" {mark} ", style="bold yellow")
    one = which(step.recorded.fact, words)
    return line.append(f"{one}: " if one else "").append(words.fact(step.recorded.fact.wire))


def _clause(verdict: Verdict, words: Words, step: Step, width: int) -> list[str]:
    """How a duty had fared by then, and what the routine says about it."""
    _ = words.gettext
    duty = verdict.duty
    word = click.style(word_of(verdict.word, words), fg=VERDICTS.get(verdict.word), bold=True)
    when = "" if verdict.due_at is None else ", " + _("due {time}").format(time=times.clock(verdict.due_at, step.at))
    out = [
        wrap(f"{word}  {duty.text.in_(words.language)}{when} ({', '.join(duty.rules)})", width, subsequent_indent="  ")
    ]
    out.append(wrapped(f"”{duty.quote.in_(words.language)}”", 2, width))
    if duty.reading:
        out.append(wrapped(click.style(duty.reading.in_(words.language), dim=True), 2, width))
    return out


def _drawn(lines: Sequence[str]) -> Text:
    return Text.from_ansi("\n".join(lines))
