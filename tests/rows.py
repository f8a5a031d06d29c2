"""A log's tables: all that stands in them, and how to break them."""

from infrastructure.database.backend import POSTGRESQL
from infrastructure.database.database import Database
from infrastructure.database.tables import metadata


def everything(database: Database) -> str:
    """Every value of every row of every table."""
    connection = database.connection()
    return "\n".join(
        repr(row) for table in metadata.sorted_tables for row in connection.execute(f"SELECT * FROM {table.name}")
    )


def take_the_rules_away(database: Database) -> None:
    """From now on facts can be changed, as nobody but the owner of the log could have it."""
    connection = database.connection()
    if database.url.startswith(POSTGRESQL):
        connection.execute("DROP TRIGGER facts_are_never_changed ON facts")
        return
    for what in ("changed", "removed", "replaced"):
        connection.execute(f"DROP TRIGGER facts_are_never_{what}")


def refuse_writes(database: Database, table: str) -> None:
    """From now on nothing can be written into this table."""
    connection = database.connection()
    if database.url.startswith(POSTGRESQL):
        connection.execute(
            "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stuck'; END $$; "
            f"CREATE TRIGGER stuck BEFORE UPDATE OR INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION stuck()"
        )
        return
    for what in ("UPDATE", "INSERT"):
        connection.execute(
            f"CREATE TRIGGER stuck_{what} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'stuck'); END"
        )
