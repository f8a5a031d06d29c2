"""`routine`: the instruction as a document, readable, checked, tried and adopted."""

from collections.abc import Sequence
from typing import Any

import click

from application import authority
from application.desk import Desk
from application.incidents import chosen
from cli.terminal.command import Command, Group, answer
from cli.terminal.exit_codes import FINDINGS
from cli.terminal.first_log import make_log
from cli.terminal.lines import table, wrapped
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import Written
from cli.terminal.parameters import Argument, Option
from cli.terminal.routine_file import draft, read
from domain.fact import Fact, Recorded
from domain.facts import RoutineAdopted
from domain.routine import Duty, Routine
from domain.routine_document import builtin_text
from domain.texts import N_
from domain.versions import judges_from
from domain.vocabulary import SWEDEN
from wording import times
from wording.facts import listed
from wording.routine_problems import RoutineProblem, doubts_about, problems_of
from wording.words import Words


def _show(desk: Desk, incident: str | None, as_toml: bool) -> None:
    routine = desk.routine
    history = desk.history(chosen(incident, desk)) if incident else None
    if history:
        routine = desk.incident(history).routine
    words = desk.texts.of(routine)
    _ = words.gettext
    adoptions = desk.histories.routines.adoptions() if desk.has_a_log else []
    if as_toml:
        answer(document(routine), _source(desk, history).rstrip("\n"))
        return
    until = _("until {end}").format(end=routine.valid_to) if routine.valid_to else _("until further notice")
    dates = _("valid from {start}").format(start=routine.valid_from)
    head = [
        click.style(routine.title.in_(words.language), bold=True),
        wrapped(f"{routine.id} {routine.version}, {dates} {until}, {routine.owner}", 0),
    ]
    owned = [[words.name(system), words.name(terms.owner)] for system, terms in routine.systems.items()]
    blocks = [
        "\n".join(head),
        table([_("system"), _("owned by")], owned),
        *(_duty(duty, words) for duty in routine.duties),
        _authority(routine, words),
        _audiences(routine, words),
    ]
    blocks += [_references(routine, words)] if routine.references else []
    blocks += [_versions(adoptions, words)] if adoptions else []
    answer(document(routine) | {"adopted": [_adoption(a) for a in adoptions]}, "\n\n".join(blocks))


def _source(desk: Desk, history: Sequence[Recorded] | None) -> str:
    """The document itself: the incident's, the one in force, or while there is no log the built-in one."""
    if not desk.has_a_log:
        return builtin_text(desk.now().astimezone(SWEDEN).date())
    routines = desk.histories.routines
    return routines.document_of(history) if history else routines.document_in_force(desk.now())


def document(routine: Routine) -> dict[str, Any]:
    """The routine as JSON."""
    return routine.model_dump(mode="json", by_alias=True)


def _duty(duty: Duty, words: Words) -> str:
    _ = words.gettext
    within = ""
    if duty.within is not None:
        within = ", " + _("within {span}").format(span=times.span(duty.within)) + (_(" (local)") if duty.local else "")
    out = [
        wrapped(f"{click.style(duty.text.in_(words.language), bold=True)} ({', '.join(duty.rules)})", 0),
        wrapped(f"{words.name(duty.who)}{within}", 2),
        wrapped(f"”{duty.quote.in_(words.language)}”", 2),
    ]
    if duty.reading:
        out.append(wrapped(duty.reading.in_(words.language), 2))
    return "\n".join(out)


def _authority(routine: Routine, words: Words) -> str:
    """Who may record what."""
    return "\n".join(
        _of(f"{words.fact(wire)} ({wire})", listed(words, authority.recorded_by))
        for wire, authority in routine.facts.items()
    )


def _audiences(routine: Routine, words: Words) -> str:
    """Who is told of what."""
    _ = words.gettext
    blocks = []
    for audience, terms in routine.audiences.items():
        anybody = {telling.fact for telling in terms.told_of if not telling.if_told_during}
        knowing = _("{fact} (whoever was told that it began)")
        told = [
            words.fact(wire) if wire in anybody else knowing.format(fact=words.fact(wire))
            for wire in dict.fromkeys(telling.fact for telling in terms.told_of)
        ]
        told += [_("every deviation")] if terms.deviations else []
        blocks.append(_of(f"{words.name(audience)} ({audience})", ", ".join(told)))
    return "\n".join(blocks)


def _of(what: str, said: str) -> str:
    return f"{click.style(what, bold=True)}\n{wrapped(said, 2)}"


def _references(routine: Routine, words: Words) -> str:
    _ = words.gettext
    missing = click.style(_("no address given"), fg="yellow")
    return "\n".join(
        wrapped(f"{reference.text.in_(words.language)} ({', '.join(reference.rules)}): {reference.url or missing}", 0)
        for reference in routine.references
    )


