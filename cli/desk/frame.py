"""What stands around whatever is done at the desk: the head, what to say, what is to be done, and the time that runs.

The log is spoken to on a thread of its own, one thing at a time, so that a log which does not answer stops neither the
clock nor whoever presses Esc.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from application.desk import Desk
from cli.desk import answers, lines
from cli.desk.key_by_key import KeyByKey
from cli.desk.panels import Panel, TakesKeys
from cli.desk.sight import Sight, look

T = TypeVar("T")
LOOK = 2
"""Seconds between two looks at the log."""
NARROW, LOW = 76, 22
"""Columns and rows below which the screen makes do with less."""


class Home(Horizontal, TakesKeys, can_focus=True):
    """The first screen: what is to be done, and what was written last. A key is an act."""

    ACTIONS: ClassVar[dict[str, str]] = {
        **{str(digit): f"app.duty({digit})" for digit in range(1, 10)},
        "s": "app.call",
        "f": "app.heap",
        "p": "app.prognosis",
        "n": "app.search",
        "r": "app.entries",
        "l": "app.entries",
        "u": "app.take_back",
        "h": "app.other_incident",
        "question_mark": "app.explain",
        "q": "app.quit",
    }

    def action_of(self, key: str) -> str:
        return self.ACTIONS.get(key, "")

    def compose(self) -> ComposeResult:
        yield Static(id="duties")
        yield Static(id="latest")


class Frame(KeyByKey):
    """The screen, the log behind it, and one panel at a time in its middle."""

    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = None
    CSS = """
    Screen { layout: vertical; background: $background; }
    #head { height: auto; max-height: 4; text-wrap: nowrap; text-overflow: ellipsis; background: $panel; padding: 0 1; }
    #say { height: auto; max-height: 7; border-top: solid $primary; border-bottom: solid $primary; padding: 0 1; }
    #body { height: 1fr; padding: 0 1; }
    #body > * { height: 1fr; }
    #duties { width: 3fr; height: 1fr; padding: 0 2 0 0; }
    #latest { width: 2fr; height: 1fr; }
    #told { height: auto; max-height: 4; padding: 0 1; }
    #keys { height: 1; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    OptionList, OptionList:focus { height: 1fr; border: none; padding: 0; background: transparent; }
    VerticalScroll { scrollbar-size-vertical: 1; }
    .title { height: 1; text-style: bold; }
    .rows { height: 1fr; }
    .narrow #duties { width: 1fr; padding: 0; }
    .narrow #latest { display: none; }
    .low #say { max-height: 5; border-bottom: none; }
    """

    def __init__(self, desk: Desk, login: str, first: Sight) -> None:
        super().__init__()
        self._desk, self._login = desk, login
        self._thread = ThreadPoolExecutor(1, "log")
        self.sight, self._chosen = first, first.number
        self._panel: Panel | None = None
        self._rung: set[tuple[str, object]] | None = None
        self._trouble: Exception | None = None
        self._drawn: dict[str, Text] = {}
        self._seconds, self._is_looking = 0, False

    # what is seen

    def compose(self) -> ComposeResult:
        yield Static(id="head")
        yield Static(id="say")
        with Vertical(id="body"):
            yield Home(id="home")
        yield Static(id="told", markup=False)
        yield Static(id="keys", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        self.screen.set_class(event.size.width < NARROW, "narrow")
        self.screen.set_class(event.size.height < LOW, "low")
        self.call_after_refresh(self._show)

    async def in_log(self, does: Callable[[], T]) -> T:
        """Speak to the log, after whatever it was asked before."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, does)

    async def _look(self) -> None:
        """See the log anew. One that can't be seen leaves the screen as it was, and it is said why."""
        self._is_looking = True
        try:
            self._saw(await self.in_log(lambda: look(self._desk, self._login, self._chosen)))
        except Exception as error:  # whatever is wrong with the log, what was seen last stays in sight
            self._trouble = error
            self._show()
        finally:
            self._is_looking = False

    def _saw(self, sight: Sight) -> None:
        if sight.number != self.sight.number:
            self._rung = None  # what is late there was so before it came in sight
        self.sight, self._trouble = sight, None
        self._show()

    async def _tick(self) -> None:
        """A second has passed."""
        self._seconds += 1
        if self._seconds % LOOK == 0 and not self._is_looking:
            self.run_worker(self._look())
        self.sight = replace(self.sight, at=self._desk.now())
        self._show()

    def _show(self) -> None:
        """Everything that time or the log has changed; nothing any more once the screen has gone."""
        if not self.query("#head"):
            return
        sight, width = self.sight, max(self.size.width - 2, 20)
        self._ring()
        self._put("#head", lines.head(sight, self._login, width, self._trouble))
        self._put("#say", Text(" ".join(lines.to_say(sight, self._desk.settings))))
        home = self.query_one(Home)
        if home.display:
            left, right = home.query_one("#duties"), home.query_one("#latest")
            self._put("#duties", lines.duties(sight, max(left.content_size.width, 20), home.size.height))
            self._put("#latest", lines.latest(sight, max(right.content_size.width, 10), home.size.height))
        self._put("#keys", Text(self._panel.keys if self._panel else answers.home_keys(sight, width)))

    def _put(self, place: str, text: Text) -> None:
        """Draw only what has changed: nothing flickers, and a slow line carries no more than it must."""
        if self._drawn.get(place) != text:
            self._drawn[place] = text
            self.query_one(place, Static).update(text)

    def _ring(self) -> None:
        """A bell for each deadline that falls due while somebody is here, once."""
        turns = (*self.sight.turns.own, *self.sight.turns.others)
        overdue = {
            (verdict.duty.id, verdict.started_at)
            for verdict in filter(None, (turn.verdict for turn in turns))
            if verdict.due_at and verdict.due_at <= self.sight.at
        }
        if self._rung is not None and overdue - self._rung:
            self.bell()
        self._rung = overdue | (self._rung or set())

    def tell(self, said: str | Text) -> None:
        """The lines above the keys: what was written, what would be, what is wrong."""
        self._put("#told", said if isinstance(said, Text) else Text(said))

    # where one is

    async def _open(self, panel: Panel) -> None:
        with self.batch_update():
            await self._close()
            self._panel = panel
            self.query_one(Home).display = False
            await self.query_one("#body").mount(panel)
            panel.begin()
            self._show()

    async def _close(self) -> None:
        if self._panel is not None:
            await self._panel.remove()
            self._panel = None

    async def _go_home(self, said: str | Text = "") -> None:
        with self.batch_update():
            await self._close()
            self.query_one(Home).display = True
            self.screen.set_focus(self.query_one(Home))
            self.tell(said)
            self._show()
        self.call_after_refresh(self._show)
