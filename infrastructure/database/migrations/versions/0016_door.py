"""The subscriber's door: what is wished for there, letters that wait for an answer, and pauses that end.

Who stands at the door on PostgreSQL may add wishes and ask what one token leads to, and reads nothing else.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(sa.Text(collation="C"), "postgresql")

ON_POSTGRESQL = """
CREATE FUNCTION wishes_are_heard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('reservrutin_facts', '');
    RETURN NULL;
END $$;
CREATE TRIGGER wishes_are_heard AFTER INSERT ON wishes FOR EACH STATEMENT EXECUTE FUNCTION wishes_are_heard();
CREATE FUNCTION leads_to(way text) RETURNS TABLE (
    leads text, language text, systems text, areas text, paused_until text, until text, over boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT 'confirmation', c.language, c.systems, c.areas, NULL, c.until,
        c.confirmed_at IS NOT NULL
        OR EXISTS (SELECT 1 FROM wishes w WHERE w.way = c.id AND w.kind = 'confirm' AND w.done_at IS NULL)
    FROM confirmations c WHERE c.id = leads_to.way
    UNION ALL
    SELECT 'reader', coalesce(w.language, s.language), coalesce(w.systems, s.systems), coalesce(w.areas, s.areas),
        CASE WHEN w.id IS NULL THEN p.until ELSE w.paused_until END, NULL,
        s.address IS NULL OR EXISTS (
            SELECT 1 FROM wishes l JOIN ways_out o ON o.id = l.way
            WHERE l.kind = 'leave' AND l.done_at IS NULL AND o.subscriber = s.id
        )
    FROM ways_out t JOIN subscribers s ON s.id = t.subscriber LEFT JOIN pauses p ON p.subscriber = s.id
    LEFT JOIN wishes w ON w.id = (
        SELECT max(id) FROM wishes WHERE way = leads_to.way AND kind = 'choose' AND done_at IS NULL
    )
    WHERE t.id = leads_to.way
$$;
REVOKE ALL ON FUNCTION leads_to(text) FROM PUBLIC;
"""


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("way", TEXT),
        sa.Column("address", TEXT),
        sa.Column("language", TEXT),
        sa.Column("systems", JSON),
        sa.Column("areas", JSON),
        sa.Column("paused_until", TEXT),
        sa.Column("network", TEXT),
        sa.Column("again_at", TEXT),
        sa.Column("done_at", TEXT),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("done_at IS NULL")
    op.create_index("wishes_waiting", "wishes", ["id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("wishes_by_way", "wishes", ["kind", "way"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("wishes_by_network", "wishes", ["network", "at"])
    op.create_table(
        "confirmations",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("systems", JSON, nullable=False),
        sa.Column("areas", JSON, nullable=False),
        sa.Column("mailed_at", TEXT, nullable=False),
        sa.Column("until", TEXT, nullable=False),
        sa.Column("moves", TEXT, sa.ForeignKey("subscribers.id")),
        sa.Column("subscriber", TEXT, sa.ForeignKey("subscribers.id")),
        sa.Column("confirmed_at", TEXT),
    )
    op.create_index("confirmations_by_address", "confirmations", ["address"])
    op.create_table(
        "pauses",
        sa.Column("subscriber", TEXT, sa.ForeignKey("subscribers.id"), primary_key=True),
        sa.Column("until", TEXT, nullable=False),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        connection.exec_driver_sql(ON_POSTGRESQL.format(schema=schema))
