"""What is wrong with a command as it was typed, in one sentence.

The library finds the mistake and has a sentence for it in English; here it gets one of ours, in the words of whoever
typed it. Of a sentence that the library has filled in already we know the pattern.
"""

import click
from click.exceptions import NoSuchCommand

from cli.terminal.option_names import WITHOUT_MARKS
from domain.texts import N_
from wording.words import Texts

MISSING = {"argument": N_("Missing argument"), "option": N_("Missing option")}
OF_AN_OPTION = (N_("Option {name!r} requires an argument."), N_("Option {name!r} does not take a value."))
AS_IT_IS = (N_("Missing command."),)
NEAR = N_("Did you mean {possibilities}?")


def usage(wrong: click.ClickException, texts: Texts) -> str:
    """The sentence, on one line."""
    return " ".join(_sentence(wrong, texts).split())


def _sentence(wrong: click.ClickException, texts: Texts) -> str:
    _ = texts.gettext
    match wrong:
        case click.NoSuchOption():
            said = _("No such option {name!r}.").format(name=wrong.option_name)
            return f"{said} {_near(wrong.possibilities, texts)}"
        case NoSuchCommand():
            said = _("No such command {name!r}.").format(name=wrong.command_name)
            return f"{said} {_near(wrong.possibilities, texts)}"
        case click.BadOptionUsage():
            pattern = next((p for p in OF_AN_OPTION if p.format(name=wrong.option_name) == wrong.message), "")
            return _(pattern).format(name=wrong.option_name) or wrong.message
        case click.MissingParameter(param=param) if param:
            said = f"{_(MISSING[param.param_type_name])} {param.get_error_hint(wrong.ctx)}."
            return f"{said} {param.type.get_missing_message(param, wrong.ctx) or ''}"
        case click.BadParameter(param=param) if param:
            said = _("Invalid value for {param_hint}: {message}")
            return said.format(param_hint=param.get_error_hint(wrong.ctx), message=wrong.message)
        case _ if wrong.message in AS_IT_IS:
            return _(wrong.message)
        case _:
            return wrong.message


def _near(possibilities: list[str] | None, texts: Texts) -> str:
    if not possibilities:
        return ""
    marked = {name.translate(WITHOUT_MARKS) for name in possibilities if not name.isascii()}
    names = [name for name in sorted(possibilities) if name not in marked]
    return texts.gettext(NEAR).format(possibilities=texts.gettext(" or ").join(names))
