"""The ways out that stand in mails, each as the hash of its token. The rows have checksums."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

CHECKSUM = (
    "sha256(convert_to('ways_out' || length({row}.id) || ':' || {row}.id || length({row}.subscriber) || ':' || "
    "{row}.subscriber || length({row}.made_at) || ':' || {row}.made_at, 'UTF8'))"
)
"""PostgreSQL's words for the checksum of a row."""

ON_POSTGRESQL = """
CREATE FUNCTION seals_ways_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seal IS DISTINCT FROM {old} THEN
        NEW.seal := NULL;
    ELSE
        NEW.seal := {new};
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seals_ways_out BEFORE INSERT OR UPDATE ON ways_out FOR EACH ROW
WHEN (current_setting('reservrutin.seals', true) = 'on') EXECUTE FUNCTION seals_ways_out();
CREATE TRIGGER seals_counted AFTER INSERT ON ways_out REFERENCING NEW TABLE AS added FOR EACH STATEMENT
WHEN (current_setting('reservrutin.seals', true) = 'on') EXECUTE FUNCTION seals_counted();
"""


def upgrade() -> None:
    connection = op.get_bind()
    op.create_table(
        "ways_out",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("subscriber", TEXT, sa.ForeignKey("subscribers.id"), nullable=False),
        sa.Column("made_at", TEXT, nullable=False),
        sa.Column("seal", sa.LargeBinary),
    )
    connection.execute(sa.text("INSERT INTO registers (name, rows) VALUES ('ways_out', 0)"))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(ON_POSTGRESQL.format(old=CHECKSUM.format(row="OLD"), new=CHECKSUM.format(row="NEW")))
