"""The tree over the facts, and the checkpoints that were signed of it. A log that is there gets its tree here."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from infrastructure.log.tree import TAKEN_AT_ONCE, planted

revision = "0003"
down_revision = "0002"


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

    def read(after: int) -> list[Any]:
        wanted = sa.select(facts.c.position, facts.c.bytes).where(facts.c.position > after)
        return list(connection.execute(wanted.order_by(facts.c.position).limit(TAKEN_AT_ONCE)))

    def add(rows: list[dict[str, Any]]) -> None:
        if rows:
            connection.execute(sa.insert(leaves), rows)

    whole = planted(read, add)
    if whole.size:
        connection.execute(sa.insert(tree).values(size=whole.size, frontier=bytes(whole)))
