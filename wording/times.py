"""Times as people write and read them: Europe/Stockholm, with the zone."""

import re
from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta

from domain.fact import within_bounds
from domain.refusals import Invalid
from domain.texts import N_
from domain.vocabulary import SWEDEN
from wording.words import Texts

_NAMED_DAYS = {
    "i forrgar": -2,
    "forrgar": -2,
    "i gar kvall": -1,
    "igar kvall": -1,
    "i gar": -1,
    "igar": -1,
    "yesterday": -1,
    "i dag": 0,
    "idag": 0,
    "i morse": 0,
    "i eftermiddag": 0,
    "i kvall": 0,
    "today": 0,
    "tonight": 0,
    "i morgon": 1,
    "imorgon": 1,
    "tomorrow": 1,
}
_WEEKDAYS = (
    ("mandag", "monday"),
    ("tisdag", "tuesday"),
    ("onsdag", "wednesday"),
    ("torsdag", "thursday"),
    ("fredag", "friday"),
    ("lordag", "saturday"),
    ("sondag", "sunday"),
)
# Compiled by the first time that is typed: most commands are told none. Everything is read without ring and dots.
_AT = r"(?:(?:kl|klockan|at)\.?\s*)"
_CLOCKS = (
    rf"{_AT}?(?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})(?:[:.](?P<second>\d{{2}}))?",
    rf"{_AT}?(?P<hour>\d{{1,2}})(?P<minute>\d{{2}})",
    rf"{_AT}(?P<hour>\d{{1,2}})(?P<minute>)",
)
_DAY = (
    rf"(?P<named>{'|'.join(_NAMED_DAYS)})"
    rf"|(?P<which>(?:i|pa|on|last|next|nasta)\s+)?(?P<weekday>{'|'.join(name for day in _WEEKDAYS for name in day)})s?"
    r"|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<of_month>\d{1,2})/(?P<month>\d{1,2})(?:[-/\s](?P<year>\d{4}))?"
    r"|(?P<of_named>\d{1,2})(?::?[ae])?\s*(?P<in_named>[a-z]{3,9})\.?(?:\s+(?P<named_year>\d{4}))?"
)
_BY_DAY = tuple(
    rf"(?i:{said})" for clock in _CLOCKS for said in (rf"(?:(?:{_DAY}),?\s+)?{clock}", rf"{clock},?\s+(?:{_DAY})")
)
_PLAIN = str.maketrans("–−åäöÅÄÖ", "--aaoAAO")
"""What a telephone and a word processor make of a hyphen is one."""
_BY_DATE = (
    r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:\.\d+)?"
    r"(?P<zone>\s?(?:Z|[+-]\d\d:?\d\d|CEST|CET))?"
)
_AGO = (
    r"(?P<sign>[-+])\s*(?:(?P<days>\d{1,3})\s*d)?\s*(?:(?P<hours>\d{1,3}(?:[.,]\d{1,2})?)\s*(?:h|tim))?\s*"
    r"(?:(?P<minutes>\d{1,4})\s*(?:m(?:in)?)?)?"
)
_ZONES = {"CET": "+01:00", "CEST": "+02:00", "Z": "+00:00"}

WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)


