"""The log, its read models and its registers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# On PostgreSQL texts are compared as bytes, and JSON is kept as the text it was written as.
BYTES = sa.Text(collation="C")
TEXT = sa.Text().with_variant(BYTES, "postgresql")
DOCUMENT = sa.JSON().with_variant(BYTES, "postgresql")

REFUSALS = {
    "changed": "BEFORE UPDATE ON facts",
    "removed": "BEFORE DELETE ON facts",
    # INSERT OR REPLACE removes without a DELETE trigger unless the connection asks for it, so it is refused here.
    "replaced": """BEFORE INSERT ON facts WHEN
        EXISTS (SELECT 1 FROM facts WHERE position = NEW.position)
        OR EXISTS (SELECT 1 FROM facts WHERE incident = NEW.incident AND entry = NEW.entry)
        OR EXISTS (SELECT 1 FROM facts WHERE command_id = NEW.command_id)""",
}

# Whoever appends waits for those before, and gets the next position only then: positions are commit order and have no
# gaps. A position may be brought along (a log that is moved), and then has to be that very one. The refusals hold for
# the owner too, and for a replica's apply process.
ON_POSTGRESQL = (
    """
CREATE FUNCTION facts_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE following integer;
BEGIN
    PERFORM pg_advisory_xact_lock(7281001);
    SELECT coalesce(max(position), 0) + 1 INTO following FROM facts;
    IF NEW.position IS NOT NULL AND NEW.position <> following THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'the next position is ' || following;
    END IF;
    NEW.position := following;
    PERFORM pg_notify('reservrutin_facts', '');
    RETURN NEW;
END $$""",
    """
CREATE FUNCTION facts_are_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE integrity_constraint_violation USING MESSAGE = 'facts are never changed or removed';
END $$""",
    # Nobody's temporary table of that name is taken for the log.
    """
DO $$ BEGIN
    EXECUTE 'ALTER FUNCTION facts_in_order() SET search_path = ' || quote_ident(current_schema()) || ', pg_temp';
END $$""",
    "CREATE TRIGGER facts_in_order BEFORE INSERT ON facts FOR EACH ROW EXECUTE FUNCTION facts_in_order()",
    """
CREATE TRIGGER facts_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON facts
FOR EACH STATEMENT EXECUTE FUNCTION facts_are_never_changed()""",
    "ALTER TABLE facts ENABLE ALWAYS TRIGGER facts_in_order",
    "ALTER TABLE facts ENABLE ALWAYS TRIGGER facts_are_never_changed",
)


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "facts",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=not on_postgresql),
        sa.Column("incident", TEXT, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("fact", TEXT, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.Column("command_id", TEXT, unique=True),
        sa.UniqueConstraint("incident", "entry"),
        sqlite_autoincrement=True,
    )
    if on_postgresql:
        for statement in ON_POSTGRESQL:
            op.get_bind().exec_driver_sql(statement)
    else:
        for what, when in REFUSALS.items():
            refusal = f"BEGIN SELECT RAISE(ABORT, 'facts are never {what}'); END"
            op.execute(f"CREATE TRIGGER facts_are_never_{what} {when} {refusal}")
    op.create_table(
        "tracking",
        sa.Column("projection", TEXT, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("problem", TEXT),
    )
    op.create_table(
        "incidents",
        sa.Column("number", TEXT, primary_key=True),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("systems", DOCUMENT, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_index(
        "open_incidents", "incidents", ["number"], sqlite_where=sa.text("open"), postgresql_where=sa.text("open")
    )
    op.create_table(
        "staff",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("login", TEXT, unique=True),
        sa.Column("roles", DOCUMENT, nullable=False),
        sa.Column("added_at", TEXT, nullable=False),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("address", TEXT),
        sa.Column("audience", TEXT, nullable=False),
        sa.Column("systems", DOCUMENT, nullable=False),
        sa.Column("areas", DOCUMENT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("added_at", TEXT, nullable=False),
        sa.Column("after_position", sa.Integer, nullable=False),
        sa.Column("welcomed", sa.Boolean, nullable=False),
        sa.UniqueConstraint("address", "audience"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("incident", TEXT, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("fact", TEXT, nullable=False),
        sa.Column("subscriber", TEXT, sa.ForeignKey("subscribers.id"), nullable=False),
        sa.Column("audience", TEXT, nullable=False),
        sa.Column("summary", sa.Boolean, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("queued_at", TEXT, nullable=False),
        sa.Column("next_try_at", TEXT),
        sa.Column("worker", TEXT),
        sa.Column("message_id", TEXT),
        sa.Column("sent_at", TEXT),
        sa.UniqueConstraint("position", "subscriber"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("next_try_at IS NOT NULL")
    op.create_index("deliveries_waiting", "deliveries", ["next_try_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("deliveries_of_incident", "deliveries", ["incident", "entry"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("delivery", sa.Integer, sa.ForeignKey("deliveries.id"), nullable=False, index=True),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("code", sa.Integer),
        sa.Column("reply", TEXT, nullable=False),
    )
