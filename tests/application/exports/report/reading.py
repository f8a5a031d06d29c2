"""A page as a reader's program takes it apart: its elements in order, its texts, its links."""

import io
import re
from html.parser import HTMLParser

from application.exports.report.export import write
from tests.terminal import Terminal
from wording.words import Language

VOID = {"meta", "col", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """`shape` is every element with the names of its attributes, `says` every text, `targets` and `ids` the links."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.shape: list[tuple[str, ...]] = []
        self.says: list[str] = []
        self.targets: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self._open: list[str] = []
        self._in: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert self._open == [], "every element that is opened is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, *(name for name, _value in attrs)))
        self._keep(attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, *(name for name, _value in attrs)))
        self._keep(attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"{tag} is closed, but nothing is open"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.says.append(data)

    def _keep(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href":
                self.targets.append(value or "")
            elif name == "id":
                self.ids.append(value or "")
            elif name in ("src", "srcset", "action", "data", "poster", "background", "xlink:href"):
                self.addresses.append(value or "")

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.says))

    @property
    def spaced(self) -> str:
        """The text with a space between one element and the next."""
        return re.sub(r"\s+", " ", " ".join(self.says))

    @property
    def style(self) -> str:
        return "".join(re.findall(r"<style>(.*?)</style>", self.html, re.DOTALL))


def report_of(terminal: Terminal, number: str, language: Language = "sv") -> Page:
    """The report as it is written at this terminal."""
    out = io.BytesIO()
    write(terminal.desk.speaking(language), number, out)
    return Page(out.getvalue().decode("utf-8"))
