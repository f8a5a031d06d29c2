"""What each colour of a terminal means."""

import click

from domain.vocabulary import Status
from wording.marked import Mark, Marked, Phrase

STATUSES = {
    Status.SUSPECTED: "yellow",
    Status.ONGOING: "red",
    Status.RESTORED: "green",
    Status.CLOSED: "cyan",
    Status.VOIDED: "bright_black",
}
VERDICTS = {"kept": "green", "late": "yellow", "overdue": "red", "missed": "red"}


def painted(phrase: Phrase) -> str:
    """The words, with the colours of what stands out among them."""
    return "".join(_marked(part) if isinstance(part, Marked) else part for part in phrase)


def _marked(part: Marked) -> str:
    match part.mark:
        case Mark.STRONG:
            return click.style(part.text, bold=True)
        case Mark.QUIET:
            return click.style(part.text, dim=True)
        case Mark.GOOD:
            return click.style(part.text, fg="green")
        case Mark.WARNING:
            return click.style(part.text, fg="yellow")
        case Mark.LATE:
            return click.style(part.text, fg="red", bold=True)
        case Mark.ACTIVE:
            return click.style(part.text, fg="magenta", bold=True)
