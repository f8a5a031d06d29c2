"""Who might act as what, and by whose hand, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from domain.fact import UNREGISTERED, Recorded
from domain.facts import StaffRemoved
from domain.staff import Entitlement, Holding, HowHeld, is_from_before
from domain.vocabulary import Function
from wording.times import clock
from wording.words import Words


def registered(held: Holding, words: Words, now: datetime) -> str:
    """When they were registered in their functions, and by whom."""
    _ = words.gettext
    if is_from_before(held.since):
        return _("before the log kept the register")
    said = _("{time} by {person}")
    return said.format(time=clock(held.since.recorded_at, now), person=whose_hand(held.since, words))


def whose_hand(recorded: Recorded, words: Words, logins: Mapping[str, str] | None = None) -> str:
    """In which function somebody recorded it, and who: the pseudonym, and the login where that may be seen."""
    function, person = words.name(recorded.recorded_as), recorded.recorded_by
    if recorded.recorded_as is Function.CLOCK or person == UNREGISTERED:
        return function
    login = (logins or {}).get(person)
    return f"{function}, {person} ({login})" if login else f"{function}, {person}"


def authority_lines(
    found: Sequence[Entitlement], words: Words, now: datetime, logins: Mapping[str, str]
) -> list[tuple[Entitlement, str]]:
    """A line for each authority that entries stand on, with one of those that stand on it."""
    ngettext = words.ngettext
    said = [(_on_what(each, words, now, logins), each) for each in found]
    lines = []
    for text, alike in groupby(sorted(said, key=lambda each: (each[0], each[1].recorded.entry)), key=lambda s: s[0]):
        those = [each for _text, each in alike]
        head = ngettext("Authority, entry {entries}: {what}", "Authority, entries {entries}: {what}", len(those))
        entries = ", ".join(str(each.recorded.entry) for each in those)
        lines.append((those[0], head.format(entries=entries, what=text)))
    return sorted(lines, key=lambda line: line[0].recorded.entry)


def _on_what(found: Entitlement, words: Words, now: datetime, logins: Mapping[str, str]) -> str:
    _ = words.gettext
    who, held = whose_hand(found.recorded, words, logins), found.holding
    if held is None or found.standing in (HowHeld.NOBODY_WAS, HowHeld.NOT_KEPT):
        return f"{who}: {words.name(found.standing)}"
    said = f"{who}: {words.name(found.standing)}, " + _("registered {when}").format(when=registered(held, words, now))
    if found.came_after:
        said += " – " + _("AFTER it is said to have happened, {time}").format(
            time=clock(found.recorded.occurred_at, now)
        )
    if held.until:
        ended = _("struck from the register {time} by {person}")
        if not isinstance(held.until.fact, StaffRemoved):
            ended = _("given other functions {time} by {person}")
        time, person = clock(held.until.recorded_at, now), whose_hand(held.until, words)
        said += "; " + ended.format(time=time, person=person)
    return said
