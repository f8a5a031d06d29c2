"""Which reports have been read, so that a second one in the same words is another. The rows have checksums."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

CHECKSUM = "sha256(convert_to('reports' || length({row}.id) || ':' || {row}.id, 'UTF8'))"
"""PostgreSQL's words for the checksum of a row."""

ON_POSTGRESQL = """
CREATE FUNCTION seals_reports() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seal IS DISTINCT FROM {old} THEN
        NEW.seal := NULL;
    ELSE
        NEW.seal := {new};
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seals_reports BEFORE INSERT OR UPDATE ON reports FOR EACH ROW
WHEN (current_setting('reservrutin.seals', true) = 'on') EXECUTE FUNCTION seals_reports();
CREATE TRIGGER seals_counted AFTER INSERT ON reports REFERENCING NEW TABLE AS added FOR EACH STATEMENT
WHEN (current_setting('reservrutin.seals', true) = 'on') EXECUTE FUNCTION seals_counted();
"""


def upgrade() -> None:
    connection = op.get_bind()
    op.create_table("reports", sa.Column("id", TEXT, primary_key=True), sa.Column("seal", sa.LargeBinary))
    connection.execute(sa.text("INSERT INTO registers (name, rows) VALUES ('reports', 0)"))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(ON_POSTGRESQL.format(old=CHECKSUM.format(row="OLD"), new=CHECKSUM.format(row="NEW")))
