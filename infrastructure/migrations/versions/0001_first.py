"""The log, its read models and its registers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

REFUSALS = {
    "changed": "BEFORE UPDATE ON facts",
    "removed": "BEFORE DELETE ON facts",
    # INSERT OR REPLACE removes without a DELETE trigger unless the connection asks for it, so it is refused here.
    "replaced": """BEFORE INSERT ON facts WHEN
        EXISTS (SELECT 1 FROM facts WHERE position = NEW.position)
        OR EXISTS (SELECT 1 FROM facts WHERE incident = NEW.incident AND entry = NEW.entry)
        OR EXISTS (SELECT 1 FROM facts WHERE command_id = NEW.command_id)""",
}


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.Column("command_id", sa.Text, unique=True),
        sa.UniqueConstraint("incident", "entry"),
        sqlite_autoincrement=True,
    )
    for what, when in REFUSALS.items():
        refusal = f"BEGIN SELECT RAISE(ABORT, 'facts are never {what}'); END"
        op.execute(f"CREATE TRIGGER facts_are_never_{what} {when} {refusal}")
    op.create_table(
        "tracking",
        sa.Column("projection", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
    )
    op.create_table(
        "incidents",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("systems", sa.JSON, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_index("open_incidents", "incidents", ["number"], sqlite_where=sa.text("open"))
    op.create_table(
        "staff",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("login", sa.Text, unique=True),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("added_at", sa.Text, nullable=False),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("address", sa.Text),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("systems", sa.JSON, nullable=False),
        sa.Column("areas", sa.JSON, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("added_at", sa.Text, nullable=False),
        sa.Column("after_position", sa.Integer, nullable=False),
        sa.Column("welcomed", sa.Boolean, nullable=False),
        sa.UniqueConstraint("address", "audience"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("subscriber", sa.Text, sa.ForeignKey("subscribers.id"), nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("summary", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("queued_at", sa.Text, nullable=False),
        sa.Column("next_try_at", sa.Text),
        sa.Column("worker", sa.Text),
        sa.Column("message_id", sa.Text),
        sa.Column("sent_at", sa.Text),
        sa.UniqueConstraint("position", "subscriber"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "deliveries_waiting", "deliveries", ["next_try_at"], sqlite_where=sa.text("next_try_at IS NOT NULL")
    )
    op.create_index("deliveries_of_incident", "deliveries", ["incident", "entry"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("delivery", sa.Integer, sa.ForeignKey("deliveries.id"), nullable=False, index=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("code", sa.Integer),
        sa.Column("reply", sa.Text, nullable=False),
    )
