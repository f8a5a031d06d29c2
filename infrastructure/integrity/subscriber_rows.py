"""Whether the register of subscribers is as its facts left it. Nothing is written.

Who was registered before there were such facts is held against those that have come since.
"""

from collections.abc import Iterator

from domain.facts import SubscriberChanged
from domain.vocabulary import Stream, SubscriberChange
from infrastructure.database.backend import Connection
from infrastructure.integrity.problems import Problem
from infrastructure.log.histories import readable
from infrastructure.registers.subscribers import SubscriberState

ROWS = "SELECT id, audience, state FROM subscribers ORDER BY id"

LEAVES = {
    SubscriberChange.ADDED: SubscriberState.ACTIVE,
    SubscriberChange.SUBSCRIBED: SubscriberState.ACTIVE,
    SubscriberChange.RESUMED: SubscriberState.ACTIVE,
    SubscriberChange.PAUSED: SubscriberState.PAUSED,
    SubscriberChange.REMOVED: SubscriberState.PAUSED,
    SubscriberChange.LEFT: SubscriberState.PAUSED,
    SubscriberChange.MOVED: SubscriberState.PAUSED,
    SubscriberChange.SUSPENDED: SubscriberState.SUSPENDED,
}
"""In which state a change leaves its subscriber; what they choose leaves it as it was."""


def subscriber_problems(connection: Connection) -> Iterator[Problem]:
    """Whoever is told as another audience than the log says, or is paused or told without its saying so, or gone."""
    audiences, states = dict[str, str](), dict[str, str]()
    for fact in (recorded.fact for recorded in readable(connection, Stream.SUBSCRIBERS)):
        if not isinstance(fact, SubscriberChanged):
            continue
        if fact.change in LEAVES:
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
