"""The tree over the facts, and the checkpoints that were signed of it. A log that is there gets its tree here."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TAKEN_AT_ONCE = 5_000


def upgrade() -> None:
    tree = op.create_table(
        "tree",
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
    )
    leaves = op.create_table(
        "leaves",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    connection = op.get_bind()
    facts = sa.table("facts", sa.column("position"), sa.column("bytes"))
    in_order = sa.select(facts.c.position, facts.c.bytes).order_by(facts.c.position).limit(TAKEN_AT_ONCE)
    size, subtrees = 0, list[bytes]()
    while found := connection.execute(in_order.where(facts.c.position > size)).all():
        hashes = [_leaf(stored) for expected, (position, stored) in enumerate(found, size + 1) if position == expected]
        if hashes:
            rows = [{"position": position, "hash": leaf} for position, leaf in enumerate(hashes, size + 1)]
            connection.execute(sa.insert(leaves), rows)
        for leaf in hashes:
            _append(subtrees, size, leaf)
            size += 1
        if len(hashes) < len(found):
            break  # what follows a gap is no leaf of this tree
    if size:
        connection.execute(sa.insert(tree).values(size=size, frontier=b"".join(subtrees)))


def _leaf(stored: bytes) -> bytes:
    return sha256(b"\x00" + bytes(stored)).digest()


def _append(subtrees: list[bytes], size: int, node: bytes) -> None:
    """Append a leaf to a tree of this size (RFC 9162), of which the largest whole subtrees are kept, left to right."""
    while size & 1:
        node = sha256(b"\x01" + subtrees.pop() + node).digest()
        size >>= 1
    subtrees.append(node)
