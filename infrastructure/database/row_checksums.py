"""The checksum of a row: what this program wrote in it, so that whoever else changes, adds or removes one is found.

The registers and the ledger are changed by design, so no tree covers them. Instead each row carries the SHA-256 of its
table's name and its other columns, and `registers` says how many rows there are; the program removes none. The
checksums are made for what this program's connections write alone: on SQLite before each commit, of what temporary
triggers have noted (`sqlite_checksums` beside it), on PostgreSQL by triggers that look for SETTING (migrations 0004,
0007, 0011, 0015, 0019). A row whose checksum did not hold before this program wrote to it loses it, so that nothing is
made good in passing.

A delivery gets one when it is planned, of what never changes of it, and one when it has ended, of all: in between it
is claimed, put off and tried again without (docs/decisions/0045).

There is no key in it: somebody who computes it as the program does is not found by it (docs/decisions/0007). Columns,
triggers and the setting keep the name they are stored by: `seal`.
"""

import struct
from collections.abc import Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any

SETTING = "reservrutin.seals"
"""What a connection to PostgreSQL says "on" to, for its rows to get checksums."""

CHECKSUMMED: Mapping[str, tuple[str, ...]] = {
    "staff": ("id", "login", "roles", "added_at"),
    "subscribers": (
        "id", "address", "audience", "systems", "areas", "language", "state", "added_at", "after_position", "welcomed",
        "score", "scored_at", "bounced", "channel",
    ),
    "deliveries": (
        "id", "position", "incident", "entry", "fact", "subscriber", "audience", "summary", "state", "queued_at",
        "next_try_at", "worker", "message_id", "sent_at", "turn", "tries", "unclear", "carrier", "replaced_by",
        "reason", "fault", "dated", "channel",
    ),
    "attempts": ("id", "delivery", "at", "state", "code", "reply", "enhanced"),
    "reports": ("id",),
    "ways_out": ("id", "subscriber", "made_at"),
}  # fmt: skip
"""What each table's checksums are of, in this order. Another column is another checksum: a migration makes them
anew."""

NOT_ENDED = ("queued", "sending", "deferred", "ambiguous")
"""The states of a delivery whose checksum is of PLANNED alone."""

PLANNED = (
    "id", "position", "incident", "entry", "fact", "subscriber", "audience", "summary", "queued_at", "channel",
)  # fmt: skip

_STATE = CHECKSUMMED["deliveries"].index("state")
_of_planned = itemgetter(*map(CHECKSUMMED["deliveries"].index, PLANNED))

COUNTED = (*CHECKSUMMED, "checkpoints")
"""The tables whose rows are counted in `registers`."""

COUNT = "UPDATE registers SET rows = rows + ? WHERE name = ?"


def covered(table: str, values: Sequence[Any]) -> Sequence[Any]:
    """Of a row's columns, as CHECKSUMMED has them, those that its checksum is of."""
    planned: Sequence[Any] = _of_planned(values) if table == "deliveries" and values[_STATE] in NOT_ENDED else values
    return planned


_double = struct.Struct(">d").pack


def marked(value: Any) -> str:
    """A value as a checksum is of it: a text goes after its length, and a value of another kind (SQLite keeps any in
    any column) under another mark, so that no two rows are written alike."""
    if value is None:
        return "-"
    kind = value.__class__
    if kind is str:
        return f"{len(value)}:{value}"
    if kind is float:
        return f"f{_double(value + 0.0).hex()}"  # of the two zeros one
    if kind is bytes:
        return f"b{len(value)}:{value.hex()}"
    return f"i{int(value)};"


def checksum_of(said: str) -> bytes:
    """The checksum of a row of which this is the table's name and the values, each as marked."""
    return sha256(said.encode(errors="surrogateescape")).digest()


def row_checksum(table: str, *values: Any) -> bytes:
    """The checksum of a row with these values."""
    return checksum_of(table + "".join(map(marked, values)))
