"""`doctor`: whether everything that the log and its mail need is in order."""

from datetime import datetime, timedelta
from typing import Any

import click

from application.desk import Desk
from application.doctor.finding import Finding, HowItIs
from application.doctor.looking import look
from application.doctor.relay import sends_a_test
from cli.terminal.command import Command, answer
from cli.terminal.exit_codes import FINDINGS
from cli.terminal.lines import wrapped
from cli.terminal.options import Written
from cli.terminal.parameters import Option
from domain.texts import N_
from wording import times
from wording.doctor import LOOKS, SAID, TO_DO
from wording.sentences import sentence, told
from wording.words import Words

SIGNS = {HowItIs.WELL: ("✓", "green"), HowItIs.DOUBTFUL: ("!", "yellow"), HowItIs.WRONG: ("✕", "red")}
INDENT = 2


def _doctor(desk: Desk, mail: str | None) -> int:
    found = list(look(desk))
    if mail:
        found.extend(sends_a_test(desk, mail))
    words = desk.words
    is_well = all(finding.shape is not HowItIs.WRONG for finding in found)
    _ = words.gettext
    count = sum(finding.shape is HowItIs.WRONG for finding in found)
    told_all = words.ngettext("{count} thing is wrong.", "{count} things are wrong.", count).format(count=count)
    doubts = sum(finding.shape is HowItIs.DOUBTFUL for finding in found)
    well = words.ngettext(
        "Nothing is wrong; {count} thing to look at.", "Nothing is wrong; {count} things to look at.", doubts
    ).format(count=doubts)
    last = click.style(well if doubts else _("All is well."), fg="green")
    if not is_well:
        last = click.style(told_all, fg="red", bold=True)
    lines = [line for finding in found for line in _lines(finding, words)]
    answer(
        {"ok": is_well, "findings": [_document(finding, words) for finding in found]},
        "\n".join([*lines, last]),
    )
    return 0 if is_well else FINDINGS


def _lines(finding: Finding, words: Words) -> list[str]:
    sign, colour = SIGNS[finding.shape]
    what = words.gettext(LOOKS[finding.check])
    said = wrapped(f"{what}: {_said(finding, words)}", INDENT).removeprefix(" " * INDENT)
    lines = [f"{click.style(sign, fg=colour)} {said}"]
    if to_do := _to_do(finding, words):
        lines.append(wrapped(f"→ {to_do}", INDENT))
    return lines


def _said(finding: Finding, words: Words) -> str:
    if finding.refusal:
        return sentence(finding.refusal, words)
    if finding.reason in SAID:
        return words.gettext(SAID[finding.reason]).format(**_data(finding, words))
    return told(finding.reason, words, **_data(finding, words))


def _data(finding: Finding, words: Words) -> dict[str, Any]:
    return {name: _spoken(value, words) for name, value in finding.data.items()}


def _spoken(value: Any, words: Words) -> Any:
    if isinstance(value, datetime):
        return times.clock(value)
    if isinstance(value, timedelta):
        return times.span(value)
    return words.gettext(value) if isinstance(value, str) else value


def _to_do(finding: Finding, words: Words) -> str:
    return words.gettext(TO_DO.get(finding.reason, "")).format(**_data(finding, words))


def _document(finding: Finding, words: Words) -> dict[str, Any]:
    return {
        "check": finding.check,
        "state": finding.shape,
        "reason": finding.refusal.reason if finding.refusal else finding.reason,
        "said": _said(finding, words),
        "to_do": _to_do(finding, words) or None,
    }


doctor = Command(
    "doctor",
    _doctor,
    help=N_(
        "Look whether everything is in order: the settings, the log and what makes it durable, room on the disk, the "
        "clock, keys, the mail server, the subscription page and a worker. Nothing is changed. Ends with 6 if "
        "something is wrong."
    ),
    examples="reservrutin doctor\nreservrutin doctor --mail anna@example.se",
    params=[
        Option(
            ["--mail"],
            type=Written(),
            metavar=N_("ADDRESS"),
            help=N_("send a test mail there through everything that a notice goes through"),
        )
    ],
)