def _versions(adoptions: list[Recorded], words: Words) -> str:
    _ = words.gettext
    rows = []
    for recorded in adoptions:
        if isinstance(fact := recorded.fact, RoutineAdopted):
            validity = f"{fact.valid_from} – {fact.valid_to or ''}"
            when = f"{times.clock(recorded.recorded_at)} {words.name(recorded.recorded_as)} ({recorded.recorded_by})"
            rows.append([f"{fact.routine} {fact.routine_version}", validity, when])
    return table([_("adopted"), _("validity"), _("when and by whom")], rows)


def _adoption(recorded: Recorded) -> dict[str, Any]:
    fields = recorded.fact.model_dump(mode="json", exclude={"document"})
    return {
        **fields,
        "position": recorded.position,
        "recorded_at": times.iso(recorded.recorded_at),
        "recorded_as": recorded.recorded_as,
        "recorded_by": recorded.recorded_by,
    }


def _validate(desk: Desk, file: str) -> int:
    _, ngettext = desk.texts.gettext, desk.texts.ngettext
    text = read(file)
    found = problems_of(text, desk.texts, desk.now())
    doubts = [] if found else doubts_about(text, desk.texts)
    if found:
        counted = ngettext("{count} thing to mend in {file}:", "{count} things to mend in {file}:", len(found))
        lines = [counted.format(count=len(found), file=file)]
    else:
        lines = [_("{file} is a routine that can be used.").format(file=file)]
    said = _("line {line}: {problem}")
    lines += [wrapped(said.format(line=each.line, problem=each.text), 2) for each in [*found, *doubts]]
    documents = {"ok": not found, "problems": _listed(found), "warnings": _listed(doubts)}
    answer(documents, "\n".join(lines))
    return FINDINGS if found else 0


def _listed(problems: Sequence[RoutineProblem]) -> list[dict[str, Any]]:
    return [{"line": problem.line, "problem": problem.text} for problem in problems]


def _adopt(desk: Desk, file: str, function: str | None) -> None:
    _ = desk.texts.gettext
    routine, text = draft(file, desk.texts, desk.now())
    make_log(desk)
    person = authority.person(desk, login_at_the_keyboard())
    acts = authority.function(
        person, RoutineAdopted, authority.named_or_set(function, desk.settings.role, desk.routine), desk.routine
    )
    recorded, was_there = desk.log.adopt(routine, text, acts, person.id)
    version = f"{routine.id} {routine.version}"
    told = _("{version} was adopted already: nothing was added.") if was_there else _("Adopted: {version}.")
    lines = [told.format(version=version)]
    if not was_there:
        lines.append(wrapped(_from_when(desk, recorded.fact), 0))
    answer(_adoption(recorded), "\n".join(lines), done=True)


def _from_when(desk: Desk, version: Fact) -> str:
    """Which incidents will be judged by a version that was just adopted, as things stand."""
    _ = desk.texts.gettext
    routines, now = desk.histories.routines, desk.now()
    start = judges_from(routines.adoptions(), version, now)
    if start is None:
        other = routines.in_force(now)
        said = _("{version} goes before it: as things stand no incident is judged by the one adopted now.")
        return said.format(version=f"{other.id} {other.version}")
    begin = _("Incidents that begin from now on are judged by it.")
    if start > now:
        begin = _("Incidents that begin on {start} or later are judged by it.")
    kept = _("Those that have begun keep the version they have.")
    return begin.format(start=start.astimezone(SWEDEN).date()) + " " + kept


def _file() -> click.Argument:
    return Argument(["file"], metavar=N_("FILE"), type=Written())


routine = Group(
    "routine",
    [
        Command(
            "show",
            _show,
            help=N_(
                "The routine in force, or the one an incident is judged by: duties, clauses, who records, who is told."
            ),
            examples="reservrutin routine show\nreservrutin routine show --incident 7\nreservrutin routine show --toml",
            params=[
                Option(["--incident"], type=Written(), help=N_("the version that this incident is judged by")),
                Option(["--toml", "as_toml"], is_flag=True, help=N_("the document itself, to write the next one from")),
            ],
        ),
        Command(
            "validate",
            _validate,
            help=N_("Check a routine document: what is wrong, and on which line. Ends with 6 if something is."),
            examples="reservrutin routine validate laboratory.toml",
            params=[_file()],
        ),
        Command(
            "adopt",
            _adopt,
            help=N_(
                "Put a version of the routine in force. It becomes a fact in the log; incidents that have begun are "
                "judged by the version they began with, for ever."
            ),
            examples="reservrutin routine adopt laboratory.toml --as vo-hjalpmedel",
            params=[
                _file(),
                Option(["--as", "function"], type=Written(), metavar=N_("ROLE"), help=N_("the function you act in")),
            ],
        ),
    ],
    help=N_("The instruction as a document that the program reads."),
    examples="reservrutin routine show\nreservrutin routine validate laboratory.toml",
)
