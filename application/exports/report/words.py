"""Times and days as the report says them: the Swedish clock, short where the page says which day it is."""

import re
from datetime import datetime

from markupsafe import Markup, escape

from domain.texts import N_
from domain.vocabulary import SWEDEN
from wording import times
from wording.words import Texts

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def hour(moment: datetime) -> str:
    """`08:05`, where the page says which day."""
    return f"{moment.astimezone(SWEDEN):%H:%M}"


def clock(moment: datetime) -> str:
    """`2026-03-02 08:05 CET`, where it stands alone."""
    return times.clock(moment)


def day(start: datetime, end: datetime, texts: Texts) -> str:
    """The Swedish day of `start`, with its zone, and with both on the day when the clock changes before `end`."""
    local, last = start.astimezone(SWEDEN), end.astimezone(SWEDEN)
    zones = dict.fromkeys([f"{local:%Z}", f"{last:%Z}"])
    return f"{texts.gettext(WEEKDAYS[local.weekday()])} {local:%Y-%m-%d} {' → '.join(zones)}"


def short_day(moment: datetime) -> str:
    """The Swedish day where there is room for no more."""
    local = moment.astimezone(SWEDEN)
    return f"{local.day}/{local.month}"


def period(start: datetime, end: datetime, day: datetime | None = None) -> str:
    """`08:05–14:20 CET`; with dates where it is not all of `day`, and with both zones where they differ."""
    same = start.astimezone(SWEDEN).date() == end.astimezone(SWEDEN).date()
    first, last = times.clock(start, day if same else None), times.clock(end, start)
    zone = f" {start.astimezone(SWEDEN):%Z}"
    if last.endswith(zone):
        first = first.removesuffix(zone)
    return f"{first}–{last}" if len(first) == len("08:05") else f"{first} – {last}"


def unbroken(text: str) -> Markup:
    """The text as HTML in which no date, time or length of time is parted at the end of a line."""
    return Markup(_TOGETHER.sub(r'<span class="nb">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped just here


_TOGETHER = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\d\d:\d\d(?: CES?T)?|\d+ (?:d|h|min|s)(?: \d+ (?:h|min))?\b")
