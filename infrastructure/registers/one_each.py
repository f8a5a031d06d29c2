"""One reader, one mail: whoever is told of a fact as several audiences gets the mail of the richest alone.

A reader is an address and the channel by which it is told. Each of their subscriptions has its own row in the ledger,
so that each of its threads is whole; the rows of the poorer are not sent, and count as told. Where the richer asked for
something else, or has left, the next one is told. Statements on the register, not a look at each row.
"""

from domain.audience import RICHEST_FIRST
from domain.delivery import TO_BE_TRIED, DeliveryState, Unsent

TOLD = f"unclear OR state IN ('{DeliveryState.SENT}', '{DeliveryState.SENDING}') OR reason = '{Unsent.TOLD_OTHERWISE}'"
"""Of a delivery: its reader has the mail, or may have it."""

WAITS = f"state IN {tuple(map(str, TO_BE_TRIED))}"

ALL = (1 << 63) - 1
"""More rows than either database can hold."""

_SAME_READER = "JOIN subscribers AS other ON other.address = own.address AND other.channel = own.channel"
_PLACE = (
    "CASE {}.audience " + " ".join(f"WHEN '{each}' THEN {place}" for place, each in enumerate(RICHEST_FIRST)) + " END"
)
_IS_RICHER = f"{_PLACE.format('other')} < {_PLACE.format('own')}"


def one_each(first: int, last: int) -> str:
    """The statement by which nobody is told twice of a fact between these positions. A summary is for whoever has been
    told nothing of the incident.

    Where PostgreSQL's statistics know of small incidents alone it would hold every delivery of a large one against
    every other. So the LIMIT has it find who is told as several before it looks for what else they are told; and an
    incident with '' at its end is none that an index holds, so that it looks among the reader's own.
    """
    return f"""
UPDATE deliveries
SET state = '{DeliveryState.SUPERSEDED}', reason = '{Unsent.TOLD_OTHERWISE}', next_try_at = NULL
WHERE id IN (
    SELECT poorer.id FROM (
        SELECT planned.id, incident, position, summary, other.id AS richer FROM (
            SELECT id, incident, position, summary, subscriber FROM deliveries
            WHERE position BETWEEN {first} AND {last} AND {WAITS} AND NOT unclear
        ) AS planned
        JOIN subscribers AS own ON own.id = planned.subscriber {_SAME_READER} WHERE {_IS_RICHER} LIMIT {ALL}
    ) AS poorer
    WHERE EXISTS (
        SELECT 1 FROM deliveries
        WHERE subscriber = poorer.richer AND incident || '' = poorer.incident
        AND (position = poorer.position OR poorer.summary) AND ({TOLD} OR {WAITS})
    )
)
"""


_WAITING = f"FROM deliveries WHERE subscriber = ? AND {WAITS} AND NOT unclear"

PASSED_ON = f"""
UPDATE deliveries SET state = '{DeliveryState.QUEUED}', reason = NULL, next_try_at = queued_at
WHERE reason = '{Unsent.TOLD_OTHERWISE}' AND incident IN (SELECT incident {_WAITING})
AND (position IN (SELECT position {_WAITING}) OR summary)
AND subscriber IN (
    SELECT other.id FROM subscribers AS own {_SAME_READER}
    WHERE own.id = ? AND other.id <> own.id AND other.state = 'active'
)
"""
"""What still waits for somebody who has gone, said three times, is told by what else they subscribe to."""

ENDS_UNSENT = f"""
INSERT INTO attempts (delivery, at, state, enhanced, reply)
SELECT id, ?, '{DeliveryState.SUPERSEDED}', '', '' FROM deliveries WHERE subscriber = ? AND {WAITS}
"""
"""Writes down beside the attempts when what waits for somebody who has gone ended: the moment, and who."""

CONCERNED = f"SELECT min(position), max(position) FROM deliveries WHERE incident IN (SELECT incident {_WAITING})"
"""Between which positions that is."""
