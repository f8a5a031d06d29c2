"""Somebody before a page with a keyboard and nothing else."""

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


def hindered(window: Window) -> list[str]:
    """What keeps somebody without a mouse from going through the open page from its beginning to its end."""
    stops: list[dict[str, Any]] = []
    for _stop in range(window.finds(f"{REACHABLE}.length")):
        window.presses("Tab")
        stops.append(window.finds(AT))
    faults = [] if stops else ["nothing can be reached"]
    if [stop["place"] for stop in stops] != list(range(len(stops))):
        faults.append(f"in another order than it is read: {[stop['said'] for stop in stops]}")
    faults += [f"not seen to be reached: {stop['said']}" for stop in stops if not stop["seen"]]
    faults += [f"out of the window: {stop['said']}" for stop in stops if not stop["inside"]]
    up = [then["said"] for now, then in pairwise(stops) if then["bottom"] <= now["top"]]
    return faults + [f"back up the page: {said}" for said in up]
