"""Lines for a terminal of 80 columns."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from cli import times
from cli.language import _, name, routine, spoken
from domain.vocabulary import Word
from domain.words import FIELDS

if TYPE_CHECKING:
    from domain.fact import Fact

WIDTH = 80
NO_BREAK_HYPHEN = "\u2011"


def wrap(text: str, width: int = WIDTH, *, initial_indent: str = "", subsequent_indent: str = "") -> str:
    """The text in lines no wider than `width`, broken between words and never inside a name with hyphens."""
    kept = text.replace("-", NO_BREAK_HYPHEN)
    lines = click.wrap_text(kept, width, initial_indent=initial_indent, subsequent_indent=subsequent_indent)
    return lines.replace(NO_BREAK_HYPHEN, "-")


def wrapped(text: str, indent: int, width: int = WIDTH) -> str:
    return "\n".join(
        wrap(line, width, initial_indent=" " * indent, subsequent_indent=" " * indent) for line in text.splitlines()
    )


def labelled(label: str, words: str, label_width: int, indent: int = 2, width: int = WIDTH) -> str:
    """The words beside their label, wrapped so that the label stands alone."""
    start = f"{' ' * indent}{label:<{label_width}} "
    return wrap(words, width, initial_indent=start, subsequent_indent=" " * len(start))


def as_typed(words: Sequence[str], indent: str, more: str = "    ") -> str:
    """A command as it is typed, broken between words alone so that it can be pasted into a shell."""
    lines = [indent]
    for word in words:
        gap = "" if lines[-1] in (indent, indent + more) else " "
        if gap and len(lines[-1]) + len(gap) + len(word) > WIDTH - 2:
            lines[-1] += " \\"
            lines.append(indent + more)
            gap = ""
        lines[-1] += gap + word
    return "\n".join(lines)


def fields_of(fact: "Fact", now: datetime, reads: "Fact | None" = None) -> str:
    """A fact's fields on one line; what was not said is left out. `reads` is the entry that a correction corrects."""
    return "; ".join(f"{label}: {value}" if value else label for label, value in said_of(fact, now, reads))


def said_of(fact: "Fact", now: datetime, reads: "Fact | None" = None) -> list[tuple[str, str]]:
    """The same as pairs of label and value; the value is empty where the label says it all."""
    said = []
    for field in type(fact).model_fields:
        value = getattr(fact, field)
        if value in (None, "", (), {}) or value is False or (field == "areas" and set(value) == set(routine().areas)):
            continue
        if field == "duty" and (duty := routine().duty(value)):
            value = duty.text.in_(spoken())
        if isinstance(value, dict) and reads is not None:
            value = {corrected: getattr(reads, corrected) for corrected in value}
        said.append((_(FIELDS[field]), "" if value is True else shown(value, now)))
    return said


def shown(value: Any, now: datetime) -> str:
    """A field's value in people's words."""
    if isinstance(value, Word):
        return name(value)
    if isinstance(value, datetime):
        return times.clock(value, now)
    if isinstance(value, tuple | list):
        return ", ".join(shown(part, now) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{_(FIELDS[field])} {shown(part, now)}" for field, part in value.items())
    return str(value)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need; the last one takes what is left and is wrapped."""
    widths = [max(len(click.unstyle(row[place])) for row in (head, *rows)) for place in range(len(head) - 1)]
    start = sum(widths) + 2 * len(widths)
    out = []
    for number, row in enumerate((head, *rows)):
        cells = "  ".join(
            f"{cell}{' ' * (width - len(click.unstyle(cell)))}" for cell, width in zip(row, widths, strict=False)
        )
        lead = f"{cells}  " if widths else ""
        text = wrap(row[-1], max(WIDTH, start + 20), initial_indent=" " * start, subsequent_indent=" " * start)
        line = lead + text[start:]
        out.append(click.style(line, bold=True) if number == 0 else line)
    return "\n".join(line.rstrip() for line in out)
