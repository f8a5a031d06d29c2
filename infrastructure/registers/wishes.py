"""What readers have asked for at the door, in turn, until a worker has carried it out.

Who takes wishes down can add them and ask what one token leads to, and needs to read nothing else: on PostgreSQL the
role that does so may do no more (`infrastructure.database.grants`). What names anybody is struck from a wish that is
done; what is left of it says for an hour that something was asked for from that network.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.choices import Choices
from domain.mailbox import kept_form
from domain.personal_data import refuse_personal_data
from domain.refusals import Refusal, Unavailable
from domain.vocabulary import Area, System
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import written

PACE_OVER = timedelta(hours=1)
"""How long a wish counts against where it came from."""

MOST_FROM_ONE_NETWORK, MOST_IN_ALL = 300, 3000
"""Wishes within PACE_OVER that may lead to a letter or a change. A region's prescribers reach us from one network."""

ADD = """
INSERT INTO wishes (kind, at, way, address, language, systems, areas, paused_until, network)
SELECT CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS text),
    CAST(? AS text), CAST(? AS text), CAST(? AS text)
WHERE CAST(? AS text) IS NULL OR (
    (SELECT count(*) FROM wishes WHERE network = ? AND at > ?) < ?
    AND (SELECT count(*) FROM wishes WHERE network IS NOT NULL AND at > ?) < ?
)
"""

LEADS_TO_ON_POSTGRESQL = "SELECT * FROM leads_to(?)"
LEADS_TO = """
SELECT 'confirmation', c.language, c.systems, c.areas, NULL, c.until,
    c.confirmed_at IS NOT NULL
    OR EXISTS (SELECT 1 FROM wishes w WHERE w.way = c.id AND w.kind = 'confirm' AND w.done_at IS NULL)
FROM confirmations c WHERE c.id = :way
UNION ALL
SELECT 'reader', coalesce(w.language, s.language), coalesce(w.systems, s.systems), coalesce(w.areas, s.areas),
    CASE WHEN w.id IS NULL THEN p.until ELSE w.paused_until END, NULL,
    s.address IS NULL OR EXISTS (
        SELECT 1 FROM wishes l JOIN ways_out o ON o.id = l.way
        WHERE l.kind = 'leave' AND l.done_at IS NULL AND o.subscriber = s.id
    )
FROM ways_out t JOIN subscribers s ON s.id = t.subscriber LEFT JOIN pauses p ON p.subscriber = s.id
LEFT JOIN wishes w ON w.id = (
    SELECT max(id) FROM wishes WHERE way = :way AND kind = 'choose' AND done_at IS NULL
)
WHERE t.id = :way
""".replace(":way", "?1")
"""The same as the function that migration 0016 makes on PostgreSQL, for who may read no table."""

FAR_AHEAD = 2 * PACE_OVER
"""No wish is put off for so long: a clock that was ahead has done so, and nobody waits for its moment."""

DUE = "(again_at IS NULL OR again_at <= ? OR again_at > ?)"
WAITING = f"""
SELECT id, kind, at, way, address, language, systems, areas, paused_until FROM wishes
WHERE done_at IS NULL AND {DUE} ORDER BY kind IN ('subscribe', 'move'), id LIMIT 100
"""
"""What needs a letter comes last: however much of it there is, it keeps nobody from leaving."""
LETTER_WAITS = "SELECT 1 FROM wishes WHERE done_at IS NULL AND kind IN ('subscribe', 'move') LIMIT 1"
DONE = """
UPDATE wishes SET done_at = ?, again_at = NULL, way = NULL, address = NULL, language = NULL, systems = NULL,
    areas = NULL, paused_until = NULL
WHERE id = ?
"""
PUT_OFF = "UPDATE wishes SET again_at = ? WHERE id = ? AND done_at IS NULL"
TAKE = f"{PUT_OFF} AND {DUE}"
FORGET = "DELETE FROM wishes WHERE done_at IS NOT NULL AND (at <= ? OR at > ?)"


class WishKind(StrEnum):
    SUBSCRIBE = "subscribe"
    CONFIRM = "confirm"
    CHOOSE = "choose"
    MOVE = "move"
    LEAVE = "leave"
    FAULTY = "faulty"
    """What no door of ours has written. Whoever broke into one writes whatever the database takes."""


