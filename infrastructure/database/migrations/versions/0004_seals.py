"""A seal on each row of the registers and the ledger, and how many rows there are. Old rows get theirs here."""

import struct
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SOME = 1000

COLUMNS = {
    "staff": "id login roles added_at",
    "subscribers": "id address audience systems areas language state added_at after_position:number welcomed:truth "
    "score:float scored_at bounced:truth",
    "deliveries": "id:number position:number incident entry:number fact subscriber audience summary:truth state "
    "queued_at next_try_at worker message_id sent_at turn:number tries:number unclear:truth carrier:number "
    "replaced_by:number reason fault dated",
    "attempts": "id:number delivery:number at state code:number reply enhanced",
}
"""What is sealed, in this order; what says nothing else is text."""

WRITTEN = {
    "text": "coalesce(length({0}) || ':' || {0}, '-')",
    "number": "coalesce('i' || {0} || ';', '-')",
    "truth": "CASE WHEN {0} THEN 'i1;' WHEN NOT {0} THEN 'i0;' ELSE '-' END",
    "float": "coalesce('f' || encode(float8send({0} + 0), 'hex'), '-')",
}
"""How PostgreSQL writes a value as `_seal` does."""

# The rows of our own connections alone: the others have not asked for it. A row that is not as it was sealed before it
# is changed loses its seal.
ON_POSTGRESQL = """
UPDATE {table} SET seal = {stored};
CREATE FUNCTION seals_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seal IS DISTINCT FROM {old} THEN
        NEW.seal := NULL;
    ELSE
        NEW.seal := {new};
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seals_{table} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW
WHEN (current_setting('reservrutin.seals', true) = 'on') EXECUTE FUNCTION seals_{table}();
CREATE TRIGGER seals_counted AFTER INSERT ON {table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT
WHEN (current_setting('reservrutin.seals', true) = 'on') EXECUTE FUNCTION seals_counted();
"""
# A row that is written once for every statement is slower each time within one transaction. So the transaction keeps
# its own number, and the first statement brings about that it is added once, at the commit.
COUNTED = """
CREATE FUNCTION seals_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text := 'reservrutin.added_' || TG_TABLE_NAME;
    before text := coalesce(current_setting(kept, true), '');
BEGIN
    IF before = '' THEN
        UPDATE registers SET rows = rows WHERE name = TG_TABLE_NAME;
        before := '0';
    END IF;
    PERFORM set_config(kept, (before::bigint + (SELECT count(*) FROM added))::text, true);
    RETURN NULL;
END $$;
CREATE FUNCTION seals_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text := 'reservrutin.added_' || NEW.name;
    added text := coalesce(current_setting(kept, true), '');
BEGIN
    IF added <> '' THEN
        PERFORM set_config(kept, '', true);
        UPDATE registers SET rows = rows + added::integer WHERE name = NEW.name;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER seals_added AFTER UPDATE ON registers DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION seals_added();
"""
# Nobody's temporary table of that name is written in the place of ours.
PINNED = """
DO $$ BEGIN
    EXECUTE 'ALTER FUNCTION seals_counted() SET search_path = ' || quote_ident(current_schema()) || ', pg_temp';
    EXECUTE 'ALTER FUNCTION seals_added() SET search_path = ' || quote_ident(current_schema()) || ', pg_temp';
END $$
"""


def upgrade() -> None:
    connection = op.get_bind()
    on_postgresql = connection.dialect.name == "postgresql"
    registers = op.create_table(
        "registers", sa.Column("name", TEXT, primary_key=True), sa.Column("rows", sa.Integer, nullable=False)
    )
    if on_postgresql:
        connection.exec_driver_sql(COUNTED)
        connection.exec_driver_sql(PINNED)
    for table in (*COLUMNS, "checkpoints"):
        count = connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one()
        connection.execute(sa.insert(registers).values(name=table, rows=count))
    for table, columns in COLUMNS.items():
        op.add_column(table, sa.Column("seal", sa.LargeBinary))
        if on_postgresql:
            sealed = {row: _sealed(table, columns, f"{row}." if row else "") for row in ("", "OLD", "NEW")}
            statement = ON_POSTGRESQL.format(table=table, stored=sealed[""], old=sealed["OLD"], new=sealed["NEW"])
            connection.exec_driver_sql(statement)
        else:
            driver = connection.connection.driver_connection
            _seal_rows(driver, table, [column.partition(":")[0] for column in columns.split()])


def _sealed(table: str, columns: str, row: str) -> str:
    """PostgreSQL's words for the seal of a row."""
    written = [f"'{table}'"]
    for column in columns.split():
        name, _, kind = column.partition(":")
        written.append(WRITTEN[kind or "text"].format(row + name))
    return f"sha256(convert_to({' || '.join(written)}, 'UTF8'))"


def _seal(table: str, values: list[Any]) -> bytes:
    """The seal of a row, as a program of this schema makes it."""
    return sha256((table + "".join(map(_written, values))).encode(errors="surrogateescape")).digest()


def _written(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return f"{len(value)}:{value}"
    if isinstance(value, float):
        return f"f{struct.pack('>d', value + 0.0).hex()}"
    if isinstance(value, bytes):
        return f"b{len(value)}:{value.hex()}"
    return f"i{int(value)};"


def _seal_rows(driver: Any, table: str, columns: list[str]) -> None:
    """Every row of a SQLite table, also one with a text that is none."""
    usual, driver.text_factory = driver.text_factory, lambda stored: stored.decode(errors="surrogateescape")
    after = -(1 << 63)
    wanted = f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {SOME}"
    while rows := driver.execute(wanted, (after,)).fetchall():
        sealed = [(_seal(table, values), rowid) for rowid, *values in rows]
        driver.executemany(f"UPDATE {table} SET seal = ? WHERE rowid = ?", sealed)
        after = rows[-1][0]
    driver.text_factory = usual
