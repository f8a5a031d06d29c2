"""What the desk answers: what was written and what would be, whose a fact is, what the keys do."""

from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from application.desk import Desk
from application.recording import Acknowledgement
from cli.desk import lines
from cli.desk.sheets import Sheet
from cli.desk.sight import Sight
from cli.terminal.previewed import whom
from domain.fact import Fact
from domain.facts import EntryCorrected, OperatingInformationPublished
from domain.refusals import Refusal
from wording import times
from wording.clocks import placed_after
from wording.facts import initial, said_of
from wording.sentences import flagged
from wording.words import Words

if TYPE_CHECKING:
    from application.preview import PublicMail


def home_keys(sight: Sight, width: int) -> str:
    _ = sight.words.gettext
    if width < 76:
        return _("s call  f paper  p prognosis  n else  r log  ? help")
    return _("s call  f paper  p prognosis  n anything else  r correct  h incident  ? help")


def offered(fact: type[Fact], sight: Sight) -> Text:
    """A fact in the search: its name, and whose it is where it is not this person's."""
    name = initial(sight.words.fact(fact.wire))
    if sight.may_record(fact):
        return Text(name)
    who = ", ".join(sight.words.name(function) for function in sight.recorders(fact))
    return Text.assemble(name, (f"  – {who}", "dim"))


def whose(fact: type[Fact], sight: Sight) -> str:
    """That somebody else records it."""
    _ = sight.words.gettext
    who = _(" or ").join(sight.words.name(function) for function in sight.recorders(fact))
    return _("{fact} is recorded by {functions}.").format(fact=initial(sight.words.fact(fact.wire)), functions=who)


def title(sheet: Sheet, sight: Sight) -> str:
    _ = sight.words.gettext
    name = initial(sight.words.fact(sheet.fact.wire))
    if sheet.target:
        entry = _("entry {entries}").format(entries=sheet.target.entry)
        name = f"{name}: {entry}, {sight.words.fact(sheet.target.fact.wire)}"
    where = sheet.incident or _("a new incident")
    return f"{name} · {where}"


def written(answer: Acknowledgement, sight: Sight) -> Text:
    """What stands in the log now, and how to take it back."""
    _, recorded = sight.words.gettext, answer.recorded
    what, at = sight.words.fact(recorded.fact.wire), times.near(recorded.occurred_at, sight.words, sight.at)
    said = _("Written: entry {entry}, {fact}, {time}. u takes it back.")
    said = said.format(entry=recorded.entry, fact=what, time=at)
    out = Text(f"✓ {said}", style="bold")
    if others := [number for number in answer.others if recorded.entry == 1]:
        said = _("Open already: {numbers}. Is it the same outage? Then take this back and write it there.")
        out.append("\n" + said.format(numbers=", ".join(others)), style="yellow")
    return out.append_text(_flags(answer, sight))


def foreseen(answer: Acknowledgement, sight: Sight) -> Text:
    """What Enter would write."""
    _, recorded = sight.words.gettext, answer.recorded
    said = _("Enter writes: {fact}, {time}, as {function}").format(
        fact=sight.words.fact(recorded.fact.wire),
        time=times.clock(recorded.occurred_at, sight.at),
        function=sight.words.name(recorded.recorded_as),
    )
    if isinstance(recorded.fact, EntryCorrected):
        said += ": " + "; ".join(
            value for _label, value in said_of(recorded.fact, sight.words, sight.at, _reads(answer))
        )
    return Text(said).append_text(_flags(answer, sight))


def _reads(answer: Acknowledgement) -> Fact | None:
    """What the entry that is corrected says then."""
    corrected = answer.consequences.corrected if answer.consequences else None
    return corrected.fact if corrected else None


def form_keys(sheet: Sheet, words: Words) -> str:
    """The keys of a form; of a publication also the one that shows the public's mail."""
    _ = words.gettext
    if sheet.fact is OperatingInformationPublished:
        return _("Enter writes  Tab next  Esc back  Ctrl+E the mail  Ctrl+K the command")
    return _("Enter writes  Tab next  Esc back  Ctrl+K the command")


def mail(shown: "PublicMail", words: Words) -> Text:
    """The public's mail, and how many get it."""
    out = Text(whom(shown, words))
    return out.append(f"\n\n{shown.subject}\n", style="bold").append(f"\n{shown.text}") if shown.readers else out


def in_short(answer: Acknowledgement, sight: Sight) -> str:
    """A paper's answer, beside its number."""
    _ = sight.words.gettext
    said = _("entry {entries}").format(entries=answer.recorded.entry)
    return f"{said}{_flags(answer, sight).plain.replace(chr(10), ' ')}"


def _flags(answer: Acknowledgement, sight: Sight) -> Text:
    if answer.consequences is None:
        return Text(f"\n{answer.problem}", style="yellow")
    out = Text()
    for odd in answer.consequences.irregularities:
        out.append(f"\n{flagged(odd, sight.words)}", style="yellow")
    if placed := answer.consequences.placed:
        out.append(f"\n{placed_after(placed, sight.words)}", style="yellow")
    return out


def counts(words: Words) -> dict[str, str]:
    """How many papers of a heap are in a state."""
    _ = words.gettext
    return {"written": _("{count} written"), "refused": _("{count} not"), "waiting": _("{count} wait for the log")}


def yesterday(text: str, desk: Desk) -> str | None:
    """The same time yesterday, as it would be typed, for a clock that has not come to it yet today."""
    said = desk.texts.gettext("yesterday {time}").format(time=text.strip())
    try:
        moment: datetime = times.parse(said, desk.now())
    except Refusal:
        return None
    return said if moment <= desk.now() else None


def explained(sight: Sight) -> Text:
    """The keys, then each duty whole, with what the routine says of it."""
    _ = sight.words.gettext
    keys = [
        ("1-9", _("does the duty with that digit")),
        ("s", _("somebody rings: one caller more, or what they report")),
        ("f", _("a heap of papers: number, Enter, number, Enter")),
        ("p", _("a prognosis has come")),
        ("n", _("anything else: search for it by what you would call it")),
        ("r l", _("the log: correct an entry, take it back, move it to another incident")),
        ("u", _("take back what you wrote last")),
        ("h", _("the next incident")),
        ("Esc", _("back; what you typed stays")),
        ("Ctrl+E", _("in the form of a publication: the mail that will go out")),
        ("Ctrl+K", _("in a form: the command that does the same")),
        ("q", _("leave the desk; nothing stops, the worker goes on")),
    ]
    out = Text()
    for key, said in keys:
        out.append(f"{key:<8}", style="bold").append(f"{said}\n")
    for verdict in filter(None, (turn.verdict for turn in (*sight.turns.own, *sight.turns.others))):
        out.append("\n").append_text(Text.from_ansi(lines.quoted(verdict, sight.words, sight.at))).append("\n")
    return out
