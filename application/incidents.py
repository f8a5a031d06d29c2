"""Which incident a command is about."""

import re

from application.desk import Desk
from domain import facts as f
from domain.fact import Fact
from domain.incident import Incident
from domain.refusals import Invalid, NotFound
from domain.vocabulary import SWEDEN, Status

NEW = "new"
_NUMBER = re.compile(r"(?:(\d{4})-)?(\d{1,4})")


def chosen_for(fact: type[Fact], named: str | None, desk: Desk) -> str | None:
    """The incident that a fact is recorded on, None where it opens a new one.

    Raises Invalid while several are open and none is named, or where an outage may be what an open incident suspects;
    NotFound while none is open.
    """
    if named == NEW:
        if fact not in f.OPENERS:
            raise Invalid("opens-nothing", fact=fact.wire)
        return None
    if named:
        return number(named, desk)
    open_now = desk.board.open_incidents()
    if fact is f.OutageDetected:
        suspected = [i for i in _standing(desk, open_now) if i.entries and i.status is Status.SUSPECTED]
        if suspected:
            raise Invalid("suspected-open", incidents=suspected, command=f"reservrutin record {fact.wire} …")
        return None
    if not open_now and fact is f.DisturbanceReported:
        return None
    return _the_only(open_now, desk)


def chosen(named: str | None, desk: Desk) -> str:
    """The incident that is read: the one named, else the only open one, else the newest."""
    if named:
        return number(named, desk)
    open_now = desk.board.open_incidents()
    newest = desk.board.newest()
    if newest is None:
        raise NotFound("no-incident")
    return _the_only(open_now, desk) if open_now else newest


def number(text: str, desk: Desk) -> str:
    """`2026-0007`, or `7` for this year's seventh. Raises Invalid for what is no number."""
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        raise Invalid("incident-number", text=text)
    year = found[1] or str(desk.now().astimezone(SWEDEN).year)
    return f"{year}-{int(found[2]):04d}"


def _the_only(open_now: list[str], desk: Desk) -> str:
    if not open_now:
        raise NotFound("no-open-incident")
    if len(open_now) > 1:
        raise Invalid("several-open", incidents=_standing(desk, open_now))
    return open_now[0]


def _standing(desk: Desk, numbers: list[str]) -> list[Incident]:
    """Each as it stands; one that can't be judged has its number alone, and stops nobody from naming it."""
    found = []
    for number in numbers:
        try:
            found.append(desk.course(number).incident)
        except Exception:  # the others are still to be chosen from, and this one by its number
            found.append(Incident(number, desk.routine))
    return found
