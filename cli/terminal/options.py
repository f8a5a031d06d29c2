"""From a fact's own definition to its options, and from what was typed back to the fact.

Adding a fact adds its command: nothing here knows any fact by name but the two that stand apart,
the correction and the ones that open an incident.
"""

import types
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Union, get_args, get_origin

import click
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from application.desk import Desk
from cli.terminal.named import Named
from cli.terminal.option_names import beside
from cli.terminal.parameters import A_FACT_EACH, REPEATED, Number, Option, texts_of
from domain import fact as envelope
from domain.fact import EACH, PRESUMED, Fact
from domain.facts import LIES_AHEAD
from domain.refusals import Invalid
from domain.texts import N_
from domain.vocabulary import Word
from wording import times
from wording.facts import field_label
from wording.naming import meant
from wording.words import Texts, Words

TIME, TEXT, PAIR = N_("TIME"), N_("TEXT"), N_("FIELD=VALUE")


def desk_of(ctx: click.Context | None) -> Desk:
    """The desk that the program was started with."""
    desk: Desk = (ctx or click.get_current_context()).obj
    return desk


class Time(click.ParamType[datetime]):
    """A moment as people write it, by the clock of the desk; `ahead` where it is still to come."""

    name = "time"

    def __init__(self, *, ahead: bool = False) -> None:
        self._ahead = ahead

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        desk = desk_of(ctx)
        if desk.has_a_log:
            desk.database.now()  # opened, so that what is meant from now on, or by today, is so by the log's clock
        return times.parse(str(value), desk.now(), ahead=self._ahead)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return texts_of(ctx).gettext(TIME)


class Pair(click.ParamType[tuple[str, str]]):
    """FIELD=VALUE."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        field, equals, text = str(value).partition("=")
        if not equals or not field.strip():
            raise Invalid("pair", text=value)
        return field.strip().replace("-", "_"), text.strip()

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return texts_of(ctx).gettext(PAIR)


class Written(click.ParamType[str]):
    """A text; help calls it what its option is called."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if any(char == "\0" or unicodedata.category(char) == "Cs" for char in str(value)):
            raise Invalid("not-text")
        return str(value)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return param.called(ctx).upper() if isinstance(param, Option) else texts_of(ctx).gettext(TEXT)


def options_of(fact: type[Fact], offered: Any = None) -> list[Option]:
    """One option a field, in the fact's own order; `offered` says what the tab key offers."""
    return [
        _option(name, field, each=field.json_schema_extra == EACH, shell_complete=offered)
        for name, field in fact.model_fields.items()
    ]


def option_name(name: str, field: FieldInfo) -> str:
    """`systems` is given as --system, because it is repeated; a field may name its option itself."""
    extra = field.json_schema_extra
    if isinstance(extra, dict) and extra.get("option"):
        return str(extra["option"])
    kind = bare(field.annotation)
    singular = name.removesuffix("s") if get_origin(kind) is tuple else name
    return singular.replace("_", "-")


def build_all(fact: type[Fact], typed: Mapping[str, Any], desk: Desk) -> list[Fact]:
    """The facts that were typed: one, or one for each value of what may be repeated so."""
    each = next((name for name, field in fact.model_fields.items() if field.json_schema_extra == EACH), None)
    if each is None:
        return [build(fact, typed, desk)]
    return [build(fact, {**typed, each: value}, desk) for value in typed[each] or (None,)]


def build(fact: type[Fact], typed: Mapping[str, Any], desk: Desk) -> Fact:
    """The fact that was typed. Raises Invalid naming the option that is wrong."""
    given = {name: value for name, value in typed.items() if value is not None and value != ()}
    for name, field in fact.model_fields.items():
        if name in given and bare(field.annotation) is dict:
            given[name] = dict(given[name])
        elif name in given and _is_incident(field):
            given[name] = _incident(given[name], desk)
    try:
        return fact.model_validate(given)
    except ValidationError as error:
        raise refusal_of(fact, error, desk.texts) from error


def _is_incident(field: FieldInfo) -> bool:
    """Whether the field names another incident, which is taken as --incident takes it."""
    return envelope.Number in get_args(field.annotation)


def _incident(text: str, desk: Desk) -> str:
    from application.incidents import number  # for what is recorded; help names no incident

    return number(text, desk)


