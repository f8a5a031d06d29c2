"""The staff diary as text: pages of 60 lines of 80 characters, so that any printer puts it on A4."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from application.exports.diary.content import NOTHING, Diary, DiaryEntry, Pairs
from wording.words import Texts

WIDTH = 80
LINES = 60
INDENT = " " * 6
RULE = "─" * WIDTH
FORM_FEED = "\f"


def text(told: Diary, texts: Texts) -> str:
    """Every page with its number and the newest checkpoint; what is left of a page is struck through."""
    _ = texts.gettext
    foot = [RULE, *_foot(told, texts)]
    room = LINES - len(foot) - 3
    blocks = [[*_header(told), RULE], *(_entry(row, texts) for row in told.rows)]
    blocks += [[RULE, _centred(told.end), RULE], _signatures(texts)]
    pages = list(_pages(blocks, room))
    out = []
    for number, lines in enumerate(pages, 1):
        counted = _("Page {number} ({count})").format(number=number, count=len(pages))
        head = " ".join((_("Staff diary"), told.name))[: WIDTH - len(counted) - 2]
        top = [f"{head}{counted:>{WIDTH - len(head)}}", RULE]
        struck = [" " * (WIDTH // 2 + (room - len(lines)) // 2 - place) + "/" for place in range(room - len(lines))]
        out.append("\n".join([*top, *lines, *struck, *foot]) + "\n")
    return FORM_FEED.join(out)


def _pages(blocks: Sequence[list[str]], room: int) -> Iterator[list[str]]:
    """As many blocks a page as there is room for; one that is longer than a page goes on over the next."""
    page: list[str] = []
    for block in blocks:
        if page and len(page) + len(block) > room:
            yield page
            page = []
        page = page + block
        while len(page) > room:
            yield page[:room]
            page = page[room:]
    yield page


def _header(told: Diary) -> Iterator[str]:
    widest = max(len(label) for label, _value in told.header)
    for label, value in told.header:
        start = f"{label + ':':<{widest + 2}}"
        yield from _wrapped(value or "_" * 40, start, " " * len(start))


def _entry(row: DiaryEntry, texts: Texts) -> list[str]:
    _ = texts.gettext
    when = _("happened {happened}  written {written}").format(happened=row.happened, written=row.written)
    who = f"{INDENT}{row.who}"
    room = WIDTH - len(who)
    signed = (
        [f"{who}{row.sign:>{room}}"] if len(row.sign) < room else [*_wrapped(row.who, INDENT), f"{row.sign:>{WIDTH}}"]
    )
    out = [f"{row.number:>4}  {when}", *signed]
    if row.late:
        out += _wrapped(_("Written {late}").format(late=row.late), INDENT)
    if row.struck:
        out += _wrapped(row.struck, f"{INDENT}✕ ", f"{INDENT}  ")
    said = ": ".join(filter(None, (row.fact, _joined(row.said))))
    out += _wrapped(said, INDENT)
    out += [line for corrected in row.corrected for line in _wrapped(corrected, INDENT)]
    out += _wrapped(": ".join((_("Decision and reason"), _joined(row.decided) or NOTHING)), INDENT)
    return [*out, ""]


def _joined(pairs: Pairs) -> str:
    return "; ".join(": ".join(filter(None, pair)) for pair in pairs)


def _wrapped(said: str, first: str, then: str | None = None) -> list[str]:
    """Each of its lines within the width; none is left blank."""
    out: list[str] = []
    for line in filter(str.strip, said.splitlines()):
        start = first if not out else (then or first)
        out += wrap(line, WIDTH, initial_indent=start, subsequent_indent=then or first, break_on_hyphens=False)
    return out or [f"{first}{NOTHING}"]


def _centred(said: str) -> str:
    return f"{said:^{WIDTH}}".rstrip()


def _signatures(texts: Texts) -> list[str]:
    _ = texts.gettext
    line = "_" * 34
    names = (_("Log keeper"), _("In charge"))
    fields = (_("Signature"), _("Name in print"), _("Date"))
    out: list[str] = []
    for field in fields:
        out += ["", "", f"{line:<40}{line}", "".join(f"{f'{field}, {name.lower()}':<40}" for name in names).rstrip()]
    return out


def _foot(told: Diary, texts: Texts) -> Iterator[str]:
    """The newest checkpoint, a line each; a signature that is wider than the page goes on."""
    yield ": ".join((texts.gettext("Checkpoint"), told.checkpoint))
    for line in filter(None, told.note.splitlines()):
        yield from (line[start : start + WIDTH] for start in range(0, len(line), WIDTH))
