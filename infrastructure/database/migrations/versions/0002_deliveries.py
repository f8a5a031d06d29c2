"""Each delivery a row with a life: its turn, its tries, its lease, what it went with and what replaced it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

WAITING = "next_try_at IS NOT NULL"


def upgrade() -> None:
    for column in (
        sa.Column("turn", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("tries", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("unclear", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("carrier", sa.Integer),
        sa.Column("replaced_by", sa.Integer),
        sa.Column("reason", TEXT),
        sa.Column("fault", TEXT),
        sa.Column("dated", TEXT),
    ):
        op.add_column("deliveries", column)
    for column in (
        sa.Column("score", sa.Float, nullable=False, server_default=sa.text("0")),
        sa.Column("scored_at", TEXT),
        sa.Column("bounced", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("subscribers", column)
    op.add_column("attempts", sa.Column("enhanced", TEXT, nullable=False, server_default=sa.text("''")))

    # What the rows that are there mean in the new terms; their words and times stay as they are.
    at_once = "('reserve-routine-activated', 'service-restored')"
    op.execute(f"UPDATE deliveries SET turn = 0 WHERE fact IN {at_once} AND NOT summary")
    op.execute("UPDATE deliveries SET tries = (SELECT count(*) FROM attempts WHERE delivery = deliveries.id)")
    unclear = "SELECT 1 FROM attempts WHERE delivery = deliveries.id AND state = 'ambiguous'"
    op.execute(f"UPDATE deliveries SET unclear = true WHERE state = 'ambiguous' OR EXISTS ({unclear})")
    # One that was paused got its address struck at sending; now it has a reason of its own.
    op.execute("UPDATE deliveries SET reason = 'left' WHERE state = 'superseded'")

    op.drop_index("deliveries_waiting", "deliveries")
    for name, where, columns in (
        ("deliveries_in_turn", WAITING, ["turn", "position", "id", "next_try_at"]),
        ("deliveries_in_hand", "worker IS NOT NULL", ["subscriber", "incident", "worker"]),
        ("mails_of_subscriber", "sent_at IS NOT NULL", ["subscriber", "sent_at"]),
        ("deliveries_refused", "state = 'refused'", ["incident", "fault"]),
    ):
        op.create_index(name, "deliveries", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("deliveries_of_thread", "deliveries", ["subscriber", "incident"])
    op.create_index("deliveries_by_message", "deliveries", ["message_id"])
