"""What stands on the desk's screen, line by line, as a sight of the log makes it. No line depends on colour alone."""

from datetime import datetime, timedelta
from textwrap import wrap

from rich.text import Text

from application.settings import Settings
from cli.desk.sight import Sight
from cli.terminal.colours import STATUSES, painted
from domain import facts as f
from domain.fact import Recorded
from domain.refusals import Refusal
from domain.verdict import Verdict
from domain.vocabulary import RoutineState
from domain.whose_turn import Turn
from wording import times
from wording.callers import sentences
from wording.facts import initial, listed, said_of
from wording.sentences import is_its_own, sentence, told, unjudged
from wording.standing import SOON, duty_line
from wording.words import Words

WORKER_GONE = timedelta(minutes=2)
"""How long a worker may leave undone what it does within a second, when no round is long, before it counts as gone."""


def head(sight: Sight, login: str, width: int, unseen: Exception | None = None) -> Text:
    """Which incident this is, how it stands, and what time it is; who sits here, who keeps the log, what is wrong: on
    a line of its own where it would cover them. `unseen` is why the log can't be seen, where it can't."""
    first = spread(_incident(sight, width), Text(clock_of(sight.at), style="bold"), width)
    trouble = Text(_unseen(unseen, sight, width), style="bold red") if unseen else _trouble(sight, width)
    who = _who(sight, login)
    if who.cell_len + trouble.cell_len < width:
        return Text("\n").join([first, spread(who, trouble, width)])
    return Text("\n").join([first, who, trouble])


def spread(left: Text, right: Text, width: int) -> Text:
    """The one at the left edge, cut where there is no room for it, the other at the right."""
    room = max(width - right.cell_len - 1, 0)
    if left.cell_len > room:
        left.truncate(room, overflow="ellipsis")
    return Text.assemble(left, " " * (width - left.cell_len - right.cell_len), right)


def clock_of(moment: datetime) -> str:
    return times.clock(moment, moment).split(" ")[0]


def _incident(sight: Sight, width: int) -> Text:
    _ = sight.words.gettext
    incident = sight.incident
    if incident is None:
        return Text(_("No incident is open"), style="bold")
    out = Text.assemble((incident.number, "bold"), " ")
    out.append(sight.words.name(incident.status).upper(), style=f"bold {STATUSES[incident.status]}")
    if incident.down_since:
        out.append("  " + _("down {span}").format(span=times.span(sight.at - incident.down_since)))
    if incident.routine_state(sight.at) is RoutineState.ACTIVE:
        out.append("  " + _("RESERVE ROUTINE").upper(), style="bold magenta")
    if incident.outstanding:
        out.append("  " + _("{count} paper").format(count=len(incident.outstanding)), style="bold")
    if len(sight.open_now) > 1:
        place = sight.open_now.index(incident.number) + 1
        out.append("  " + _("{place} of {count}").format(place=place, count=len(sight.open_now)), style="bold yellow")
    if width >= 76:
        out.append(f"  {listed(sight.words, incident.systems)}", style="dim")
    return out


def _who(sight: Sight, login: str) -> Text:
    _ = sight.words.gettext
    said = f"{login} · " + ", ".join(sight.words.name(function) for function in sight.functions)
    keeper = sight.incident.keeper if sight.incident else None
    if keeper:
        to, since = sight.words.name(keeper.function), times.near(keeper.since, sight.words, sight.at)
        said += " · " + _("log: {function} since {time}").format(function=to, time=since)
    return Text(said, style="dim")


def _unseen(error: Exception, sight: Sight, width: int) -> str:
    """Only a log that does not answer is away; anything else is told in its own words, whole."""
    if not is_its_own(error):
        return sight.words.gettext("! THE LOG IS AWAY")
    if isinstance(error, Refusal):
        said = sentence(error, sight.words)
    else:
        said = unjudged(sight.number or "", error, sight.words)
    return "\n".join(wrap(f"! {said}", width))


def _trouble(sight: Sight, width: int) -> Text:
    """What is out of sight, clock, read models, worker and mail: the worst of it, and what to do about it."""
    _, mail = sight.words.gettext, sight.mail
    if sight.left_out:
        return Text("\n".join(wrap(f"! {told(sight.left_out, sight.words)}", width)), style="bold yellow")
    if sight.clock:
        words = {
            "clock-ahead": _("! this clock is {span} ahead: set it"),
            "server-behind-newest": _("! the database's clock is {span} behind: have it set"),
        }.get(sight.clock.reason, _("! this clock is {span} behind: set it"))
        return Text(words.format(span=times.span(sight.clock.by)), style="bold red")
    if sight.broken:
        return Text(_("! the board stands still: reservrutin board"), style="bold red")
    if sight.owed_since and sight.at - sight.owed_since > WORKER_GONE:
        said = _("! no worker since {time}: start reservrutin worker")
        return Text(said.format(time=times.near(sight.owed_since, sight.words, sight.at)), style="bold yellow")
    if mail.deliveries and mail.since:
        late = mail.is_late(sight.at)
        words = sight.words.ngettext("✉ {count} waits", "✉ {count} wait", mail.deliveries)
        said = words.format(count=mail.deliveries)
        return Text(("! " if late else "") + said, style="bold yellow" if late else "")
    if mail.refused:
        words = sight.words.ngettext("! ✉ {count} refused", "! ✉ {count} refused", mail.refused)
        return Text(words.format(count=mail.refused), style="yellow")
    return Text("✉ ok", style="dim")


