"""Somebody before a page with a keyboard and nothing else."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.browser import Window

REACHABLE = """[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter(one => one.type !== 'hidden' && !one.disabled && one.checkVisibility())
  .filter(one => one.type !== 'radio' || one.checked || !document.querySelector(`[name="${one.name}"]:checked`))"""
"""All that the tab key stops at, in the order in which a screen reader reads it; of radio buttons the one that is
pressed."""

AT = f"""(() => {{
  const one = document.activeElement, {{outlineStyle, outlineWidth}} = getComputedStyle(one);
  const {{top, bottom, left, right}} = one.getBoundingClientRect();
  return {{
    place: {REACHABLE}.indexOf(one),
    said: one.outerHTML.slice(0, 90),
    seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1,
    inside: bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
    top: top + scrollY, bottom: bottom + scrollY,
  }};
}})()"""


MOST_PARTS = 5
"""Stops within one field: a date's day, month, year and calendar."""


def hindered(window: Window) -> list[str]:
    """What keeps somebody without a mouse from going through the open page, from where it puts them until they are
    there again."""
    count = window.finds(f"{REACHABLE}.length")
    stops = list(_stops(window, count * MOST_PARTS + 1))
    places = [stop["place"] for stop in stops]
    faults = [] if stops else ["nothing can be reached"]
    first = places[0] if places else 0
    if places != [*range(first, count), *range(first)]:
        faults.append(f"in another order than it is read: {[stop['said'] for stop in stops]}")
    faults += [f"not seen to be reached: {stop['said']}" for stop in stops if not stop["seen"]]
    faults += [f"out of the window: {stop['said']}" for stop in stops if not stop["inside"]]
    on_the_way = [(now, then) for now, then in pairwise(stops) if now["place"] < then["place"]]
    return faults + [f"back up the page: {then['said']}" for now, then in on_the_way if then["bottom"] <= now["top"]]


def _stops(window: Window, most: int) -> Iterator[dict[str, Any]]:
    """Where the tab key comes to, one element after another, until it comes to the first again."""
    seen: list[int] = []
    for _press in range(most):
        window.presses("Tab")
        stop = window.finds(AT)
        if stop["place"] < 0 or seen[-1:] == [stop["place"]]:
            continue
        if seen and stop["place"] == seen[0]:
            return
        seen.append(stop["place"])
        yield stop
