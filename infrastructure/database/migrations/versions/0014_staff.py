"""The register of staff as facts of the log: what stands in the register becomes facts that say it stood there before.

In the migration itself, so that there is no log of this schema whose register the log does not know: whoever verifies
holds one against the other and needs to let nothing pass.
"""

import json
import secrets
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    connection = op.get_bind()
    staff = connection.execute(sa.text("SELECT id, roles, added_at FROM staff ORDER BY added_at, id")).all()
    now = _written(_now(connection))
    for entry, (person, roles, added_at) in enumerate(staff, 1):
        functions = json.loads(roles)
        registered = {"functions": functions, "from_before": True, "person": person}
        fact, said = "staff-registered", registered
        if not functions:
            fact, said = "staff-removed", {"from_before": True, "person": person}
        _append(connection, entry, fact, said, _moment(added_at) if functions else now, now)


def _now(connection: Any) -> datetime:
    """By the log's clock, which is a server's own, once it is our turn among those who append facts."""
    if connection.dialect.name != "postgresql":
        return datetime.now(UTC)
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(7281001)"))
    now: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    return now


def _append(connection: Any, entry: int, fact: str, said: dict[str, Any], occurred_at: str, now: str) -> None:
    command_id = secrets.token_hex(16).translate(str.maketrans("0123456789", "ghijklmnop"))
    envelope = {
        "command_id": command_id, "data": said, "entry": entry, "fact": fact, "incident": "staff",
        "occurred_at": occurred_at, "recorded_as": "clock", "recorded_at": now, "recorded_by": "clock", "version": 1,
    }  # fmt: skip
    stored = json.dumps(envelope, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    insert = sa.text(
        "INSERT INTO facts (incident, entry, fact, bytes, command_id) VALUES ('staff', :entry, :fact, :stored, :id) "
        "RETURNING position"
    )
    values = {"entry": entry, "fact": f"{fact}:1", "stored": stored, "id": command_id}
    position: int = connection.execute(insert, values).scalar_one()
    _grow(connection, position, sha256(b"\x00" + stored).digest())


def _grow(connection: Any, position: int, leaf: bytes) -> None:
    """Append the leaf (RFC 9162), unless the tree does not reach up to it."""
    size, kept = connection.execute(sa.text("SELECT size, frontier FROM tree")).first() or (0, b"")
    if size != position - 1:
        return
    connection.execute(sa.text("INSERT INTO leaves VALUES (:position, :leaf)"), {"position": position, "leaf": leaf})
    subtrees = [bytes(kept)[place : place + 32] for place in range(0, len(kept), 32)]
    node, left = leaf, size
    while left & 1:
        node = sha256(b"\x01" + subtrees.pop() + node).digest()
        left >>= 1
    values = {"size": size + 1, "frontier": b"".join([*subtrees, node])}
    connection.execute(sa.text("DELETE FROM tree"))
    connection.execute(sa.text("INSERT INTO tree (size, frontier) VALUES (:size, :frontier)"), values)


def _moment(added_at: str) -> str:
    return _written(datetime.fromisoformat(added_at))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
