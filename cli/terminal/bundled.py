"""What was found of an evidence bundle: in lines, as JSON, and as an exit code."""

from typing import Any

import click

from application.bundles import Checked, Finding, sentence
from cli.terminal.exit_codes import FINDINGS
from cli.terminal.lines import wrapped
from domain.texts import N_
from wording.words import Texts

CODES = {"holds": 0, "broken": FINDINGS, "unchecked": 1}
"""That nothing is wrong but not all could be checked is no success."""

IN_SHORT = {
    "holds": N_("All of the bundle holds."),
    "broken": N_("Something in the bundle does not hold."),
    "unchecked": N_("Not everything in the bundle could be checked."),
}
COLOURS = {"holds": "green", "broken": "red", "unchecked": "yellow"}


def bundle_code(checked: Checked) -> int:
    return CODES[checked.verdict]


def bundle_lines(checked: Checked, texts: Texts) -> list[str]:
    _ = texts.gettext
    said = [sentence(finding, texts) for finding in checked.said]
    said += [_("Not checked: {what}").format(what=sentence(finding, texts)) for finding in checked.unchecked]
    said += [_("Wrong: {what}").format(what=sentence(finding, texts)) for finding in checked.wrong]
    in_short = click.style(_(IN_SHORT[checked.verdict]), fg=COLOURS[checked.verdict], bold=True)
    return [wrapped(line, 0) for line in [*said, in_short]]


def bundle_document(checked: Checked, texts: Texts) -> dict[str, Any]:
    def each(findings: list[Finding]) -> list[dict[str, str]]:
        return [{"reason": finding[0], "text": sentence(finding, texts)} for finding in findings]

    return {
        "verdict": checked.verdict,
        "incident": checked.incident or None,
        "found": each(checked.said),
        "unchecked": each(checked.unchecked),
        "problems": each(checked.wrong),
    }