def to_say(sight: Sight, settings: Settings) -> list[str]:
    """What to say to whoever rings."""
    _ = sight.words.gettext
    if sight.incident is None or not sight.incident.open:
        return [_("As far as is known here everything works. If they can't get in: press s and write it down.")]
    said = sentences(sight.incident, sight.words, sight.at, settings.driftinfo_url)
    return said or [_("Nothing is known for certain yet: write down which unit it is, and what they see.")]


def duties(sight: Sight, width: int, rows: int) -> Text:
    """What is to be done, each with its key, then who is waited for. Each whole where there is room for all of them,
    else the last of them a line each, as few as may be."""
    turns = len(sight.turns.own) + len(sight.turns.others)
    shorter = (_duties(sight, width, whole) for whole in range(turns, 0, -1))
    return next((text for text in shorter if text.plain.count("\n") < rows), _duties(sight, width, 0))


def _duties(sight: Sight, width: int, whole: int) -> Text:
    """So many of them whole, from the first on."""
    _ = sight.words.gettext
    if sight.incident is None:
        openers = [f"{digit} {initial(sight.words.fact(fact.wire))}" for digit, fact in enumerate(f.OPENERS, 1)]
        return Text("\n").join([Text(_("What has happened?").upper(), style="bold"), *map(Text, openers)])
    out = [Text(_("TO DO"), style="bold")]
    if not sight.turns.own:
        out.append(Text(_("Nothing just now."), style="dim"))
    own = len(sight.turns.own)
    out += [_turn(turn, sight, width, whole=place < whole) for place, turn in enumerate(sight.turns.own)]
    if sight.turns.others:
        out.append(Text(_("WAITING FOR"), style="bold"))
        out += [_turn(turn, sight, width, whole=place < whole) for place, turn in enumerate(sight.turns.others, own)]
    return Text("\n").join(out)


def _turn(turn: Turn, sight: Sight, width: int, *, whole: bool) -> Text:
    """Its key, what it is, and how long there is, which is never what is cut off."""
    digit = next((place for place, (known, _act) in enumerate(sight.acts[:9], 1) if known is turn), 0)
    duty = turn.verdict.duty if turn.verdict else None
    text = duty.text.in_(sight.words.language) if duty else sight.words.gettext("publish what was asked for")
    if turn not in sight.turns.own:
        text = f"{initial(sight.words.name(turn.who))}: {text[:1].lower()}{text[1:]}"
    left = _left(turn, sight)
    first, *rest = wrap(text, max(width - left.cell_len - 3, 10)) if whole else [text]
    line = spread(Text.assemble((f"{digit or ' '} ", "bold"), first), left, width)
    return Text("\n  ").join([line, *map(Text, rest)])


def _left(turn: Turn, sight: Sight) -> Text:
    """How long there is, or how late it is, or since when it has been asked for."""
    _, verdict = sight.words.gettext, turn.verdict
    if verdict and verdict.word in ("overdue", "missed"):
        return Text(_("! {span} late").format(span=times.span(verdict.late)), style="bold red")
    if turn.asked_at:
        return Text(_("asked {time}").format(time=times.near(turn.asked_at, sight.words, sight.at)))
    if verdict is None or verdict.due_at is None:
        return Text("")
    if verdict.due_at <= sight.at:
        return Text(_("! now"), style="bold red")
    left = verdict.due_at - sight.at + timedelta(seconds=30)
    return Text(_("in {span}").format(span=times.span(left)), style="yellow" if left <= SOON else "")


def quoted(verdict: Verdict, words: Words, now: datetime) -> str:
    """The duty whole, with who and when, and what the routine says of it."""
    rules = ", ".join(verdict.duty.rules)
    return f"{painted(duty_line(verdict, words, now))}\n”{verdict.duty.quote.in_(words.language)}” ({rules})"


def latest(sight: Sight, width: int, rows: int) -> Text:
    """The newest entries, the newest first, two lines for each that needs them."""
    out = [Text(sight.words.gettext("LATEST"), style="bold")]
    for recorded in sight.latest[: max(rows - 1, 0)]:
        out += entry(recorded, sight, width, rows=2).split()
    return Text("\n").join(out[:rows])


def entry(recorded: Recorded, sight: Sight, width: int, *, rows: int = 1) -> Text:
    """An entry: when, what, and as much of its fields as there is room for."""
    words = sight.words
    at, name = times.near(recorded.occurred_at, words, sight.at), words.fact(recorded.fact.wire)
    fields = said_of(recorded.fact, words, sight.at, sight.corrected_by(recorded.fact))
    said = "; ".join(value or label for label, value in fields)
    text = f"{at} {name}" + (f": {said.splitlines()[0]}" if said else "")
    out = Text("\n".join(wrap(text, width, subsequent_indent="      ", max_lines=rows, placeholder=" …")))
    out.stylize("bold", 0, len(at))
    if (colon := out.plain.find(":", len(at))) > 0:
        out.stylize("dim", colon)
    return out
