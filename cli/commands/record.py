"""`reservrutin record FACT …`: ten seconds between two phone calls."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from application.desk import Desk
from cli.terminal.colours import painted
from cli.terminal.command import Command, Group, answer, wants_json
from cli.terminal.lines import as_typed, wrap, wrapped
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import Named, Time, Written, build, corrected_fields, desk_of, options_of
from cli.terminal.parameters import Option
from domain import facts as f
from domain.fact import CATALOGUE, Fact
from domain.routine import Routine
from domain.texts import N_
from domain.verdict import Verdict
from domain.vocabulary import Area, Channel, ContactOutcome, Function, RoutineWord, System
from wording import times
from wording.facts import fields_of
from wording.sentences import flag
from wording.standing import duty_line
from wording.words import Words

if TYPE_CHECKING:
    from application.recording import Acknowledgement

ENVELOPE = ("incident", "at", "function", "note", "deviation", "command_id", "dry_run")


def envelope_options() -> list[click.Parameter]:
    """The options of every fact, beside its own."""
    return [
        Option(
            ["--incident"],
            type=Written(),
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
            default="",
            help=N_("repeat the command with the same id and nothing is written twice"),
        ),
        Option(["--dry-run", "-n"], is_flag=True, help=N_("say what would happen, write nothing")),
    ]


class FactCommand(Command):
    """The command of one fact; its help says who may use it, by the routine in force."""

    def __init__(self, fact: type[Fact]) -> None:
        def record_fact(desk: Desk, **typed: Any) -> None:
            _record(desk, fact, typed)

        params = [*options_of(fact), *envelope_options()]
        super().__init__(fact.wire, record_fact, help=fact.meaning, params=params)
        self.fact = fact

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

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Of a mistyped fact, say which one was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as unknown:
            name = unknown.command_name
            raise click.exceptions.NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx) from unknown

    def in_short(self, ctx: click.Context) -> list[tuple[str, str]]:
        words = desk_of(ctx).words
        known = [wire for wire in self.list_commands(ctx) if words.routine.recorded_by(CATALOGUE[wire])]
        return [(wire, words.fact(wire)) for wire in known]


def _record(desk: Desk, fact: type[Fact], typed: dict[str, Any]) -> None:
    from application.recording import draft  # a fact's help writes nothing

    begun = draft(
        desk,
        login_at_the_keyboard(),
        fact,
        incident=typed["incident"],
        function=typed["function"],
        occurred_at=typed["at"],
        command_id=typed["command_id"].strip(),
    )
    own = {name: value for name, value in typed.items() if name not in ENVELOPE}
    if fact is f.EntryCorrected and own.get("fields"):
        target = begun.corrected_by(own["entry"])
        own["fields"] = corrected_fields(target, own["fields"]) if target else dict(own["fields"])
    written = begun.record(
        build(fact, own, desk.texts),
        note=typed["note"].strip(),
        deviation=typed["deviation"].strip(),
        dry_run=typed["dry_run"],
    )
    answer(written.document, "" if wants_json() else _text(written, desk.texts.of(written.routine), desk.now()))


def _text(written: "Acknowledgement", words: Words, now: datetime) -> str:
    """What was written, and what comes next, at one glance."""
    _ = words.gettext
    out = [_first_line(written, words, now)]
    if written.consequences is None:
        said = _("What comes next can't be said ({problem}): see reservrutin due.").format(problem=written.problem)
        return "\n".join([*out, wrapped(said, 0)])
    recorded, came_of_it = written.recorded, written.consequences
    reads = came_of_it.corrected.fact if came_of_it.corrected else None
    if said := fields_of(recorded.fact, words, now, reads):
        out.append(wrapped(said, 2))
    acting = _("as {function}").format(function=words.name(recorded.recorded_as))
    if written.person.roles is None:
        acting += _(" – no staff is registered, so anybody may record")
    out.append(wrapped(acting, 2))
    for irregularity in came_of_it.irregularities:
        said = _("flagged: {what} ({rule})").format(what=flag(irregularity.code, words), rule=irregularity.rule)
        out.append(f"  {click.style(said, fg='yellow')}")
    if written.others and recorded.entry == 1:
        said = _("Open already: {numbers}. If it is the same outage, record it there with --incident.")
        out.append(click.style(wrapped(said.format(numbers=", ".join(written.others)), 2), fg="yellow"))
    out += _next(came_of_it.to_do, words, now, recorded.incident if written.others else "")
    return "\n".join(out)


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


def _next(to_do: list[Verdict], words: Words, now: datetime, incident: str) -> list[str]:
    _ = words.gettext
    if not to_do:
        return [_("Next: nothing is due.")]
    first = to_do[0]
    start = _("Next: ")
    said = painted(duty_line(first, words, now))
    out = [wrap(said, 80, initial_indent=start, subsequent_indent=" " * len(start))]
    if command := command_for(first, words.routine):
        command += ["--incident", incident] if incident else []
        out.append(click.style(as_typed(command, " " * len(start), "  "), dim=True))
    return out


def command_for(verdict: Verdict, routine: Routine) -> list[str]:
    """The command that would record the duty as done, with … where only the person knows."""
    if not verdict.duty.done_by:
        return []
    pattern = verdict.duty.done_by[0]
    fact = CATALOGUE[pattern.fact]
    said = ["reservrutin", "record", fact.wire]
    may = routine.recorded_by(fact)
    if may and routine.help_desk not in may:
        said += ["--as", may[0]]
    for option in options_of(fact):
        wanted = pattern.where.get(str(option.name))
        if wanted == (True,):
            said.append(option.opts[0])
        elif wanted or option.required:
            known = wanted and wanted[0] not in ("*", ContactOutcome.REACHED)  # how it went is the person's to say
            said += [option.opts[0], str(wanted[0]) if wanted and known else "…"]
    return said


record = FactGroup(
    "record",
    [],
    help=N_("Write down what has happened. Each fact has its own options: reservrutin record FACT --help."),
    examples=(
        "reservrutin record outage-detected --scope all-users --system sesam-s2\n"
        "reservrutin record prognosis-received --restored-by 14:30 --at -10m"
    ),
)
