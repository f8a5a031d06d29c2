"""How much mail is waiting. On the driver alone, because the board shows it."""

from dataclasses import dataclass

from infrastructure.database.database import Database


@dataclass(frozen=True, slots=True)
class Waiting:
    """Mail that has not been accepted: planned deliveries and since when, facts nobody has planned for, refusals,
    how many of them as a matter of the mail server's policy, and how many subscribers are suspended."""

    deliveries: int
    since: str | None
    facts: int
    refused: int = 0
    policy: int = 0
    suspended: int = 0


UNPLANNED = """
SELECT count(*) FROM facts
WHERE position > coalesce((SELECT position FROM tracking WHERE projection = 'outbox'), 0)
AND position > (SELECT coalesce(min(after_position), 2147483647) FROM subscribers WHERE state = 'active')
"""
"""Two bounds on the position and no look at each fact: a log that nobody follows costs the board nothing."""

REFUSED = """
SELECT count(*), count(CASE WHEN fault = 'policy' THEN 1 END) FROM deliveries
WHERE state = 'refused' AND incident IN (SELECT number FROM incidents WHERE open)
"""

SUSPENDED = "SELECT count(*) FROM subscribers WHERE state = 'suspended'"


def waiting(database: Database) -> Waiting:
    """What is waiting now, whatever it waits for: the mail server, its next try, or a worker."""
    connection = database.connection()
    count, since = connection.execute(
        "SELECT count(*), min(queued_at) FROM deliveries WHERE next_try_at IS NOT NULL"
    ).fetchone()  # fmt: skip
    [unplanned] = connection.execute(UNPLANNED).fetchone()
    refused, policy = connection.execute(REFUSED).fetchone()
    [suspended] = connection.execute(SUSPENDED).fetchone()
    return Waiting(count, since, unplanned, refused, policy, suspended)
