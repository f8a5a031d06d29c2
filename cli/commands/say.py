"""`say`: what to tell whoever calls, just now."""

from typing import Any

from application import documents
from application.desk import Desk
from application.incidents import number
from cli.terminal.command import Command, answer
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import wrapped
from cli.terminal.parameters import Argument
from cli.terminal.standing import headline, others_go_on
from domain.texts import N_
from wording.callers import sentences


def _say(desk: Desk, incident: str | None) -> None:
    now, url = desk.now(), desk.settings.driftinfo_url
    found: list[dict[str, Any]] = []
    blocks: list[str] = []
    for which in [number(incident, desk)] if incident else desk.board.open_incidents():
        with others_go_on(desk, which, blocks):
            standing = desk.course(which).incident
            words = desk.texts.of(standing.routine)
            said = sentences(standing, words, now, url) or [words.gettext("There is nothing to tell callers.")]
            found.append(documents.say(standing, now, url))
            blocks.append("\n".join([headline(standing, words), *(wrapped(sentence, 2) for sentence in said)]))
    answer(found, "\n\n".join(blocks) or desk.texts.gettext("No incident is open: there is nothing to tell callers."))


say = Command(
    "say",
    _say,
    help=N_("What to tell whoever calls, just now: in the routine's own words, as each incident stands."),
    examples="reservrutin say\nreservrutin say 2026-0007 --lang en",
    params=[Argument(["incident"], required=False, type=IncidentNumber())],
)
