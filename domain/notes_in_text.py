"""The signed notes that stand in a text, however it has come down: quoted, wrapped, its dash and its lines lost.

A note is written anew from what of it is left. Nothing can be slipped in that way: where that is not what was signed,
its signature does not hold.
"""

import re
from collections.abc import Iterator

from domain.checkpoint import SIGNED, parse
from domain.refusals import Invalid

_QUOTED = re.compile(r"^[ \t\xa0]*(?:[>|][ \t\xa0]*)+", re.MULTILINE)
"""What an answer puts before each line of what it answers."""
_LINKED = re.compile(r"<(?:https?|mailto):[^<>]{0,2000}>")
"""What Outlook writes behind what it takes for a link, such as a log's name."""
_UNSEEN = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")

_CODED = r"(?:[A-Za-z0-9+/] ?)"
_SIGNATURE = rf"(?:\S{{1,12}} )?(?P<name>[^\s+]{{1,255}}) (?P<coded>{_CODED}{{91}}=|{_CODED}{{102}}==)"
"""Of Ed25519, or of a cosignature. The dash that begins it may have become anything: "?", "â€”", nothing at all."""
_NOTE = re.compile(
    rf"(?<!\S)(?P<origin>[^\s+]{{1,255}}) (?P<size>0|[1-9][0-9]{{0,17}}) (?P<root>{_CODED}{{43}}=)"
    rf"(?P<signatures>(?: {re.sub('[?]P<[a-z]+>', '?:', _SIGNATURE)})+)"
)
_ONE_SIGNATURE = re.compile(_SIGNATURE)


def notes_in(text: str) -> Iterator[str]:
    """Every signed note in the text, in their order, each as it was signed."""
    plain = _QUOTED.sub("", _LINKED.sub(" ", _UNSEEN.sub("", text)))
    for found in _NOTE.finditer(" ".join(plain.split())):
        signatures = "".join(
            f"{SIGNED}{one['name']} {one['coded'].replace(' ', '')}\n"
            for one in _ONE_SIGNATURE.finditer(found["signatures"])
        )
        note = f"{found['origin']}\n{found['size']}\n{found['root'].replace(' ', '')}\n\n{signatures}"
        try:
            parse(note)
        except Invalid:
            continue
        yield note
