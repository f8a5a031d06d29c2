"""What the desk's widgets share: a line to type in, a row of choices, and the panel that they stand in."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from cli.terminal.fields import Field

KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
"""The keys of the values of a choice, in their order."""


class TakesKeys(Widget):
    """Does an act of its own for a key."""

    async def on_key(self, event: events.Key) -> None:
        if action := self.action_of(event.key):
            await self.run_action(action)
            event.stop()
            event.prevent_default()

    def action_of(self, key: str) -> str:
        """What the key does here; nothing if it is for whoever holds this."""
        raise NotImplementedError


class TextLine(Input, inherit_bindings=False):
    """A line to type in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor_left"),
        Binding("right", "cursor_right"),
        Binding("home", "home"),
        Binding("end", "end"),
        Binding("backspace", "delete_left"),
        Binding("delete", "delete_right"),
        Binding("ctrl+w", "delete_left_word"),
        Binding("ctrl+u", "delete_left_all"),
        Binding("enter", "submit"),
    ]
    DEFAULT_CSS = "TextLine { border: none; height: 1; padding: 0; width: 1fr; } TextLine:focus { border: none; }"

    def __init__(self, value: str = "", *, placeholder: str = "") -> None:
        super().__init__(value, placeholder, compact=True)

    def on_unmount(self) -> None:
        """Else the screen, which Textual's lines listen to and never cease to, kept every line of every form."""
        self.screen.text_selection_started_signal.unsubscribe(self)


class ValueKeys(Static, TakesKeys, can_focus=True):
    """Values, a key each; the one that is chosen has a mark. With `many` each key turns its own on and off. A word is
    taken too, by its letters that are no value's key: it chooses what begins so."""

    ACTIONS: ClassVar[dict[str, str]] = {
        **{key: f"pick({place})" for place, key in enumerate(KEYS)},
        "0": "all",
        "left": "step(-1)",
        "right": "step(1)",
        "space": "step(1)",
        "backspace": "clear",
        "delete": "clear",
        "enter": "enter",
    }
    DEFAULT_CSS = "ValueKeys { width: 1fr; height: auto; }"

    class Picked(Message):
        """Another value was chosen."""

    class Submitted(Message):
        """Enter: the form is to be written."""

    def __init__(self, field: Field, value: str | tuple[str, ...], go_on: Callable[[], None]) -> None:
        """`go_on` is called at once when there is no more to say of this field: the next key is for the next one."""
        super().__init__()
        self.field, self.value = field, value
        self._go_on = go_on
        self._typed = ""

    def render(self) -> Text:
        out = Text()
        chosen = self.value if isinstance(self.value, tuple) else (self.value,)
        for place, (value, label) in enumerate(self.field.choices):
            is_chosen = value in chosen
            if not self.has_focus and not is_chosen:
                continue
            out.append("" if not out else "  " if self.has_focus else ", ")
            if self.has_focus:
                out.append(f"{KEYS[place]}" if place < len(KEYS) else " ", style="bold")
                out.append(f"•{label}" if is_chosen else f" {label}", style="reverse" if is_chosen else "")
            else:
                out.append(label)
        return out or Text("…", style="yellow" if self.field.required else "dim")

    def action_of(self, key: str) -> str:
        """A space within a word is the word's: it must not choose another value."""
        if key == "space" and self._typed:
            return "say(' ')"
        is_a_values = key in KEYS[: len(self.field.choices)]
        return f"say('{key}')" if len(key) == 1 and key.isalpha() and not is_a_values else self.ACTIONS.get(key, "")

    def on_focus(self) -> None:
        self.refresh(layout=True)

    def on_blur(self) -> None:
        self._typed = ""
        self.refresh(layout=True)

    def action_say(self, letter: str) -> None:
        typed = self._typed + letter.casefold()
        if isinstance(self.value, tuple):
            if not self._begin_with(typed):
                typed = letter.casefold().strip()
            if len(found := self._begin_with(typed)) == 1:
                self._choose(tuple(value for value, _label in self.field.choices if value in {*self.value, *found}))
        elif found := self._begin_with(typed):
            self._choose(found[0])
        elif self._typed and self._begin_with(self._typed):
            self._choose("")
        self._typed = typed

    def _begin_with(self, typed: str) -> list[str]:
        return [value for value, label in self.field.choices if typed and label.casefold().startswith(typed)]

    def action_pick(self, place: int) -> None:
        if place >= len(self.field.choices):
            return
        value = self.field.choices[place][0]
        if isinstance(self.value, tuple):
            chosen = set(self.value) ^ {value}
            self._choose(tuple(known for known, _label in self.field.choices if known in chosen))
        else:
            self._choose("" if value == self.value and not self.field.required else value)
            self._go_on()

    def action_all(self) -> None:
        if isinstance(self.value, tuple):
            self._choose(tuple(value for value, _label in self.field.choices))

    def action_step(self, by: int) -> None:
        if isinstance(self.value, str) and self.field.choices:
            values = [value for value, _label in self.field.choices]
            place = values.index(self.value) + by if self.value in values else 0
            self._choose(values[place % len(values)])

    def action_clear(self) -> None:
        self._choose(() if isinstance(self.value, tuple) else "")

    def action_enter(self) -> None:
        self.post_message(self.Submitted())

    def _choose(self, value: str | tuple[str, ...]) -> None:
        self.value, self._typed = value, ""
        self.refresh(layout=True)
        self.post_message(self.Picked())


class Panel(Vertical):
    """What fills the desk below the sentence for the caller. `keys` is what its last line says."""

    DEFAULT_CSS = "Panel { height: 1fr; }"
    keys = ""

    class Left(Message):
        """Somebody has gone back to the first screen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave")]

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def begin(self) -> None:
        """Put the cursor where it is wanted first."""
