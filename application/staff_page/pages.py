"""Staff's pages, as texts: what was read of the log, for one visit. They run nothing and fetch nothing."""

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment

from application.exports.report.page import SIGNS
from application.exports.report.words import unbroken
from application.staff_page.history import ReplaySeen
from application.staff_page.incident import IncidentSeen
from application.staff_page.standing import Overview
from application.staff_page.visit import AGAIN, Visit
from application.templates import templates
from domain.runs import spans
from wording import times
from wording.words import Language, texts_in


def board_page(visit: Visit, seen: Overview) -> str:
    return _rendered("board.html.j2", visit, seen=seen)


def callers_page(visit: Visit, seen: Overview) -> str:
    return _rendered("callers.html.j2", visit, seen=seen)


def incidents_page(visit: Visit, seen: Overview) -> str:
    return _rendered("incidents.html.j2", visit, seen=seen)


def incident_page(visit: Visit, seen: IncidentSeen) -> str:
    return _rendered("incident.html.j2", visit, seen=seen, signs=SIGNS)


def replay_page(visit: Visit, seen: ReplaySeen) -> str:
    return _rendered("replay.html.j2", visit, seen=seen)


def refusal_page(visit: Visit, title: str, said: str, *, reloads: bool = False) -> str:
    """What is shown in place of a page: what is wrong, and what to do instead."""
    return _rendered("refusal.html.j2", visit, here="", title=title, said=said, waits=reloads)


def _rendered(template: str, visit: Visit, **values: object) -> str:
    known: dict[str, object] = {"visit": visit, "here": visit.page, "language": visit.texts.language, "again": AGAIN}
    return _environment(visit.texts.language).get_template(template).render(known | values)


@cache
def _environment(language: Language) -> Environment:
    """Compiled once a language. What an entry and a verdict look like is the report's."""
    filters: dict[str, Callable[..., Any]] = {"unbroken": unbroken, "spans": spans, "clock": times.clock}
    return templates("application.staff_page", texts_in(language), filters, "application.exports.report")
