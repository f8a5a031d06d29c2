"""`reservrutin record FACT …`: ten seconds between two phone calls."""

import re
from typing import TYPE_CHECKING, Any

import click

from application.desk import Desk
from cli.render import fields_of
from cli.terminal.command import Command, Group, answer, desk, wants_json
from cli.terminal.incidents import chosen_for
from cli.terminal.lines import as_typed, wrap, wrapped
from cli.terminal.options import Named, Time, Written, build, corrected_fields, known_routine, options_of
from domain import facts as f
from domain.fact import CATALOGUE, Fact
from domain.routine import Routine
from domain.verdict import Verdict
from domain.vocabulary import Area, Channel, ContactOutcome, Function, RoutineWord, System
from wording import times
from wording.sentences import flag
from wording.standing import as_json, duty_line, to_be_done
from wording.words import _, fact_name, name, speak_of

if TYPE_CHECKING:
    from infrastructure.log.incident_log import Answer
    from infrastructure.registers.staff import Person

ENVELOPE = ("incident", "at", "function", "note", "deviation", "command_id", "dry_run")


def envelope_options() -> list[click.Parameter]:
    """The options of every fact, beside its own."""
    return [
        click.Option(
            ["--incident"],
            type=Written(),
            help=_("the incident's number; not needed while exactly one is open, “new” opens another"),
        ),
        click.Option(["--at"], type=Time(), help=_("when it happened: 14:05, yesterday 22:10, -20m (default: now)")),
        click.Option(
            ["--as", "function"],
            type=Named(Function),
            metavar=_("ROLE"),
            help=_("the function you act in"),
        ),
        click.Option(["--note"], type=Written(), default="", help=_("a note beside it")),
        click.Option(["--deviation"], type=Written(), default="", help=_("why the routine is not followed")),
        click.Option(
            ["--command-id"],
            type=Written(),
            default="",
            help=_("repeat the command with the same id and nothing is written twice"),
        ),
        click.Option(["--dry-run", "-n"], is_flag=True, help=_("say what would happen, write nothing")),
    ]


def _command(fact: type[Fact]) -> Command:
    def record_fact(**typed: Any) -> None:
        _record(fact, typed)

    command = FactCommand(
        fact.wire,
        record_fact,
        help=_(fact.meaning),
        params=[*options_of(fact), *envelope_options()],
    )
    command.short_help = _(fact.label)
    command.fact = fact
    return command


class FactCommand(Command):
    """The command of one fact; its help says who may use it, by the routine in force."""

    fact: type[Fact]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        routine = known_routine(ctx)
        may = _("Recorded as: {functions}.").format(functions=", ".join(routine.recorded_by(self.fact)) or "–")
        rules = ", ".join(routine.rules_of(self.fact))
        self.help = f"{_(self.fact.meaning)}\n\n{may}" + (f" ({rules})" if rules else "")
        self.examples = _example(self.fact, routine)
        super().format_help_text(ctx, formatter)


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
        return _command(CATALOGUE[cmd_name]) if cmd_name in self.list_commands(ctx) else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Of a mistyped fact, say which one was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as unknown:
            name = unknown.command_name
            raise click.exceptions.NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx) from unknown

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        routine = known_routine(ctx)
        speak_of(routine)
        known = [fact for fact in CATALOGUE.values() if fact is not f.RoutineAdopted and routine.recorded_by(fact)]
        with formatter.section(_("Commands")):
            formatter.write_dl([(fact.wire, fact_name(fact.wire, fact.label)) for fact in known], col_max=34)


def _record(fact: type[Fact], typed: dict[str, Any]) -> None:
    from infrastructure.log.incident_log import Proposal  # a fact's help writes nothing

    own = {name: value for name, value in typed.items() if name not in ENVELOPE}
    at_desk = desk()
    person = at_desk.person()
    command_id = typed["command_id"].strip()
    number = at_desk.log.incident_of_command(command_id) or chosen_for(fact, typed["incident"], at_desk)
    function = at_desk.function(person, fact, typed["function"], at_desk.routine_for(number, typed["at"]))
    if fact is f.EntryCorrected and own.get("fields") and number:
        own["fields"] = _corrected(at_desk, number, own)
    recorded = at_desk.log.record(
        Proposal(
            fact=build(fact, own),
            function=function,
            person=person.id,
            incident=number,
            occurred_at=typed["at"],
            note=typed["note"].strip(),
            deviation=typed["deviation"].strip(),
            command_id=command_id,
        ),
        dry_run=typed["dry_run"],
    )
    now = at_desk.now()
    speak_of(recorded.incident.routine)
    try:
        others = _others(at_desk, recorded)
        document = _document(recorded, now)
        text = "" if wants_json() else _text(recorded, others, person, now, dry_run=typed["dry_run"])
    except Exception as error:  # it is written: whatever is wrong with the rest of the answer, that is said
        if typed["dry_run"]:
            raise
        document = _envelope(recorded) | {"flags": [], "status": None}
        problem = f"{type(error).__name__}: {error}"
        said = _("What comes next can't be said ({problem}): see reservrutin due.").format(problem=problem)
        text = f"{_written(recorded, now)}\n{wrapped(said, 0)}"
    answer(document, text)


