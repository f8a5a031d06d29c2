"""The settings of the fan-out, read: the batching window, the rate limit, and when an address is suspended."""

import re
from dataclasses import dataclass
from datetime import timedelta

from domain.refusals import Invalid
from domain.suspension import SuspensionPolicy

_SPAN = re.compile(r"(\d{1,4})(s|m|h)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_POINTS = re.compile(r"\d{1,4}(\.\d{1,2})?")
_OFF = "off"


@dataclass(frozen=True, slots=True)
class Pace:
    """`batching_window` is how long a fact waits for others to go in the same mail. The rate limit: no more than `most`
    mails in `window` go to one subscriber; `most` 0 sets none. Activation and restoration wait for neither."""

    batching_window: timedelta = timedelta(0)
    most: int = 0
    window: timedelta = timedelta(0)


def pace_of(hold: str, throttle: str) -> Pace:
    """The pace that the settings `mail_hold` ("20s") and `mail_throttle` ("6/15m", or "off") mean. Raises Invalid."""
    held = _span(hold)
    if held is None:
        raise Invalid("setting", name="mail_hold", value=hold)
    if throttle == _OFF:
        return Pace(held)
    most, _slash, window = throttle.partition("/")
    span = _span(window)
    if not most.isdecimal() or not int(most) or not span:
        raise Invalid("setting", name="mail_throttle", value=throttle)
    return Pace(held, int(most), span)


def suspension_of(suspend_at: str) -> SuspensionPolicy:
    """The policy whose score the setting `mail_suspend_at` ("2") gives. Raises Invalid."""
    if not _POINTS.fullmatch(suspend_at.strip()) or float(suspend_at) <= 0:
        raise Invalid("setting", name="mail_suspend_at", value=suspend_at)
    return SuspensionPolicy(float(suspend_at))


def _span(text: str) -> timedelta | None:
    found = _SPAN.fullmatch(text.strip())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
