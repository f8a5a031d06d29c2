"""Which incident a command is about."""

import re

from application.desk import Desk
from domain import facts as f
from domain.fact import Fact
from domain.refusals import Invalid, NotFound
from domain.vocabulary import SWEDEN

NEW = "new"
_NUMBER = re.compile(r"(?:(\d{4})-)?(\d{1,4})")


def chosen_for(fact: type[Fact], named: str | None, desk: Desk) -> str | None:
    """The incident that a fact is recorded on, None where it opens a new one.

    Raises Invalid while several are open and none is named, NotFound while none is.
    """
    if named == NEW:
        if fact not in f.OPENERS:
            raise Invalid("opens-nothing", fact=fact.wire)
        return None
    if named:
        return number(named, desk)
    if fact is f.OutageDetected:
        return None
    open_now = desk.board.open_incidents()
    if not open_now and fact is f.DisturbanceReported:
        return None
    return _the_only(open_now)


def chosen(named: str | None, desk: Desk) -> str:
    """The incident that is read: the one named, else the only open one, else the newest."""
    if named:
        return number(named, desk)
    open_now = desk.board.open_incidents()
    newest = desk.board.newest()
    if newest is None:
        raise NotFound("no-incident")
    return _the_only(open_now) if open_now else newest


def number(text: str, desk: Desk) -> str:
    """`2026-0007`, or `7` for this year's seventh. Raises Invalid for what is no number."""
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        raise Invalid("incident-number", text=text)
    year = found[1] or str(desk.now().astimezone(SWEDEN).year)
    return f"{year}-{int(found[2]):04d}"


def _the_only(open_now: list[str]) -> str:
    if not open_now:
        raise NotFound("no-open-incident")
    if len(open_now) > 1:
        raise Invalid("several-open", numbers=", ".join(open_now))
    return open_now[0]
