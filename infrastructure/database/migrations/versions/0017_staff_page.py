"""Whoever only reads the log may ask in which functions one login is registered: staff's page shows each what is theirs
to do. No login is told, and not by which pseudonym one records."""

from alembic import op

revision = "0017"
down_revision = "0016"

ON_POSTGRESQL = """
CREATE FUNCTION functions_of(known text) RETURNS TABLE (roles text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    SELECT s.roles FROM staff s WHERE s.login = functions_of.known
$$;
REVOKE ALL ON FUNCTION functions_of(text) FROM PUBLIC;
"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        connection.exec_driver_sql(ON_POSTGRESQL.format(schema=schema))
