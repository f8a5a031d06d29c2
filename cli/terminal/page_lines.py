"""What stands on a page of ours, as lines for a terminal."""

from html.parser import HTMLParser

from cli.terminal.lines import wrap

HEADINGS = ("h1", "h2", "h3")
BLOCKS = (*HEADINGS, "p", "li", "blockquote", "button")


class _Blocks(HTMLParser):
    """The blocks of the page's main part, each as (tag, words)."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, list[str]]] = []
        self._within = self._in_block = False

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag == "main":
            self._within = True
        elif self._within and tag in BLOCKS:
            self.blocks.append((tag, []))
            self._in_block = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._within = False
        elif tag in BLOCKS:
            self._in_block = False

    def handle_data(self, data: str) -> None:
        if self._in_block:
            self.blocks[-1][1].extend(data.split())


def page_lines(page: str, at_most: int | None = None, indent: str = "  │ ") -> str:
    """The text of the page's main part, a block a line, headings with what is under them set in; or so many of its
    blocks and its last button."""
    reader = _Blocks()
    reader.feed(page)
    found = [(tag, " ".join(words)) for tag, words in reader.blocks if words]
    shown = [*found[:at_most], *[block for block in found[-1:] if at_most and block[0] == "button"]]
    lines = []
    for tag, text in shown:
        start = indent if tag in HEADINGS else f"{indent}  "
        said = f"[ {text} ]" if tag == "button" else text
        lines.append(wrap(said, initial_indent=start, subsequent_indent=start))
    return "\n".join(lines)
