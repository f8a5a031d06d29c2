"""Panels to choose in: what has happened, by what people call it, and the entries of the log."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cli.desk.panels import Panel, TextLine
from domain.fact import Fact, Recorded


class Search(Panel):
    """Everything that can have happened. `found` gives the facts for what has been typed, the nearest first, and how
    each is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "move(1)"), Binding("up", "move(-1)")]

    class Chosen(Message):
        def __init__(self, fact: type[Fact]) -> None:
            super().__init__()
            self.fact = fact

    def __init__(
        self, found: Callable[[str], Sequence[tuple[type[Fact], Text]]], question: str, nothing: str, keys: str
    ) -> None:
        super().__init__()
        self.keys = keys
        self._found, self._question, self._nothing = found, question, nothing
        self._facts: list[type[Fact]] = []

    def compose(self) -> ComposeResult:
        yield TextLine(placeholder=self._question)
        yield OptionList()

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._list("")

    def begin(self) -> None:
        self.screen.set_focus(self.query_one(TextLine))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._list(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._list(event.value)  # the letters before Enter may not have been looked for yet
        if self._facts:
            self.post_message(self.Chosen(self._facts[self.query_one(OptionList).highlighted or 0]))

    def action_move(self, by: int) -> None:
        options = self.query_one(OptionList)
        if self._facts:
            options.highlighted = max(0, min((options.highlighted or 0) + by, len(self._facts) - 1))

    def _list(self, text: str) -> None:
        options, found = self.query_one(OptionList), self._found(text)
        self._facts = [fact for fact, _line in found]
        options.clear_options()
        options.add_options([Option(line) for _fact, line in found])
        if not found:
            options.add_option(Option(self._nothing, disabled=True))
        options.highlighted = 0 if found else None


class Entries(Panel):
    """The log, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "correct"),
        Binding("t", "withdraw"),
        Binding("l", "leave"),
    ]

    class Looked(Message):
        """Somebody looks at this entry."""

        def __init__(self, recorded: Recorded) -> None:
            super().__init__()
            self.recorded = recorded

    class Wrong(Looked):
        """This entry is wrong."""

    class Mistaken(Looked):
        """This entry never happened, or not here."""

    def __init__(self, entries: Sequence[Recorded], shown: Callable[[Recorded], Text], keys: str) -> None:
        super().__init__()
        self.keys = keys
        self._entries, self._shown = entries, shown

    def compose(self) -> ComposeResult:
        yield OptionList(*(Option(self._shown(recorded)) for recorded in self._entries))

    def begin(self) -> None:
        options = self.query_one(OptionList)
        self.screen.set_focus(options)
        options.highlighted = 0 if self._entries else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self.post_message(self.Looked(self._entries[event.option_index]))

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_correct()

    def action_correct(self) -> None:
        if (recorded := self._at()) is not None:
            self.post_message(self.Wrong(recorded))

    def action_withdraw(self) -> None:
        if (recorded := self._at()) is not None:
            self.post_message(self.Mistaken(recorded))

    def _at(self) -> Recorded | None:
        place = self.query_one(OptionList).highlighted
        return None if place is None else self._entries[place]


class ReadingPage(Panel):
    """A text to read; any of the keys that lead to it leads back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q,enter", "leave")]

    def __init__(self, text: Text, keys: str) -> None:
        super().__init__()
        self.keys = keys
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(self._text)

    def begin(self) -> None:
        self.screen.set_focus(self.query_one(VerticalScroll))
