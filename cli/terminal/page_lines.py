"""What stands on a page of ours, as lines for a terminal."""

from html.parser import HTMLParser

from cli.terminal.lines import wrap

HEADINGS = ("h1", "h2", "h3")
BLOCKS = (*HEADINGS, "p", "li", "blockquote", "dt")


class _Blocks(HTMLParser):
    """The blocks of the page's main part, each as (tag, words)."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, list[str]]] = []
        self._within = False

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag == "main":
            self._within = True
        elif self._within and tag in BLOCKS:
            self.blocks.append((tag, []))

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._within = False

    def handle_data(self, data: str) -> None:
        if self._within and self.blocks:
            self.blocks[-1][1].extend(data.split())


def page_lines(page: str, indent: str = "  │ ") -> str:
    """The text of the page's main part, a block a line, headings with what is under them set in."""
    reader = _Blocks()
    reader.feed(page)
    lines = []
    for tag, words in reader.blocks:
        if words:
            start = indent if tag in HEADINGS else f"{indent}  "
            lines.append(wrap(" ".join(words), initial_indent=start, subsequent_indent=start))
    return "\n".join(lines)
