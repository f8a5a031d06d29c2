"""`reservrutin record FACT …`: ten seconds between two phone calls."""

import re
import shlex
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import click

from application.desk import Desk
from application.incidents import NEW
from cli.terminal import interrupts
from cli.terminal.acknowledged import flags, in_lines
from cli.terminal.clock import clock_lines
from cli.terminal.command import Command, Group, answer, wants_json
from cli.terminal.first_log import make_log
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.named import Named
from cli.terminal.options import Time, Written, build_all, corrected_fields, desk_of, options_of
from cli.terminal.parameters import Option
from cli.terminal.questions import agreed, can_ask
from domain import facts as f
from domain.fact import BESIDE, CATALOGUE, Fact
from domain.refusals import Invalid
from domain.routine import Routine
from domain.texts import N_
from domain.vocabulary import Area, Channel, Function, RoutineWord, System
from wording.facts import about
from wording.words import Words

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from application.recording import Acknowledgement, Draft

ENVELOPE = ("incident", "at", "function", *BESIDE, "command_id", "dry_run")
TYPED = "reservrutin.typed"
"""The whole command, as it may be typed again."""


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
        Option(["--late-because"], type=Written(), default="", help=N_("why it is written only now")),
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
        return [wire for wire, fact in CATALOGUE.items() if not fact.stream]

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
    if typed["dry_run"]:
        with desk.tried_out() as trying:
            return _written(trying, fact, typed)
    if fact in f.OPENERS and typed["incident"] in (None, NEW):
        make_log(desk)
    return _written(desk, fact, typed)


def _written(desk: Desk, fact: type[Fact], typed: dict[str, Any]) -> int:
    off = clock_lines(desk)  # once it is written nothing that is asked of the log stands in the way of saying so
    if off and can_ask():
        click.echo("\n".join(off), err=True)
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
        return begun.record_all(facts, dry_run=dry_run, **{name: typed[name].strip() for name in BESIDE})

    if not typed["dry_run"] and not typed["deviation"] and can_ask() and not _agreed(recorded(dry_run=True), words):
        from cli.terminal.exit_codes import INTERRUPTED  # for whoever thinks better of it

        click.echo(words.gettext("Nothing was written."), err=True)
        return INTERRUPTED
    if not typed["dry_run"] and not typed["late_because"] and can_ask() and begun.is_late:
        from cli.terminal.guided import why_late

        typed["late_because"] = why_late(begun, words)
    interrupts.wait()
    written = recorded(dry_run=typed["dry_run"])
    lines = "" if wants_json() else "\n".join([in_lines(written, desk, desk.now()), *off])
    document = _document(written)
    if typed["dry_run"] and fact is f.OperatingInformationPublished:
        from application.preview import public_mail  # nothing else shows a mail
        from cli.terminal.previewed import mail_in_lines

        if mail := public_mail(desk, written[0]):
            document, lines = document | {"mail": mail.document}, lines + mail_in_lines(mail, words)
    answer(document, lines, pages=False, done=not typed["dry_run"])
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
    odd = list(dict.fromkeys(said for each in consequences for said in flags(each, words)))
    for said in odd:
        click.echo(said, err=True)
    return not odd or agreed(words.gettext("Write it all the same?"), words)


record = FactGroup(
    "record",
    [],
    help=N_("Write down what has happened. Each fact has its own options: reservrutin record FACT --help."),
    examples=(
        "reservrutin record outage-detected --scope all-users --system sesam-s2\n"
        "reservrutin record prognosis-received --restored-by 14:30 --at -10m"
    ),
)
