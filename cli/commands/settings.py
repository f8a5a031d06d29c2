"""`settings`: what is in force, and where it comes from."""

from textwrap import wrap
from typing import Any

from application.desk import Desk
from application.effective_settings import Effective, effective
from cli.terminal.command import Command, answer
from cli.terminal.lines import WIDTH
from domain.texts import N_
from wording.words import Texts

LABEL_WIDTH = 27
SOURCES = {"variable": "environment", "path": "file"}


def _settings(desk: Desk) -> None:
    found = list(effective(desk.settings))
    answer([_document(setting) for setting in found], "\n".join(_lines(setting, desk.texts) for setting in found))


def _lines(setting: Effective, texts: Texts) -> str:
    """The setting's name, its text and its source in parentheses. An address or a path is never broken, so that it
    can be copied: one that is too long to stand beside its name stands below it."""
    text, source = setting.text or "–", _source(setting, texts)
    indent = LABEL_WIDTH if max(map(len, text.split())) <= WIDTH - LABEL_WIDTH else 2
    lines = _unbroken(text, WIDTH - indent)
    if len(lines[-1]) + 2 + len(source) <= WIDTH - indent:
        lines[-1] += f"  {source}"
    else:
        lines += _unbroken(source, WIDTH - indent)
    first = [f"{setting.name:<{LABEL_WIDTH}}{lines.pop(0)}"] if indent == LABEL_WIDTH else [setting.name]
    return "\n".join(first + [" " * indent + line for line in lines])


def _unbroken(text: str, width: int) -> list[str]:
    return wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _source(setting: Effective, texts: Texts) -> str:
    _ = texts.gettext
    if "variable" in setting.place:
        return _("(from {variable})").format(**setting.place)
    if setting.place:
        return _("(from {path}, line {line})").format(**setting.place)
    return _("(default)") if setting.text else _("(not set)")


def _document(setting: Effective) -> dict[str, Any]:
    source = next((SOURCES[key] for key in setting.place if key in SOURCES), "default")
    return {"setting": setting.name, "value": setting.text or None, "source": source, **setting.place}


settings = Command(
    "settings",
    _settings,
    help=N_(
        "Every setting as it is in force, and where it comes from: a variable of the environment, a line of the "
        "settings' file, or, where nothing is said, the program itself. Passwords are not shown."
    ),
    examples="reservrutin settings\nreservrutin settings --config /etc/reservrutin/reservrutin.toml --json",
)