def parse(text: str, now: datetime, *, ahead: bool = False) -> datetime:
    """The moment that `text` means, in UTC: `14:05`, `1405`, `kl 14`, `igår 22:10`, `22.10 igår`, `27/11 08:05`,
    `fredag 08:05`, `-20m`, `-20`, `-1h30`, `+2h`, `2026-03-02T08:05`, ISO with a zone.

    A weekday is the latest, or the coming one of what lies `ahead`; a day without a year is the closest. Raises Invalid
    for what is no time, and for one that the clock skips or repeats, which needs its offset.
    """
    said = text.strip().translate(_PLAIN)
    if said.lower() in ("nu", "now"):
        return now.astimezone(UTC)
    if (ago := re.fullmatch(_AGO, said)) and (ago["days"] or ago["hours"] or ago["minutes"]):
        parts = {unit: float((ago[unit] or "0").replace(",", ".")) for unit in ("days", "hours", "minutes")}
        span = timedelta(**parts) * (1 if ago["sign"] == "+" else -1)
        return _possible(now.astimezone(UTC) + span, text)
    for by_date in re.fullmatch(_BY_DATE, said), *(re.fullmatch(by_day, said) for by_day in _BY_DAY):
        if by_date:
            try:
                return _local(_day(by_date.groupdict(), now.astimezone(SWEDEN).date(), ahead), by_date, text)
            except Invalid:
                raise
            except (ValueError, KeyError, OverflowError) as error:
                raise Invalid("time", text=text) from error
    raise Invalid("time", text=text)


def _day(said: dict[str, str | None], today: date, ahead: bool) -> date:
    """Raises ValueError or KeyError for what is no day."""
    if written := said.get("date"):
        return date.fromisoformat(written)
    if named := said["named"]:
        return today + timedelta(days=_NAMED_DAYS[named.lower()])
    if weekday := said["weekday"]:
        asked = next(place for place, names in enumerate(_WEEKDAYS) if weekday.lower() in names)
        which = (said["which"] or "").strip().lower()
        away = (asked - today.weekday()) % 7
        if which in ("pa", "on", "next", "nasta") or (ahead and not which):
            return today + timedelta(days=away)
        return today + timedelta(days=away - 7 if away or which else 0)
    if in_named := said["in_named"]:
        from domain.writings import MONTHS  # for the few who write so

        return _closest(int(said["of_named"] or 0), MONTHS[in_named.lower()], said["named_year"], today)
    if said["month"]:
        return _closest(int(said["of_month"] or 0), int(said["month"]), said["year"], today)
    return today


def _closest(day: int, month: int, year: str | None, today: date) -> date:
    """That day of its year; of the closest year where none is said."""
    if year:
        return date(int(year), month, day)
    years = (today.year - 1, today.year, today.year + 1)
    possible = [date(year, month, day) for year in years if (month, day) != (2, 29) or isleap(year)]
    return min(possible, key=lambda found: abs(found - today))


def _local(day: date, clock: re.Match[str], text: str) -> datetime:
    """Raises ValueError or OverflowError for what is no time of day, no zone or no moment."""
    said = clock.groupdict()
    wall = datetime.combine(day, time(int(clock["hour"]), int(clock["minute"] or 0), int(said.get("second") or 0)))
    if zone := (said.get("zone") or "").strip():
        return _possible(datetime.fromisoformat(wall.isoformat() + _ZONES.get(zone, zone)).astimezone(UTC), text)
    early, late = (_possible(wall.replace(tzinfo=SWEDEN, fold=fold).astimezone(UTC), text) for fold in (0, 1))
    if early != late:
        reason = "time-repeated" if early < late else "time-skipped"
        raise Invalid(reason, text=text, first=_with_offset(wall, early), second=_with_offset(wall, late))
    return early


def _possible(moment: datetime, text: str) -> datetime:
    if moment != within_bounds(moment):
        raise Invalid("time", text=text)
    return moment


