"""A form: the fields of a fact, one a row. Enter writes; nothing is written before it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from cli.desk.panels import Panel, TextLine, ValueKeys
from cli.desk.sheets import Sheet
from cli.terminal.fields import Field

Editor = TextLine | ValueKeys
Values = dict[str, str | tuple[str, ...]]
COMMAND_ID = "in.command-id"
"""Beside the fields of a form in what is kept of it."""


class FieldRow(Horizontal):
    """A field beside its name."""

    DEFAULT_CSS = "FieldRow { height: auto; } FieldRow > .label { width: 22; } .narrow FieldRow > .label { width: 16; }"

    def __init__(self, field: Field, editor: Editor) -> None:
        super().__init__()
        self._field, self._editor = field, editor

    def compose(self) -> ComposeResult:
        yield Static(self._field.label + (" *" if self._field.required else ""), classes="label", markup=False)
        yield self._editor


class FieldRows(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The rows; the arrows go from field to field, also where there are more than there is room for."""


class Form(Panel):
    """The fields of one sheet."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)"),
        Binding("up", "move(-1)"),
        Binding("ctrl+k", "command"),
        Binding("ctrl+e", "mail"),
    ]

    class About(Message):
        """Something is asked of whoever holds the form."""

        def __init__(self, form: "Form") -> None:
            super().__init__()
            self.form = form

    class Changed(About):
        """Something else stands in it, or the cursor is in another field."""

    class Sent(About):
        """It is to be written."""

    class Command(About):
        """Somebody wonders which command does the same."""

    class Mail(About):
        """Somebody wonders what mail will come of it."""

    def __init__(self, sheet: Sheet, title: str, keys: str) -> None:
        super().__init__()
        self.sheet, self.keys = sheet, keys
        self._title = title
        self._editors = {field.name: self._editor(field, sheet.typed[field.name]) for field in sheet.fields}
        self.is_sending = False

    def compose(self) -> ComposeResult:
        yield Static(self._title, classes="title", markup=False)
        with FieldRows(classes="rows"):
            for field in self.sheet.fields:
                yield FieldRow(field, self._editors[field.name])
        yield from self.below()

    def below(self) -> Iterable[Widget]:
        """What stands under the fields."""
        return ()

    @property
    def typed(self) -> Values:
        return {name: editor.value for name, editor in self._editors.items()}

    @property
    def is_unwritten(self) -> bool:
        """Whether there is something in it that somebody would miss."""
        return self.typed != dict(self.sheet.typed)

    @property
    def draft(self) -> Values:
        """What is kept of it: with its command id it is written once, however it is taken up again."""
        return {**self.typed, COMMAND_ID: self.sheet.command_id}

    def take_up(self, draft: Values) -> None:
        """Go on with what was kept."""
        self.fill(draft)
        self.sheet = replace(self.sheet, command_id=str(draft.get(COMMAND_ID) or self.sheet.command_id))

    @property
    def focused_field(self) -> Field | None:
        return next((field for field in self.sheet.fields if self._editors[field.name] is self.screen.focused), None)

    def begin(self) -> None:
        first_open = None if self.sheet.target else self.sheet.missing(self.typed)
        self.point_at(first_open or self.sheet.fields[0])

    def point_at(self, field: Field) -> None:
        self.screen.set_focus(self._editors[field.name])

    def fill(self, values: Values) -> None:
        """Put these values in their fields."""
        for name, value in values.items():
            editor = self._editors.get(name)
            if isinstance(editor, TextLine) and isinstance(value, str):
                editor.value = value
                editor.cursor_position = len(value)
            elif isinstance(editor, ValueKeys):
                editor.value = value
                editor.refresh(layout=True)

    def action_send(self) -> None:
        if not self.is_sending:
            self.post_message(self.Sent(self))

    def action_command(self) -> None:
        self.post_message(self.Command(self))

    def action_mail(self) -> None:
        self.post_message(self.Mail(self))

    def action_move(self, by: int) -> None:
        names = list(self._editors)
        focused = self.focused_field
        place = names.index(focused.name) + by if focused else 0
        if 0 <= place < len(names):
            self.screen.set_focus(self._editors[names[place]])

    def on_descendant_focus(self) -> None:
        self.post_message(self.Changed(self))

    @on(ValueKeys.Submitted)
    @on(Input.Submitted)
    def _submitted(self, event: ValueKeys.Submitted | Input.Submitted) -> None:
        event.stop()
        self.action_send()

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    @on(ValueKeys.Picked)
    def _picked(self, event: ValueKeys.Picked) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    def _editor(self, field: Field, value: str | tuple[str, ...]) -> Editor:
        if field.choices:
            return ValueKeys(field, value, lambda: self.action_move(1))
        return TextLine(str(value))
