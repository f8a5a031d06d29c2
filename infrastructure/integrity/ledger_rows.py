"""Whether the ledger of deliveries says what the facts and its own attempts say. Nothing is written."""

from collections.abc import Iterator

from domain.delivery import DeliveryState
from infrastructure.database.backend import Connection
from infrastructure.database.row_checksums import NOT_ENDED
from infrastructure.integrity.problems import Problem

STATES = ", ".join(f"'{state.value}'" for state in DeliveryState)

# `id + 0`: for each delivery a server that knows a table little would look for its largest id from the end of all.
LEDGER = {
    "delivery-of-no-fact": """
        SELECT d.position, d.id FROM deliveries d LEFT JOIN facts f ON f.position = d.position
        WHERE f.position IS NULL OR f.incident <> d.incident OR f.entry <> d.entry
        OR substr(f.fact, 1, length(d.fact) + 1) <> d.fact || ':'""",
    "delivery-of-nobody": """
        SELECT d.position, d.id FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber
        WHERE s.id IS NULL OR s.audience <> d.audience""",
    "delivery-unplanned": """
        SELECT d.position, d.id FROM deliveries d WHERE NOT d.summary
        AND d.position > coalesce((SELECT t.position FROM tracking t WHERE t.projection = 'outbox'), 0)""",
    "delivery-state": f"""
        SELECT d.position, d.id FROM deliveries d WHERE d.state NOT IN ({STATES})
        OR (d.state = 'sent') AND (d.sent_at IS NULL OR d.message_id IS NULL)
        OR d.state IN {NOT_ENDED} AND d.next_try_at IS NULL OR (d.state = 'sending') <> (d.worker IS NOT NULL)
        OR d.state = 'ambiguous' AND NOT d.unclear
        OR d.state <> 'superseded' AND (d.replaced_by IS NOT NULL OR d.reason IS NOT NULL)""",
    "delivery-not-sent": """
        SELECT d.position, d.id FROM deliveries d WHERE d.sent_at IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM attempts a WHERE a.delivery = d.id AND a.state = 'sent' AND a.at = d.sent_at)""",
    "delivery-otherwise-tried": """
        SELECT d.position, d.id FROM deliveries d
        LEFT JOIN attempts a ON a.id = (SELECT max(id + 0) FROM attempts WHERE delivery = d.id)
        WHERE NOT d.unclear AND d.state <> coalesce(a.state, 'queued')
        AND (d.state IN ('sent', 'refused') OR a.state IN ('sent', 'refused'))
        OR d.unclear <> EXISTS (SELECT 1 FROM attempts WHERE delivery = d.id AND state = 'ambiguous')""",
    "delivery-message-id": """
        SELECT d.position, d.id FROM deliveries d LEFT JOIN deliveries c ON c.id = d.carrier
        WHERE d.message_id IS NOT NULL
        AND (substr(d.message_id, 1, length(d.incident) + 2) <> '<' || d.incident || '.'
        OR d.message_id <> coalesce(c.message_id, d.message_id) OR d.sent_at IS NOT NULL AND d.carrier = d.id
        AND replace(d.message_id, '<' || d.incident || '.' || d.entry || '.' || d.subscriber || '@', '') = d.message_id
        OR substr(d.message_id, length(d.message_id), 1) <> '>'
        OR replace(d.message_id, '.' || d.subscriber || '@', '') = d.message_id)""",
    "attempt-of-nothing": f"""
        SELECT d.position, a.id FROM attempts a LEFT JOIN deliveries d ON d.id = a.delivery
        WHERE d.id IS NULL OR a.state NOT IN ({STATES})""",
}
"""What the ledger of deliveries can't say, beside the facts and its own attempts."""


def ledger_problems(connection: Connection) -> Iterator[Problem]:
    """Deliveries that are of no fact, of nobody, or not as their attempts say."""
    for reason, statement in LEDGER.items():
        for position, id_ in connection.execute(statement).fetchall():
            yield Problem(position, reason, {"id": id_})