def _with_offset(wall: datetime, moment: datetime) -> str:
    """The wall time with the offset that makes it this moment."""
    offset = int((wall.replace(tzinfo=UTC) - moment).total_seconds() // 60)
    return f"{wall:%Y-%m-%dT%H:%M}+{offset // 60:02d}:{offset % 60:02d}"


def typed(moment: datetime, now: datetime) -> str:
    """As somebody would type it, to the minute: `parse` makes that minute of it again."""
    local = moment.astimezone(SWEDEN)
    text = f"{local:%H:%M}" if local.date() == now.astimezone(SWEDEN).date() else f"{local:%Y-%m-%d %H:%M}"
    try:
        parse(text, now)
    except Invalid:  # the night on which the clock shows it twice
        return f"{local:%Y-%m-%dT%H:%M%z}"
    return text


def iso(moment: datetime | None) -> str | None:
    """As JSON says it: UTC, whole seconds where nothing finer was said."""
    if moment is None:
        return None
    whole = moment.microsecond == 0
    return moment.astimezone(UTC).isoformat(timespec="seconds" if whole else "milliseconds").replace("+00:00", "Z")


def clock(moment: datetime, now: datetime | None = None) -> str:
    """As people read it: `08:05 CET`, with the date unless it is `now`'s."""
    local = moment.astimezone(SWEDEN)
    if now is not None and local.date() == now.astimezone(SWEDEN).date():
        return f"{local:%H:%M %Z}"
    return f"{local:%Y-%m-%d %H:%M %Z}"


def to_the_second(moment: datetime) -> str:
    """Where seconds may tell two moments apart: `2026-03-02 08:05:00 CET`."""
    return f"{moment.astimezone(SWEDEN):%Y-%m-%d %H:%M:%S %Z}"


def period(start: datetime, end: datetime, day: datetime | None = None) -> str:
    """`08:05–14:20 CET`; with dates where it is not all of `day`, and with both zones where they differ."""
    same = start.astimezone(SWEDEN).date() == end.astimezone(SWEDEN).date()
    first, last = clock(start, day if same else None), clock(end, start)
    zone = f" {start.astimezone(SWEDEN):%Z}"
    if last.endswith(zone):
        first = first.removesuffix(zone)
    return f"{first}–{last}" if len(first) == len("08:05") else f"{first} – {last}"


def near(moment: datetime, words: Texts, now: datetime) -> str:
    """As it is said between colleagues and over the telephone: `08:05`, `i går 22:10`; the zone is their own."""
    _ = words.gettext
    local, today = moment.astimezone(SWEDEN), now.astimezone(SWEDEN).date()
    clock = f"{local:%H:%M}"
    days = {today - timedelta(days=1): _("yesterday {time}"), today + timedelta(days=1): _("tomorrow {time}")}
    if local.date() == today:
        return clock
    return days[local.date()].format(time=clock) if local.date() in days else f"{local:%Y-%m-%d} {clock}"


def spoken(moment: datetime, words: Texts, now: datetime, beside: datetime | None = None) -> str:
    """As people say it, in mail: `onsdag 25 november kl. 08.30`, or `08.30` on the day of what it stands `beside`.

    The year is said where it is not `now`'s, the zone in the night that has two times for one clock time.
    """
    _ = words.gettext
    local = moment.astimezone(SWEDEN)
    time_of_day = _("{hour}:{minute}").format(hour=f"{local:%H}", minute=f"{local:%M}")
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        time_of_day += f" {local:%Z}"
    if beside is not None and local.date() == beside.astimezone(SWEDEN).date():
        return time_of_day
    day = _("{weekday} {day} {month}").format(
        weekday=_(WEEKDAYS[local.weekday()]), day=local.day, month=_(MONTHS[local.month - 1])
    )
    if local.year != now.astimezone(SWEDEN).year:
        day += f" {local.year}"
    return _("{day} {time}").format(day=day, time=time_of_day)


def day_of(moment: datetime, words: Texts) -> str:
    """The day of the month as people say it: `25 november`."""
    local = moment.astimezone(SWEDEN)
    return words.gettext("{day} {month}").format(day=local.day, month=words.gettext(MONTHS[local.month - 1]))


def span(length: timedelta) -> str:
    """`3 h 12 min`, `45 min`, `2 d 4 h`; under a minute in seconds. Never negative."""
    seconds = max(int(length.total_seconds()), 0)
    minutes, hours, days = seconds // 60 % 60, seconds // 3600 % 24, seconds // 86400
    parts = [(days, "d"), (hours, "h"), (minutes if not days else 0, "min")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or f"{seconds} s"
