"""How a notice looks: plain text of at most 72 columns, and HTML that every mail reader can show."""

from collections.abc import Sequence
from functools import cache
from gettext import NullTranslations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifiers.content import Content
from wording.facts import Line

WIDTH = 72
"""Columns of the text part. Only an address that can't be broken is longer."""

WIDEST_LABEL = 26


def as_text(content: Content, words: NullTranslations) -> str:
    """The mail as plain text."""
    return _environment().get_template("notice.txt.j2").render(mail=content, _=words.gettext)


def as_html(content: Content, words: NullTranslations) -> str:
    """The mail as one HTML page: no scripts, nothing fetched from anywhere, and one table, the frame of what to do."""
    return _environment().get_template("notice.html.j2").render(mail=content, _=words.gettext)


@cache
def _environment() -> Environment:
    """The same for all languages, so that a worker's first mails wait for one translation of the templates, not two."""
    environment = Environment(
        loader=PackageLoader("notifiers.email"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"wrap": wrap, "underline": underline, "labelled": labelled}
    return environment


def wrap(text: str, indent: int = 0, first: int | None = None) -> str:
    """The text on lines of at most `WIDTH` columns, its own line breaks kept.

    Lines begin with `indent` spaces; the first one already has `first` characters before it, where given.
    """
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        lines.extend(_broken(paragraph.split(), WIDTH - indent))
    margin = " " * indent
    out = "\n".join((margin + line).rstrip() for line in lines)
    return out if first is None else out[indent:]


def underline(text: str, mark: str) -> str:
    """The text, wrapped, over a rule of marks that is as long as its longest line."""
    wrapped = wrap(text)
    return f"{wrapped}\n{mark * min(WIDTH, max(map(len, wrapped.splitlines())))}"


def labelled(lines: Sequence[Line]) -> str:
    """A list in two columns; a long label gets a line of its own."""
    column = max((len(line.label) for line in lines if len(line.label) <= WIDEST_LABEL), default=0) + 2
    out = []
    for line in lines:
        if len(line.label) > WIDEST_LABEL:
            out.append(f"{wrap(line.label)}\n{wrap(line.value, column)}")
        else:
            out.append(line.label.ljust(column) + wrap(line.value, column, first=column))
    return "\n".join(out)


def _broken(words: Sequence[str], width: int) -> list[str]:
    """The words on lines; a word longer than a line is cut unless it is an address that must stay whole."""
    lines = [""]
    for word in words:
        rest = word
        while rest:
            free = width - len(lines[-1]) - bool(lines[-1])
            if len(rest) <= free or (not lines[-1] and "://" in rest):
                lines[-1] += f" {rest}" if lines[-1] else rest
                break
            if lines[-1]:
                lines.append("")
            else:
                lines[-1], rest = rest[:width], rest[width:]
                if rest:
                    lines.append("")
    return lines
