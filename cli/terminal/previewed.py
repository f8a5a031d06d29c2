"""A mail that would go out, in a terminal's lines."""

from typing import TYPE_CHECKING

import click

from cli.terminal.lines import wrapped
from domain.vocabulary import Audience
from wording.words import Words

if TYPE_CHECKING:
    from application.preview import PublicMail

MARGIN = "  "


def mail_in_lines(mail: "PublicMail", words: Words) -> str:
    """How many get it, then the mail as it would go out."""
    if not mail.readers:
        return f"\n\n{wrapped(whom(mail, words), 0)}"
    text = [f"{MARGIN}{line}".rstrip() for line in mail.text.splitlines()]
    subject = click.style(wrapped(mail.subject, len(MARGIN)), bold=True)
    return "\n".join(["", "", wrapped(whom(mail, words), 0), "", subject, "", *text])


def whom(mail: "PublicMail", words: Words) -> str:
    """How many of the public get the mail that is shown."""
    _, audience = words.gettext, words.name(Audience.PUBLIC)
    if not mail.readers:
        said = _("Nobody gets it by mail: none of {audience} has asked for this, or been told that it began.")
        return said.format(audience=audience)
    said = words.ngettext(
        "{count} reader gets it by mail ({audience}). In Swedish:",
        "{count} readers get it by mail ({audience}). In Swedish:",
        mail.readers,
    )
    return said.format(count=mail.readers, audience=audience)
