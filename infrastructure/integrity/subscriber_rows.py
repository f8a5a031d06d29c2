"""Whether the register of subscribers is as its facts left it. Nothing is written.

Who was registered before there were such facts is held against those that have come since.
"""

from collections.abc import Iterator
from contextlib import suppress

from domain.facts import SubscriberChanged
from domain.vocabulary import SubscriberChange
from infrastructure.database.backend import Connection
from infrastructure.integrity.problems import Problem
from infrastructure.log.codec import decode
from infrastructure.log.tree import as_bytes
from infrastructure.registers.subscribers import SubscriberState

FACTS = "SELECT position, bytes FROM facts WHERE incident = 'subscribers' ORDER BY position"
ROWS = "SELECT id, audience, state FROM subscribers ORDER BY id"

LEAVES = {
    SubscriberChange.ADDED: SubscriberState.ACTIVE,
    SubscriberChange.RESUMED: SubscriberState.ACTIVE,
    SubscriberChange.PAUSED: SubscriberState.PAUSED,
    SubscriberChange.REMOVED: SubscriberState.PAUSED,
    SubscriberChange.LEFT: SubscriberState.PAUSED,
    SubscriberChange.SUSPENDED: SubscriberState.SUSPENDED,
}
"""In which state a change leaves its subscriber."""


def subscriber_problems(connection: Connection) -> Iterator[Problem]:
    """Whoever is told as another audience than the log says, or is paused or told without its saying so, or gone."""
    audiences, states = dict[str, str](), dict[str, str]()
    for fact in _facts(connection):
        states[fact.subscriber] = LEAVES[fact.change].value
        if fact.audience:
            audiences[fact.subscriber] = fact.audience.value
    for subscriber, audience, state in connection.execute(ROWS).fetchall():
        if subscriber not in states:
            continue
        if states.pop(subscriber) != state or audiences.get(subscriber, audience) != audience:
            yield Problem(None, "subscriber-differs", {"subscriber": subscriber})
    for subscriber in states:
        yield Problem(None, "subscriber-missing", {"subscriber": subscriber})


def _facts(connection: Connection) -> Iterator[SubscriberChanged]:
    for position, stored in connection.execute(FACTS).fetchall():
        with suppress(Exception):  # one that can't be read is named where each fact is
            fact = decode(as_bytes(stored), position).fact
            if isinstance(fact, SubscriberChanged):
                yield fact