def _others(at_desk: Desk, told: "Answer") -> list[str]:
    """The other open incidents: another one may have been meant, and a command must then name its own.

    It also brings the board up, so that the next command has no more to read than this one.
    """
    try:
        return [number for number in at_desk.board.open_incidents() if number != told.recorded.incident]
    except Exception:  # whatever is wrong with the board: the fact is written, and that is what has to be said
        return []


def _corrected(at_desk: Desk, number: str, own: dict[str, Any]) -> dict[str, Any]:
    """The corrected fields, read the way the corrected fact's own options are."""
    target = next((r.fact for r in at_desk.history(number) if r.entry == own["entry"]), None)
    return corrected_fields(type(target), own["fields"]) if target else dict(own["fields"])


def _envelope(told: "Answer") -> dict[str, Any]:
    """What is written, whatever it comes to."""
    recorded = told.recorded
    return {
        "incident": recorded.incident,
        "entry": recorded.entry,
        "position": recorded.position,
        "fact": recorded.fact.wire,
        "occurred_at": times.iso(recorded.occurred_at),
        "recorded_at": times.iso(recorded.recorded_at),
        "recorded_as": recorded.recorded_as,
    }


def _document(told: "Answer", now: Any) -> dict[str, Any]:
    recorded = told.recorded
    return _envelope(told) | {
        "flags": [irregularity.code for irregularity in told.incident.flags(recorded.entry)],
        "status": as_json(told.incident, now),
    }


def _written(told: "Answer", now: Any, *, dry_run: bool = False) -> str:
    recorded = told.recorded
    done = _("Would be written") if dry_run else _("Already written") if told.repeated else _("Written")
    return _("{done}: {number} entry {entry}, {fact}, {time}").format(
        done=click.style(done, fg="yellow" if dry_run else "green", bold=True),
        number=click.style(recorded.incident, bold=True),
        entry=recorded.entry,
        fact=fact_name(recorded.fact.wire, recorded.fact.label),
        time=times.clock(recorded.occurred_at, now),
    )


def _text(told: "Answer", others: list[str], person: "Person", now: Any, *, dry_run: bool) -> str:
    """What was written, and what comes next, at one glance."""
    recorded = told.recorded
    out = [_written(told, now, dry_run=dry_run)]
    reads = told.corrected.fact if told.corrected else None
    if said := fields_of(recorded.fact, now, reads):
        out.append(wrapped(said, 2))
    acting = _("as {function}").format(function=name(recorded.recorded_as))
    if person.roles is None:
        acting += _(" – no staff is registered, so anybody may record")
    out.append(wrapped(acting, 2))
    for irregularity in told.incident.flags(recorded.entry):
        words = _("flagged: {what} ({rule})").format(what=flag(irregularity.code), rule=irregularity.rule)
        out.append(f"  {click.style(words, fg='yellow')}")
    if others and recorded.entry == 1:
        words = _("Open already: {numbers}. If it is the same outage, record it there with --incident.")
        out.append(click.style(wrapped(words.format(numbers=", ".join(others)), 2), fg="yellow"))
    out += _next(
        to_be_done(told.verdicts(now), now),
        told.incident.routine,
        now,
        recorded.incident if others else "",
    )
    return "\n".join(out)


def _next(to_do: list[Verdict], routine: Routine, now: Any, incident: str) -> list[str]:
    if not to_do:
        return [_("Next: nothing is due.")]
    first = to_do[0]
    start = _("Next: ")
    out = [wrap(duty_line(first, now), 80, initial_indent=start, subsequent_indent=" " * len(start))]
    if command := command_for(first, routine):
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
    help=_("Write down what has happened. Each fact has its own options: reservrutin record FACT --help."),
    examples=(
        "reservrutin record outage-detected --scope all-users --system sesam-s2\n"
        "reservrutin record prognosis-received --restored-by 14:30 --at -10m"
    ),
)
