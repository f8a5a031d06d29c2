"""Times and days as the report says them: the Swedish clock, short where the page says which day it is."""

import re
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

from domain.texts import N_
from domain.vocabulary import SWEDEN
from wording import times
from wording.words import Texts

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def hour(moment: datetime) -> str:
    """`08:05`, where the page says which day; with its zone in a night that has two."""
    local, near = moment.astimezone(SWEDEN), timedelta(hours=12)
    zones = {(moment + away).astimezone(SWEDEN).utcoffset() for away in (-near, near)}
    return f"{local:%H:%M %Z}" if len(zones) > 1 else f"{local:%H:%M}"


def of_the_scale(moment: datetime) -> str:
    """`08:00` beside others; the hour that comes twice with its zone."""
    local = moment.astimezone(SWEDEN)
    comes_twice = local.replace(fold=0).astimezone(UTC) < local.replace(fold=1).astimezone(UTC)
    return f"{local:%H %Z}" if comes_twice and not local.minute else f"{local:%H:%M}"


def clock(moment: datetime) -> str:
    """`2026-03-02 08:05 CET`, where it stands alone."""
    return times.clock(moment)


def day(start: datetime, end: datetime, texts: Texts) -> str:
    """The Swedish day of `start`, with its zone, and with both on the day when the clock changes before `end`."""
    local, last = start.astimezone(SWEDEN), end.astimezone(SWEDEN)
    zones = dict.fromkeys([f"{local:%Z}", f"{last:%Z}"])
    return f"{day_of(start, texts)} {' → '.join(zones)}"


def day_of(moment: datetime, texts: Texts) -> str:
    """`Sun 2027-10-31`."""
    local = moment.astimezone(SWEDEN)
    return f"{texts.gettext(WEEKDAYS[local.weekday()])} {local:%Y-%m-%d}"


def short_day(moment: datetime) -> str:
    """The Swedish day where there is room for no more."""
    local = moment.astimezone(SWEDEN)
    return f"{local.day}/{local.month}"


def unbroken(text: str) -> Markup:
    """The text as HTML in which no date, time or length of time is parted at the end of a line."""
    return Markup(_TOGETHER.sub(r'<span class="nb">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped just here


_TOGETHER = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\d\d:\d\d(?: CES?T)?|\d+ (?:d|h|min|s)(?: \d+ (?:h|min))?\b")
