"""Lines for a terminal of 80 columns, and tables and refusals as wide as the one that is there."""

import os
import sys
from collections.abc import Sequence
from typing import TextIO

import click

from cli.terminal.screen import columns

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


def whole_words(sentence: str) -> str:
    """The sentence in lines no wider than a terminal, but for a path or an address that has no room on one; what has
    lines already is left as it is."""
    if "\n" in sentence or any(len(click.unstyle(word)) > WIDTH for word in sentence.split()):
        return sentence
    return wrap(sentence)


def width_of(stream: TextIO) -> int:
    """How wide the terminal is that this goes to; 80 where it goes elsewhere."""
    return columns() if stream.isatty() else WIDTH


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


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need; the last one takes what is left and is wrapped."""
    widths = [max(len(click.unstyle(row[place])) for row in (head, *rows)) for place in range(len(head) - 1)]
    start = sum(widths) + 2 * len(widths)
    width = max(width_of(sys.stdout), start + 16)
    out = []
    for number, row in enumerate((head, *rows)):
        cells = "  ".join(
            f"{cell}{' ' * (room - len(click.unstyle(cell)))}" for cell, room in zip(row, widths, strict=False)
        )
        lead = f"{cells}  " if widths else ""
        text = wrap(row[-1], width, initial_indent=" " * start, subsequent_indent=" " * start)
        line = lead + text[start:]
        out.append(click.style(line, bold=True) if number == 0 else line)
    return "\n".join(line.rstrip() for line in out)


def tables(head: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    """A table under each heading, in the order in which the headings first come; each row with its own."""
    headings = dict.fromkeys(heading for heading, _row in rows)
    blocks = [(heading, table(head, [row for of, row in rows if of == heading])) for heading in headings]
    return "\n\n".join(f"{click.style(heading, bold=True)}\n{lines}" for heading, lines in blocks)


def is_plain() -> bool:
    """No colour and no animation: NO_COLOR, a dumb terminal."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
