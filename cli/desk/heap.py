"""A heap of papers: number, Enter, number, Enter. What was entered once is written or is said not to be, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Static

from cli.desk.form import Form
from cli.desk.panels import TextLine
from cli.desk.sheets import Sheet
from domain import facts as f
from domain.incident import Incident

UNNUMBERED = "UTAN-NR-"
MARKS = {"written": ("✓", "green"), "refused": ("✗", "bold red"), "waiting": ("…", "")}


@dataclass(slots=True)
class HeapPaper:
    """One that was entered; `said` is what became of it. It waits until it is written or refused."""

    sheet: Sheet
    said: str = ""
    state: str = "waiting"

    @property
    def serial(self) -> str:
        return str(self.sheet.typed["serial"])


@dataclass(slots=True)
class Papers:
    """Those of this sitting, the newest last. They belong to the desk and not to its panel: leaving it loses none."""

    all: list[HeapPaper] = field(default_factory=list)

    @property
    def waiting(self) -> list[HeapPaper]:
        return [paper for paper in self.all if paper.state == "waiting"]


def number_to_give(incident: Incident | None, papers: Papers) -> str:
    """A number for a paper that has none, to be written on it: one that no other paper of this incident has."""
    taken = {paper.serial for paper in papers.all}
    if incident:
        taken |= {*incident.outstanding, *incident.balanced}
    return next(name for count in range(1, len(taken) + 2) if (name := f"{UNNUMBERED}{count}") not in taken)


def is_to_be_entered(incident: Incident | None, *, may_enter: bool) -> bool:
    """Whether a heap is rather to be entered into the system than received: it runs again, and there is paper."""
    return bool(may_enter and incident and incident.outstanding and not incident.down)


class Heap(Form):
    """A form that is filled in over and over."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+t", "turn")]
    DEFAULT_CSS = "Heap .rows { height: auto; max-height: 50%; } Heap #papers { height: 1fr; }"

    class Numbered(Message):
        """A number was entered: its paper is to be written."""

        def __init__(self, heap: "Heap") -> None:
            super().__init__()
            self.heap = heap

    class Turned(Message):
        """From what comes in to what is entered, or back."""

    def __init__(
        self,
        sheet: Sheet,
        title: str,
        keys: str,
        papers: Papers,
        counts: Mapping[str, str],
        outstanding: Sequence[str],
    ) -> None:
        """`counts` is how many papers are in a state, in words, by state."""
        super().__init__(sheet, title, keys)
        self.papers, self._counts = papers, counts
        if sheet.fact is f.ReferralEntered and isinstance(number := self._editors["serial"], TextLine):
            number.suggester = SuggestFromList(outstanding, case_sensitive=False)
        self._outstanding = outstanding if sheet.fact is f.ReferralEntered else ()

    def below(self) -> Iterable[Widget]:
        yield Static(id="papers")

    def on_mount(self) -> None:
        self.show_papers()

    @property
    def is_unwritten(self) -> bool:
        """Way and unit are nothing without a number."""
        return bool(self.typed["serial"])

    def begin(self) -> None:
        self.screen.set_focus(self._editors["serial"])

    def show_papers(self) -> None:
        """Those that were received, or those that were entered, the newest first: a mark and a word for each, and how
        many they are; a paper that was received in this sitting is still to be entered."""
        mine = [paper for paper in self.papers.all if paper.sheet.fact is self.sheet.fact]
        out = Text()
        if mine:
            counts = [(self._counts[state], sum(paper.state == state for paper in mine)) for state in MARKS]
            out.append(", ".join(said.format(count=count) for said, count in counts if count), style="bold").append(
                "\n"
            )
        for paper in reversed(mine):
            mark, style = MARKS[paper.state]
            out.append(f"{mark} ", style=style).append(f"{paper.serial}  ", style="bold").append(f"{paper.said}\n")
        done = {paper.serial for paper in mine if paper.state == "written"}
        left = [serial for serial in self._outstanding if serial not in done]
        if left:
            out = Text.assemble(", ".join(left), "\n", out)
        self.query_one("#papers", Static).update(out)

    @on(Input.Submitted)
    def _taken(self, event: Input.Submitted) -> None:
        """Enter on the number takes it; Enter anywhere else goes back to it."""
        event.stop()
        event.prevent_default()
        if event.input is self._editors["serial"]:
            self.post_message(self.Numbered(self))
        else:
            self.begin()

    def action_turn(self) -> None:
        self.post_message(self.Turned())
