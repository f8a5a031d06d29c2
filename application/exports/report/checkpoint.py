"""The newest signed checkpoint of the log, where the log has any."""

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infrastructure.database.database import Database


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many facts it is about, the root of their tree in base64, and the whole signed note."""

    size: int
    root: str
    note: str


def newest_checkpoint(database: "Database") -> Checkpoint | None:
    """None where the log keeps no checkpoints, or has made none yet."""
    from sqlalchemy import MetaData, Table, inspect, select

    with database.engine.connect().execution_options(reading=True) as connection:
        if not inspect(connection).has_table("checkpoints"):
            return None
        table = Table("checkpoints", MetaData(), autoload_with=connection)
        row = connection.execute(select(table).order_by(table.c.size.desc()).limit(1)).mappings().first()
    if row is None:
        return None
    root = row["root"]
    return Checkpoint(row["size"], b64encode(root).decode() if isinstance(root, bytes) else str(root), str(row["note"]))