def corrected_fields(fact: type[Fact], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The corrected fields of a fact, each read as its own option would be; a list's values by comma."""
    found: dict[str, Any] = {}
    context = click.get_current_context()
    names = _names_of_fields(fact, desk_of(context).words)
    for alias, text in pairs:
        named = meant(alias, names)
        if len(named) != 1:
            options = [option_name(name, field) for name, field in fact.model_fields.items()]
            raise Invalid("unknown-field", field=alias, fact=fact.wire, fields=options)
        [name] = named
        option = _option(name, fact.model_fields[name])
        if not text:
            found[name] = ""
        elif option.multiple:
            parts = [option.type.convert(part.strip(), option, context) for part in text.split(",")]
            found[name] = (*(found.get(name) or ()), *parts)
        elif option.is_flag:
            found[name] = _yes_or_no(text)
        else:
            found[name] = option.type.convert(text, option, context)
    return stored(fact, found, desk_of(context))


def stored(fact: type[Fact], right: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """The right values of a fact's fields as its correction keeps them, in whichever face they were given; "" is what
    was cleared. Raises Invalid for what is no number, and no incident's."""
    return {name: _stored(fact, name, value, desk) for name, value in right.items()}


def _stored(fact: type[Fact], name: str, value: Any, desk: Desk) -> Any:
    field = fact.model_fields[name]
    kind, several = kind_of(field)
    if several:
        return list(value)
    if value == "" and field.default is None:
        return None
    if kind is int:
        try:
            return int(value)
        except ValueError as error:
            problem = desk.texts.gettext("this value does not fit.")
            raise Invalid("field", option=f"--{option_name(name, field)}", name=name, problem=problem) from error
    if _is_incident(field):
        return _incident(value, desk)
    return times.iso(value) if isinstance(value, datetime) else value


def _names_of_fields(fact: type[Fact], words: Words) -> dict[str, list[str]]:
    """What each field may be called: its own name, its option's, and its label in any language."""
    found: dict[str, list[str]] = {}
    for name, field in fact.model_fields.items():
        option = f"--{option_name(name, field)}"
        labels = [field_label(name, each) for each in words.in_every_language()]
        found[name] = [name, option, *beside([option]), *labels]
    return found


def _yes_or_no(text: str) -> bool:
    said = {"ja": True, "yes": True, "true": True, "nej": False, "no": False, "false": False}
    if text.lower() not in said:
        raise Invalid("yes-or-no", text=text)
    return said[text.lower()]


def refusal_of(fact: type[Fact], error: ValidationError, texts: Texts) -> Invalid:
    """The first thing that is wrong, in words of ours."""
    _ = texts.gettext
    first = error.errors()[0]
    where = str(first["loc"][0]) if first["loc"] else ""
    if not where:
        return Invalid("sentence", text=_(str(first["ctx"]["error"])))
    option = f"--{option_name(where, fact.model_fields[where])}"
    limits = first.get("ctx", {})
    match first["type"]:
        case "missing" | "tuple_type" | "string_type" | "too_short":
            return missing(fact, where)
        case "too_long" | "string_too_long":
            problem = _("at most {count} characters.").format(count=limits.get("max_length"))
        case "int_parsing":
            problem = _("a number in digits, like 5.")
        case "greater_than":
            problem = _("a number above {number}.").format(number=limits["gt"])
        case "greater_than_equal" | "less_than_equal":
            problem = _("a number from 1 to 9999.")
        case "string_pattern_mismatch" if where == "serial":
            problem = _("the number on the paper, letters and digits without spaces, at most 40.")
        case "string_pattern_mismatch" if where == "links":
            problem = _("a whole web address that starts with https://.")
        case _:
            problem = _("this value does not fit.")
    return Invalid("field", option=option, name=where, problem=problem)


def missing(fact: type[Fact], name: str) -> Invalid:
    """The refusal of a fact without this field, which says what may be written."""
    field = fact.model_fields[name]
    option, kind = f"--{option_name(name, field)}", kind_of(field)[0]
    if isinstance(kind, type) and issubclass(kind, Word):
        return Invalid("option-missing", option=option, name=name, values=kind)
    return Invalid("text-missing", option=option, name=name, what=str(field.description))


def _option(name: str, field: FieldInfo, *, each: bool = False, **declared: Any) -> Option:
    kind, several = kind_of(field)
    many = several or each
    flag, words = f"--{option_name(name, field)}", str(field.description)
    if kind is bool:
        usual = flag if field.default else f"--no-{flag[2:]}"
        return Option([f"{flag}/--no-{flag[2:]}", name], default=field.default, help=words, usual=usual, **declared)
    needed = field.is_required()
    presumed = field.json_schema_extra == PRESUMED
    usual = "" if needed or many or presumed or field.default in (None, "", {}) else str(field.default)
    many = many or kind is dict
    return Option(
        [flag, name],
        type=_type(kind, name),
        multiple=many,
        needed=needed,
        repeated=A_FACT_EACH if each else REPEATED,
        default=None,
        help=words,
        usual=usual,
        **declared,
    )


def _type(kind: Any, name: str) -> click.ParamType[Any]:
    if isinstance(kind, type) and issubclass(kind, Word):
        return Named(kind)
    if kind is datetime:
        return Time(ahead=name in LIES_AHEAD)
    if kind is dict:
        return Pair()
    return Number() if kind is int else Written()


def kind_of(field: FieldInfo) -> tuple[Any, bool]:
    """What a value of the field is, and whether there may be several."""
    kind = bare(field.annotation)
    return (bare(get_args(kind)[0]), True) if get_origin(kind) is tuple else (kind, False)


def bare(annotation: Any) -> Any:
    """The bare type: without Annotated's checks, without None."""
    if hasattr(annotation, "__metadata__"):
        return bare(annotation.__origin__)
    if get_origin(annotation) in (Union, types.UnionType):
        return bare(next(part for part in get_args(annotation) if part is not type(None)))
    return dict if get_origin(annotation) is dict else annotation