class LeadsTo(StrEnum):
    """What a token is good for: to confirm an address, or to choose and leave."""

    CONFIRMATION = "confirmation"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Way:
    """What a token leads to: these choices, a confirmation that is valid `until` (aware); `over` once that was
    confirmed, or the reader has left."""

    leads_to: LeadsTo
    choices: Choices
    until: datetime | None
    over: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """`way` is the hash of the token by which it is asked. No wish is printed: it names somebody."""

    kind: WishKind
    at: datetime
    way: str | None = None
    address: str | None = field(default=None, repr=False)
    choices: Choices = field(default_factory=Choices)
    id: int = 0


def add(database: Database, wish: Wish, network: str | None = None) -> None:
    """Durable once it returns. With a `network` it counts against its pace. Raises Unavailable("too-many-wishes")."""
    choices, at = wish.choices, written(wish.at)
    until = written(choices.paused_until) if choices.paused_until else None
    since = written(wish.at - PACE_OVER)
    values = (
        *(wish.kind, at, wish.way, wish.address, choices.language, _kept(choices.systems), _kept(choices.areas), until),
        *(network, network, network, since, MOST_FROM_ONE_NETWORK, since, MOST_IN_ALL),
    )
    if not database.connection().execute(ADD, values).rowcount:
        raise Unavailable("too-many-wishes")


def way(database: Database, hashed: str) -> Way | None:
    """What the token with this hash leads to; None for one that was never given, or has died."""
    statement = LEADS_TO_ON_POSTGRESQL if database.backend.name == "postgresql" else LEADS_TO
    row = database.connection().execute(statement, (hashed,)).fetchone()
    if row is None:
        return None
    leads, language, systems, areas, paused_until, until, over = row
    return Way(LeadsTo(leads), _choices(language, systems, areas, paused_until), _moment(until), bool(over))


def waiting(connection: Connection, now: datetime) -> list[Wish]:
    """What is to be carried out, in the order in which it was asked for, what needs a letter last. `now` is aware."""
    rows = connection.execute(WAITING, _due(now)).fetchall()
    return [_read(now, *row) for row in rows]


def any_by_letter(connection: Connection) -> bool:
    """Whether anything that needs a letter is not done, put off or not."""
    return connection.execute(LETTER_WAITS).fetchone() is not None


def _read(now: datetime, id_: int, kind: str, at: str, way: str | None, address: str | None, *chosen: Any) -> Wish:
    """The wish as it was left, or a faulty one."""
    try:
        asked_at = min(datetime.fromisoformat(at), now)  # a clock that was ahead loses nobody's wish
        if address is not None or kind in (WishKind.SUBSCRIBE, WishKind.MOVE):
            refuse_personal_data({"address": address or ""}, now)
            if kept_form(address or "") != address:
                raise ValueError(kind)
        return Wish(WishKind(kind), asked_at, way, address, _choices(*chosen), id_)
    except (Refusal, ValueError, TypeError, RecursionError):
        return Wish(WishKind.FAULTY, now, id=id_)


def done(connection: Connection, wish: Wish, now: datetime) -> None:
    connection.execute(DONE, (written(now), wish.id))


def take(connection: Connection, wish: Wish, now: datetime, until: datetime) -> bool:
    """Have it to oneself until then; False where another worker has it, or has done it. Both are aware."""
    return connection.execute(TAKE, (written(until), wish.id, *_due(now))).rowcount == 1


def put_off(connection: Connection, wish: Wish, until: datetime) -> None:
    """Not looked at again before then (aware)."""
    connection.execute(PUT_OFF, (written(until), wish.id))


def _due(now: datetime) -> tuple[str, str]:
    return written(now), written(now + FAR_AHEAD)


def forget(connection: Connection, now: datetime) -> None:
    """What does not count any more, nor could ever have."""
    connection.execute(FORGET, (written(now - PACE_OVER), written(now + PACE_OVER)))


def _choices(language: str | None, systems: str | None, areas: str | None, paused_until: str | None) -> Choices:
    """Raises ValueError or TypeError for what can't be chosen."""
    if language not in (None, "sv", "en"):
        raise ValueError(language)
    return Choices(
        language or "sv",
        tuple(map(System, json.loads(systems or "[]"))),
        tuple(map(Area, json.loads(areas or "[]"))),
        _moment(paused_until),
    )


def _kept(chosen: tuple[str, ...]) -> str:
    return json.dumps(list(chosen))


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment
