"""`reservrutin record FACT …`: ten seconds between two phone calls."""

import re
import shlex
from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import click

from application.desk import Desk
from application.incidents import NEW
from cli.terminal.colours import painted
from cli.terminal.command import Command, Group, answer, wants_json
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import wrap, wrapped
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.named import Named
from cli.terminal.options import Time, Written, build_all, corrected_fields, desk_of, options_of
from cli.terminal.parameters import Option
from cli.terminal.questions import agreed, can_ask
from domain import facts as f
from domain.fact import CATALOGUE, Fact
from domain.incident import Irregularity
from domain.refusals import Invalid
from domain.routine import Routine
from domain.texts import N_
from domain.vocabulary import Area, Channel, Function, RoutineWord, System
from wording import times
from wording.facts import about, fields_of
from wording.sentences import flag
from wording.standing import turn_line, waiting_line
from wording.words import Words

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from application.recording import Acknowledgement, Consequences, Draft

ENVELOPE = ("incident", "at", "function", "note", "deviation", "command_id", "dry_run")
TYPED = "reservrutin.typed"
"""The whole command, as it may be typed again."""
MOST = 2
"""How many of one's own duties, and of others', the answer names."""


def envelope_options() -> list[click.Parameter]:
    """The options of every fact, beside its own."""
    return [
        Option(
            ["--incident"],
            type=IncidentNumber(),
            help=N_("the incident's number; not needed while exactly one is open, “new” opens another"),
        ),
        Option(["--at"], type=Time(), help=N_("when it happened: 14:05, yesterday 22:10, -20m (default: now)")),
        Option(
            ["--as", "function"],
            type=Named(Function),
            metavar=N_("ROLE"),
            help=N_("the function you act in"),
        ),
        Option(["--note"], type=Written(), default="", help=N_("a note beside it")),
        Option(["--deviation"], type=Written(), default="", help=N_("why the routine is not followed")),
        Option(
            ["--command-id"],
            type=Written(),
            metavar=N_("ID"),
            default="",
            help=N_("repeat the command with the same id and nothing is written twice"),
        ),
        Option(["--dry-run", "-n"], is_flag=True, help=N_("say what would happen, write nothing")),
    ]


class FactCommand(Command):
    """The command of one fact; its help says who may use it, by the routine in force."""

    def __init__(self, fact: type[Fact]) -> None:
        def record_fact(desk: Desk, **typed: Any) -> int:
            return _record(desk, fact, typed)

        def at_the_tab_key(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
            from cli.terminal.from_the_log import offered  # the tab key alone asks

            return offered(fact, ctx, param, incomplete)

        params = [*options_of(fact, at_the_tab_key), *envelope_options()]
        super().__init__(fact.wire, record_fact, help=fact.meaning, params=params)
        self.fact = fact

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[TYPED] = shlex.join(["reservrutin", "record", self.fact.wire, *args])
        return super().parse_args(ctx, args)

    def words(self, ctx: click.Context) -> str:
        words = desk_of(ctx).words
        _ = words.gettext
        functions = [f"{words.name(function)} ({function})" for function in words.routine.recorded_by(self.fact)]
        may = _("Recorded as: {functions}.").format(functions=", ".join(functions) or "–")
        rules = ", ".join(words.routine.rules_of(self.fact))
        return f"{_(self.fact.meaning)}\n\n{may}" + (f" ({rules})" if rules else "")

    def examples_for(self, ctx: click.Context) -> str:
        return _example(self.fact, desk_of(ctx).words.routine)


KINDS: dict[str, type[RoutineWord]] = {"system": System, "area": Area, "channel": Channel}


def _example(fact: type[Fact], routine: Routine) -> str:
    """The fact's own example, with words that the routine knows in the place of any it does not."""
    said: list[str] = []

    def known_word(found: re.Match[str]) -> str:
        option, field, word = found.groups()
        if field != "as" and f"{field}s" not in fact.model_fields:
            return found[0]
        known = routine.recorded_by(fact) if field == "as" else routine.words(KINDS[field])
        fitting = word if word in known or not known else next((w for w in known if f"{option} {w}" not in said), "")
        said.append(f"{option} {fitting}")
        return said[-1] if fitting else ""

    example = re.sub(r"(--(system|area|as|channel)) ([\w-]+)", known_word, fact.example)
    return " ".join(f"reservrutin record {fact.wire} {example}".split())


class FactGroup(Group):
    """Every fact's command, made when it is called; the list shows those that the routine in force knows, in its
    names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [wire for wire, fact in CATALOGUE.items() if fact is not f.RoutineAdopted]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return FactCommand(CATALOGUE[cmd_name]) if cmd_name in self.list_commands(ctx) else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without a fact it is asked what has happened; in a script it is said what can be recorded."""
        if not args and not wants_json() and not ctx.resilient_parsing:
            from cli.terminal.guided import listed, their_own, what_has_happened

            desk, words = desk_of(ctx), desk_of(ctx).words
            facts = their_own(desk, words)
            if not can_ask():
                click.echo(listed(facts, words))
                ctx.exit()
            args = [what_has_happened(facts, words).wire]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """A fact is taken by what people call it, too, with or without quotes."""
        if args[0] not in CATALOGUE and not args[0].startswith("-"):
            from cli.terminal.guided import in_its_own_name  # for what is not typed as programs type it

            name = list(takewhile(lambda word: not word.startswith("-"), args))
            args = [*in_its_own_name(name, desk_of(ctx).words), *args[len(name) :]]
        return super().resolve_command(ctx, args)

    def offered(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from cli.terminal.completing import completions

        return completions(incomplete, dict(self.in_short(ctx)))

    def in_short(self, ctx: click.Context) -> list[tuple[str, str]]:
        words = desk_of(ctx).words
        known = [wire for wire in self.list_commands(ctx) if words.routine.recorded_by(CATALOGUE[wire])]
        return [(wire, words.fact(wire)) for wire in known]


def _record(desk: Desk, fact: type[Fact], typed: dict[str, Any]) -> int:
    begun = _begun(desk, fact, typed)
    words = desk.texts.of(begun.routine)
    own = {name: value for name, value in typed.items() if name not in ENVELOPE}
    answered: dict[str, Any] = {}
    if can_ask():
        from cli.terminal.guided import answers, made  # a script is asked nothing

        answered = answers(fact, own, words)
    own |= answered
    if fact is f.EntryCorrected and own.get("fields"):
        target = begun.corrected_by(own["entry"])
        own["fields"] = corrected_fields(target, own["fields"]) if target else dict(own["fields"])

    facts = made(fact, own, answered, desk, words) if can_ask() else build_all(fact, own, desk)

    def recorded(*, dry_run: bool) -> "list[Acknowledgement]":
        return begun.record_all(
            facts,
            note=typed["note"].strip(),
            deviation=typed["deviation"].strip(),
            dry_run=dry_run,
        )

    if not typed["dry_run"] and not typed["deviation"] and can_ask() and not _agreed(recorded(dry_run=True), words):
        from cli.terminal.exit_codes import INTERRUPTED  # for whoever thinks better of it

        click.echo(words.gettext("Nothing was written."), err=True)
        return INTERRUPTED
    written = recorded(dry_run=typed["dry_run"])
    answer(_document(written), "" if wants_json() else _text(written, desk, desk.now()), pages=False)
    return 0


def _document(written: "list[Acknowledgement]") -> Any:
    """An object for an entry, a list for several; what a withdrawal moved to another incident stands in its own."""
    first, *more = written
    if more and more[0].recorded.incident != first.recorded.incident:
        return first.document | {"moved": more[0].document}
    return [each.document for each in written] if more else first.document


def _begun(desk: Desk, fact: type[Fact], typed: dict[str, Any]) -> "Draft":
    """The draft of what was typed; whether an outage is the one that is suspected is asked, and in a script refused."""
    from application.recording import draft  # a fact's help writes nothing

    def begin(incident: str | None) -> "Draft":
        return draft(
            desk,
            login_at_the_keyboard(),
            fact,
            incident=incident,
            function=typed["function"],
            occurred_at=typed["at"],
            command_id=typed["command_id"].strip(),
        )

    try:
        return begin(typed["incident"])
    except Invalid as refused:
        if refused.reason == "several-open" and can_ask():
            from cli.terminal.guided import which_incident

            return begin(which_incident(refused.data["incidents"], desk))
        if refused.reason != "suspected-open":
            raise
        if not can_ask():
            refused.data["command"] = click.get_current_context().meta[TYPED]
            raise
        question = desk.texts.gettext("Is it the suspected {number} ({about})?")
        for incident in refused.data["incidents"]:
            what = about(incident, desk.texts.of(incident.routine))
            if agreed(question.format(number=incident.number, about=what), desk.texts):
                return begin(incident.number)
        return begin(NEW)


def _agreed(told: "list[Acknowledgement]", words: Words) -> bool:
    """Whether the person writes it although it would be flagged; what would not be needs no question."""
    consequences = [each.consequences for each in told if each.consequences and not each.repeated]
    odd = [irregularity for each in consequences for irregularity in each.irregularities]
    for said in dict.fromkeys(_flags(odd, words)):
        click.echo(said, err=True)
    return not odd or agreed(words.gettext("Write it all the same?"), words)


def _flags(odd: Iterable[Irregularity], words: Words) -> list[str]:
    said = words.gettext("flagged: {what} ({rule})")
    return [f"  {click.style(said.format(what=flag(each.code, words), rule=each.rule), fg='yellow')}" for each in odd]


def _text(written: "list[Acknowledgement]", desk: Desk, now: datetime) -> str:
    """What was written, entry by entry, and what comes next, at one glance."""
    first = written[0]
    words = desk.texts.of(first.routine)
    _ = words.gettext
    out = [line for each in written for line in _entry(each, desk.texts.of(each.routine), now)]
    if first.consequences is None:
        said = _("What comes next can't be said ({problem}): see reservrutin due.").format(problem=first.problem)
        return "\n".join([*out, wrapped(said, 0)])
    acting = _("as {function}").format(function=words.name(first.recorded.recorded_as))
    if first.person.roles is None:
        acting += _(" – no staff is registered, so anybody may record")
    out.append(wrapped(acting, 2))
    if first.others and first.recorded.entry == 1:
        said = _("Open already: {numbers}. If it is the same outage, record it there with --incident.")
        out.append(click.style(wrapped(said.format(numbers=", ".join(first.others)), 2), fg="yellow"))
    out += _next(first, first.consequences, words, desk, now)
    return "\n".join(out)


def _entry(written: "Acknowledgement", words: Words, now: datetime) -> list[str]:
    """An entry, what it says and what does not fit about it."""
    out = [_first_line(written, words, now)]
    if came_of_it := written.consequences:
        reads = came_of_it.corrected.fact if came_of_it.corrected else None
        if said := fields_of(written.recorded.fact, words, now, reads):
            out.append(wrapped(said, 2))
        out += _flags(came_of_it.irregularities, words)
    return out


def _first_line(written: "Acknowledgement", words: Words, now: datetime) -> str:
    _, recorded = words.gettext, written.recorded
    done = _("Would be written") if written.dry_run else _("Already written") if written.repeated else _("Written")
    return _("{done}: {number} entry {entry}, {fact}, {time}").format(
        done=click.style(done, fg="yellow" if written.dry_run else "green", bold=True),
        number=click.style(recorded.incident, bold=True),
        entry=recorded.entry,
        fact=words.fact(recorded.fact.wire),
        time=times.clock(recorded.occurred_at, now),
    )


def _next(written: "Acknowledgement", came_of_it: "Consequences", words: Words, desk: Desk, now: datetime) -> list[str]:
    """What the person does next, with how it is recorded, and what others are waited for."""
    from cli.terminal.suggestion import line, typed

    _ = words.gettext
    turns, act = came_of_it.turns, came_of_it.act
    if not turns.own and not turns.others:
        return [_("Next: nothing is due.")]
    start = _("Next: ")
    own = [painted(turn_line(turn, words, now)) for turn in turns.own[:MOST]] or [_("nothing is yours to do.")]
    out = [_indented(said, start if place == 0 else " " * len(start)) for place, said in enumerate(own)]
    if act and not written.dry_run:  # what is not written yet can't be gone on from
        command = typed(act, came_of_it.incident, written.person, desk, one_of_several=bool(written.others))
        out.insert(1, line(command, len(start)))
    waits = _("Waiting for {whom}")
    out += [_indented(waits.format(whom=painted(waiting_line(turn, words, now)))) for turn in turns.others[:MOST]]
    if more := max(len(turns.own) - MOST, 0) + max(len(turns.others) - MOST, 0):
        said = words.ngettext("and {count} more: reservrutin due", "and {count} more: reservrutin due", more)
        out.append(said.format(count=more))
    return out


def _indented(said: str, start: str = "") -> str:
    return wrap(said, 80, initial_indent=start, subsequent_indent=" " * (len(start) or 2))


record = FactGroup(
    "record",
    [],
    help=N_("Write down what has happened. Each fact has its own options: reservrutin record FACT --help."),
    examples=(
        "reservrutin record outage-detected --scope all-users --system sesam-s2\n"
        "reservrutin record prognosis-received --restored-by 14:30 --at -10m"
    ),
)
