"""Times as people write and read them: Europe/Stockholm, with the zone."""

import re
from datetime import UTC, date, datetime, time, timedelta

from domain.refusals import Invalid
from domain.texts import N_
from domain.vocabulary import SWEDEN
from wording.words import Texts

EARLIEST, LATEST = 2000, 2199
"""Years outside these are slips of the pen."""

_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
_IN_ONE = r"(?P<hour>\d{1,2})(?P<minute>\d{2})"
_WHOLE_HOUR = r"(?P<hour>\d{1,2})(?P<minute>)"
_DAYS = {
    "igår": -1,
    "yesterday": -1,
    "idag": 0,
    "i dag": 0,
    "i går": -1,
    "förrgår": -2,
    "i förrgår": -2,
    "i morgon": 1,
    "today": 0,
    "imorgon": 1,
    "tomorrow": 1,
}
# Compiled by the first time that is typed: most commands are told none.
_DAY = rf"(?:(?P<day>{'|'.join(_DAYS)})\s+)?"
_BY_DAY = tuple(
    rf"(?i:{_DAY}{clock})"
    for clock in (rf"(?:kl\.?\s*)?{_CLOCK}", rf"(?:kl\.?\s*)?{_IN_ONE}", rf"kl\.?\s*{_WHOLE_HOUR}")
)
_DASHES = str.maketrans("–−", "--")
"""What a telephone and a word processor make of a hyphen."""
_BY_DATE = rf"(?P<date>\d{{4}}-\d\d-\d\d)[T ]{_CLOCK}(?:\.\d+)?(?P<zone>\s?(?:Z|[+-]\d\d:?\d\d|CEST|CET))?"
_AGO = (
    r"(?P<sign>[-+])\s*(?:(?P<days>\d{1,3})\s*d)?\s*(?:(?P<hours>\d{1,3})\s*h)?\s*"
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


def parse(text: str, now: datetime) -> datetime:
    """The moment that `text` means, in UTC: `14:05`, `1405`, `kl 14`, `igår 22:10`, `-20m`, `-20`, `+2h`,
    `2026-03-02T08:05`, ISO with a zone.

    Raises Invalid for what is no time, and for one that the clock skips or repeats, which needs its offset.
    """
    said = text.strip().translate(_DASHES)
    if said.lower() in ("nu", "now"):
        return now.astimezone(UTC)
    if (ago := re.fullmatch(_AGO, said)) and (ago["days"] or ago["hours"] or ago["minutes"]):
        span = timedelta(**{unit: int(ago[unit] or 0) for unit in ("days", "hours", "minutes")})
        return (now + span if ago["sign"] == "+" else now - span).astimezone(UTC)
    if found := next(filter(None, (re.fullmatch(by_day, said) for by_day in _BY_DAY)), None):
        day = now.astimezone(SWEDEN).date() + timedelta(days=_DAYS[(found["day"] or "idag").lower()])
        return _local(day, found, "", text)
    if found := re.fullmatch(_BY_DATE, said):
        try:
            day = date.fromisoformat(found["date"])
        except ValueError as error:
            raise Invalid("time", text=text) from error
        return _local(day, found, (found["zone"] or "").strip(), text)
    raise Invalid("time", text=text)


def _local(day: date, clock: re.Match[str], zone: str, text: str) -> datetime:
    try:
        wall = datetime.combine(
            day, time(int(clock["hour"]), int(clock["minute"] or 0), int(clock.groupdict().get("second") or 0))
        )
        if zone:
            return datetime.fromisoformat(wall.isoformat() + _ZONES.get(zone, zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("time", text=text) from error
    if not EARLIEST <= wall.year <= LATEST:
        raise Invalid("time", text=text)
    early, late = (wall.replace(tzinfo=SWEDEN, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early != late:
        reason = "time-repeated" if early < late else "time-skipped"
        raise Invalid(reason, text=text, first=_with_offset(wall, early), second=_with_offset(wall, late))
    return early


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
