"""A delivery that has not ended has a checksum of what never changes of it. Those of all others stay as they are.

One whose checksum did not hold before gets none.
"""

import struct
from hashlib import sha256
from typing import Any

from alembic import op

revision = "0019"
down_revision = "0018"

SOME = 1000
NOT_ENDED = "('queued', 'sending', 'deferred', 'ambiguous')"
PLANNED = "id:number position:number incident entry:number fact subscriber audience summary:truth queued_at channel"
WHOLE = (
    "id:number position:number incident entry:number fact subscriber audience summary:truth state queued_at "
    "next_try_at worker message_id sent_at turn:number tries:number unclear:truth carrier:number replaced_by:number "
    "reason fault dated channel"
)
"""What a checksum is of, in this order; what says nothing else is text. Until now it was of all of it for every row."""

WRITTEN = {
    "text": "coalesce(length({0}) || ':' || {0}, '-')",
    "number": "coalesce('i' || {0} || ';', '-')",
    "truth": "CASE WHEN {0} THEN 'i1;' WHEN NOT {0} THEN 'i0;' ELSE '-' END",
}
"""How PostgreSQL writes a value as `_checksum` does."""

ON_POSTGRESQL = """
UPDATE deliveries SET seal = CASE WHEN seal = {before} THEN {now} END WHERE state IN {not_ended};
CREATE OR REPLACE FUNCTION seals_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seal IS DISTINCT FROM {old} THEN
        NEW.seal := NULL;
    ELSE
        NEW.seal := {new};
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER seals_deliveries ON deliveries;
CREATE TRIGGER seals_deliveries BEFORE INSERT ON deliveries FOR EACH ROW
WHEN (current_setting('reservrutin.seals', true) = 'on') EXECUTE FUNCTION seals_deliveries();
CREATE TRIGGER seals_deliveries_changed BEFORE UPDATE ON deliveries FOR EACH ROW
WHEN (NOT (OLD.state IN {not_ended} AND NEW.state IN {not_ended}) AND current_setting('reservrutin.seals', true) = 'on')
EXECUTE FUNCTION seals_deliveries();
"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        statement = ON_POSTGRESQL.format(
            not_ended=NOT_ENDED,
            before=_in_sql(WHOLE),
            now=_in_sql(PLANNED),
            old=_of_row("OLD."),
            new=_of_row("NEW."),
        )
        connection.exec_driver_sql(statement)
    else:
        _made_anew(connection.connection.driver_connection)


def _of_row(row: str) -> str:
    return f"(CASE WHEN {row}state IN {NOT_ENDED} THEN {_in_sql(PLANNED, row)} ELSE {_in_sql(WHOLE, row)} END)"


def _in_sql(columns: str, row: str = "") -> str:
    """PostgreSQL's words for the checksum of a row."""
    written = ["'deliveries'"]
    for column in columns.split():
        name, _, kind = column.partition(":")
        written.append(WRITTEN[kind or "text"].format(row + name))
    return f"sha256(convert_to({' || '.join(written)}, 'UTF8'))"


def _checksum(values: list[Any]) -> bytes:
    """The checksum of a row, as a program of this schema makes it."""
    return sha256(("deliveries" + "".join(map(_written, values))).encode(errors="surrogateescape")).digest()


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


def _made_anew(driver: Any) -> None:
    """Every row of a SQLite table that has not ended, also one with a text that is none."""
    usual, driver.text_factory = driver.text_factory, lambda stored: stored.decode(errors="surrogateescape")
    after = -(1 << 63)
    whole, planned = ([column.partition(":")[0] for column in columns.split()] for columns in (WHOLE, PLANNED))
    places = [whole.index(column) for column in planned]
    wanted = f"SELECT rowid, seal, {', '.join(whole)} FROM deliveries WHERE rowid > ? AND state IN {NOT_ENDED} \
ORDER BY rowid LIMIT {SOME}"
    while rows := driver.execute(wanted, (after,)).fetchall():
        new = [
            (_checksum([values[place] for place in places]) if seal == _checksum(values) else None, rowid)
            for rowid, seal, *values in rows
        ]
        driver.executemany("UPDATE deliveries SET seal = ? WHERE rowid = ?", new)
        after = rows[-1][0]
    driver.text_factory = usual
