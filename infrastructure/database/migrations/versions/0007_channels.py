"""By which channel each subscriber is told, and by which each delivery went: until now, all by e-mail.

The checksums of both tables cover the new column. A row whose checksum did not hold before gets none.
"""

import struct
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SOME = 1000

COLUMNS = {
    "subscribers": "id address audience systems areas language state added_at after_position:number welcomed:truth "
    "score:float scored_at bounced:truth",
    "deliveries": "id:number position:number incident entry:number fact subscriber audience summary:truth state "
    "queued_at next_try_at worker message_id sent_at turn:number tries:number unclear:truth carrier:number "
    "replaced_by:number reason fault dated",
}
"""What a checksum was of until now, in this order; what says nothing else is text. The new column comes last."""

WRITTEN = {
    "text": "coalesce(length({0}) || ':' || {0}, '-')",
    "number": "coalesce('i' || {0} || ';', '-')",
    "truth": "CASE WHEN {0} THEN 'i1;' WHEN NOT {0} THEN 'i0;' ELSE '-' END",
    "float": "coalesce('f' || encode(float8send({0} + 0), 'hex'), '-')",
}
"""How PostgreSQL writes a value as `_checksum` does."""

# The triggers that call it stay as they are.
ON_POSTGRESQL = """
UPDATE {table} SET seal = CASE WHEN seal = {before} THEN {now} END;
CREATE OR REPLACE FUNCTION seals_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seal IS DISTINCT FROM {old} THEN
        NEW.seal := NULL;
    ELSE
        NEW.seal := {new};
    END IF;
    RETURN NEW;
END $$;
"""


def upgrade() -> None:
    connection = op.get_bind()
    for table, columns in COLUMNS.items():
        op.add_column(table, sa.Column("channel", TEXT, nullable=False, server_default=sa.text("'email'")))
        if connection.dialect.name == "postgresql":
            with_channel = f"{columns} channel"
            statement = ON_POSTGRESQL.format(
                table=table,
                before=_in_sql(table, columns),
                now=_in_sql(table, with_channel),
                old=_in_sql(table, with_channel, "OLD."),
                new=_in_sql(table, with_channel, "NEW."),
            )
            connection.exec_driver_sql(statement)
        else:
            driver = connection.connection.driver_connection
            _made_anew(driver, table, [column.partition(":")[0] for column in columns.split()])


def _in_sql(table: str, columns: str, row: str = "") -> str:
    """PostgreSQL's words for the checksum of a row."""
    written = [f"'{table}'"]
    for column in columns.split():
        name, _, kind = column.partition(":")
        written.append(WRITTEN[kind or "text"].format(row + name))
    return f"sha256(convert_to({' || '.join(written)}, 'UTF8'))"


def _checksum(table: str, values: list[Any]) -> bytes:
    """The checksum of a row, as a program of this schema makes it."""
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


def _made_anew(driver: Any, table: str, columns: list[str]) -> None:
    """Every row of a SQLite table, also one with a text that is none."""
    usual, driver.text_factory = driver.text_factory, lambda stored: stored.decode(errors="surrogateescape")
    after = -(1 << 63)
    said = ", ".join([*columns, "channel"])
    wanted = f"SELECT rowid, seal, {said} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {SOME}"
    while rows := driver.execute(wanted, (after,)).fetchall():
        new = [
            (_checksum(table, values) if seal == _checksum(table, values[:-1]) else None, rowid)
            for rowid, seal, *values in rows
        ]
        driver.executemany(f"UPDATE {table} SET seal = ? WHERE rowid = ?", new)
        after = rows[-1][0]
    driver.text_factory = usual
