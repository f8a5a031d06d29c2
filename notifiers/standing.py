"""How an incident stands, as every notice of internal information ends with it."""

from datetime import datetime
from functools import partial

from domain.delivery import Notice
from domain.incident import Incident
from domain.vocabulary import RoutineState, Status
from wording.facts import Line, listed
from wording.times import spoken
from wording.words import Words


def how_it_stands(notice: Notice, words: Words, now: datetime) -> tuple[Line, ...]:
    """How the incident stands at `now`, for those who read internal information; a closed one by its paper alone."""
    _ = words.gettext
    incident, at = notice.incident, partial(spoken, words=words, now=now, beside=now)
    lines = []
    if incident.status not in (Status.CLOSED, Status.VOIDED):
        lines.append(Line(_("Status"), words.name(incident.status)))
    if incident.down:
        prognosis = incident.prognosis_at(now)
        lines.append(Line(_("Down"), listed(words, incident.down)))
        if incident.down_since:
            lines.append(Line(_("Down since"), at(incident.down_since)))
        lines.append(Line(_("Prognosis"), at(prognosis.restored_by) if prognosis else _("none")))
    if incident.open:
        lines.append(Line(_("Reserve routine"), _routine(incident, words, now)))
    if incident.received:
        lines.append(Line(_("Paper referrals"), _paper(incident, words)))
    return tuple(lines)


def _paper(incident: Incident, words: Words) -> str:
    """What is left of what came."""
    if not incident.outstanding:
        return words.ngettext(
            "{count}, entered or set aside", "{count}, all entered or set aside", incident.received
        ).format(count=incident.received)
    return words.gettext("{outstanding} to enter (of {received})").format(
        outstanding=len(incident.outstanding), received=incident.received
    )


def _routine(incident: Incident, words: Words, now: datetime) -> str:
    _ = words.gettext
    state, at = incident.routine_state(now), partial(spoken, words=words, now=now, beside=now)
    said, moment = {
        RoutineState.ACTIVE: (_("active since {time}"), incident.activated_at),
        RoutineState.DUE: (_("was to be activated {time}"), incident.routine_due_at),
        RoutineState.ENDED: (_("ended {time}"), incident.deactivated_at),
    }.get(state, ("", None))
    if moment:
        return said.format(time=at(moment))
    if (due_at := incident.routine_still_due_at) and due_at > now:
        return _("{state}; due {time}").format(state=words.name(state), time=at(due_at))
    return words.name(state)
