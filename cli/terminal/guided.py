"""`record`, asked for what is missing: what has happened, and what only the person knows of it. At a terminal alone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from application import authority
from application.desk import Desk
from cli.terminal.fields import Field, fields_of
from cli.terminal.login import login_at_the_keyboard
from cli.terminal.options import build_all, desk_of, options_of
from cli.terminal.parameters import Option
from cli.terminal.questions import ask, can_ask, in_columns, numbered, pick
from domain.fact import Fact
from domain.incident import Incident
from domain.personal_data import refuse_personal_data
from domain.refusals import Invalid, Refusal
from wording.facts import about, initial
from wording.naming import as_one_word
from wording.sentences import sentence
from wording.synonyms import meant_facts, nearest, nearly
from wording.times import span
from wording.words import Words

if TYPE_CHECKING:
    from application.recording import Draft

MISSING = ("option-missing", "text-missing")
MOST = 2
"""How many facts that may be meant are named."""


def their_own(desk: Desk, words: Words) -> list[type[Fact]]:
    """The facts that whoever sits here may record, in the order of the day; all of them for somebody unknown."""
    facts = authority.written_by_hand(words.routine)
    person = authority.reader(desk, login_at_the_keyboard())
    acting = authority.functions(person, desk.settings.role, words.routine)
    return [fact for fact in facts if not acting or any(one in acting for one in words.routine.recorded_by(fact))]


def listed(facts: Iterable[type[Fact]], words: Words) -> str:
    """What can be recorded, by its names as they are typed."""
    names = [as_one_word(words.fact(fact.wire)) for fact in facts]
    said = words.gettext("So it is typed: reservrutin record {fact}. Its options: --help after it.")
    return f"{in_columns(names)}\n{said.format(fact=names[0])}"


def what_has_happened(facts: Sequence[type[Fact]], words: Words) -> type[Fact]:
    """The fact that somebody chooses: by its number, or by letters that leave fewer of them. Raises Abort."""
    _, shown = words.gettext, facts
    everything = authority.written_by_hand(words.routine)
    while True:
        names = [initial(words.fact(fact.wire)) for fact in shown]
        click.echo(numbered(names), err=True)
        said = ask(_("What has happened? Number or word:"))
        if (place := pick(names, said)) is not None:
            return shown[place]
        found = _found(said, shown, words) or _found(said, everything, words)
        if len(found) == 1:
            return found[0]
        shown = found or facts


def _found(said: str, facts: Sequence[type[Fact]], words: Words) -> list[type[Fact]]:
    return meant_facts(said, facts, words.in_every_language()) or nearest(said, facts, words)


def in_its_own_name(typed: Sequence[str], words: Words) -> list[str]:
    """The words that name a fact as its wire name, and those after them as they are.

    Of several facts one is chosen at a terminal; else Invalid is raised, as where none is called so.
    """
    facts, spoken = authority.written_by_hand(words.routine), words.in_every_language()
    for count in range(len(typed), 0, -1):
        text = " ".join(typed[:count])
        found = meant_facts(text, facts, spoken)
        if len(found) > 1 and not can_ask():
            raise Invalid("several-facts", text=text, candidates=[fact.wire for fact in found])
        if found:
            fact = found[0] if len(found) == 1 else what_has_happened(found, words)
            return [fact.wire, *typed[count:]]
    text = " ".join(typed)
    if near := (nearest(text, facts, words) or nearly(text, facts, spoken))[:MOST]:
        raise Invalid("no-such-fact-but", text=text, candidates=[fact.wire for fact in near])
    raise Invalid("no-such-fact", text=text)


def which_incident(incidents: Sequence[Incident], desk: Desk) -> str:
    """The open incident that is meant. Raises Abort where nobody says."""
    names = [f"{one.number}: {about(one, desk.texts.of(one.routine))}" for one in incidents]
    while True:
        click.echo(numbered(names), err=True)
        if (place := pick(names, ask(desk.texts.gettext("Which incident? Number:")))) is not None:
            return incidents[place].number


def answers(fact: type[Fact], own: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """An answer for each field that the fact needs and has no value."""
    needed = [field for field in fields_of(fact, words) if field.required and own.get(field.name) in (None, ())]
    return {field.name: _answer(fact, field, words) for field in needed}


def made(fact: type[Fact], own: Mapping[str, Any], answered: Iterable[str], desk: Desk, words: Words) -> list[Fact]:
    """The facts of these fields. What they turn out to need is asked for, and what was `answered` and does not fit is
    asked for again. Raises Invalid for what was typed otherwise."""
    asked, fields = set(answered), {field.name: field for field in fields_of(fact, words)}
    while True:
        try:
            return build_all(fact, own, desk)
        except Invalid as refused:
            name = refused.data.get("name", "")
            if refused.reason not in MISSING and name not in asked:
                raise
            if refused.reason not in MISSING:
                click.echo(sentence(refused, words), err=True)
            asked.add(name)
            own = {**own, name: _answer(fact, fields[name], words)}


def why_late(draft: "Draft", words: Words) -> str:
    """Why what happened so long ago is written only now; empty where nobody says. A patient's number is asked for
    again: what is refused here would cost all that was typed before."""
    now = draft.desk.now()
    ago = span(now - (draft.occurred_at or now))
    question = words.gettext("It happened {span} ago. Why is it written only now? (Enter: no answer)").format(span=ago)
    while True:
        said = ask(question)
        try:
            refuse_personal_data({"late_because": said}, now, draft.occurred_at)
        except Refusal as refused:
            click.echo(sentence(refused, words), err=True)
        else:
            return said if any(map(str.isalnum, said)) else ""


def _answer(fact: type[Fact], field: Field, words: Words) -> Any:
    """One question, until its answer can be read."""
    context = click.get_current_context()
    option = next(option for option in options_of(fact) if option.name == field.name)
    names = [name for _value, name in field.choices]
    question = f"{field.label} – {field.help[:1].lower()}{field.help[1:]}:"
    while True:
        if names:
            click.echo(question, err=True)
            click.echo(numbered(names), err=True)
        said = ask(words.gettext("Number or word:") if names else question)
        try:
            if said:
                return _read(said, field, option, context)
        except Refusal as refused:
            click.echo(sentence(refused, desk_of(context).words), err=True)
        except click.BadParameter as wrong:
            click.echo(wrong.message, err=True)


def _read(said: str, field: Field, option: Option, context: click.Context) -> Any:
    def value(text: str) -> Any:
        place = pick(field.choices, text)
        return option.type.convert(text if place is None else field.choices[place][0], option, context)

    if not option.multiple:
        return value(said)
    return tuple(value(part.strip()) for part in said.split(",") if part.strip())
