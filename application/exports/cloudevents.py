"""CloudEvents 1.0, one JSON event a line, in the order of the log.

`data` is the fact's stored bytes, unchanged: what a proof of the log hashes can be hashed from the export.
The two clocks are `time` (when it happened) and the extension `recordedtime` (when it was written down).
"""

import json
from collections.abc import Iterator

from application.exports.columns import event_id
from infrastructure.log.pages import Source, Stored

PASSES = 1
"""How often the log is read through."""


def export(source: Source) -> Iterator[bytes]:
    for stored in source.stored():
        yield _event(stored, source.origin)


def _event(stored: Stored, origin: str) -> bytes:
    envelope = json.loads(stored.bytes)
    attributes = {
        "specversion": "1.0",
        "id": event_id(stored.incident, stored.entry),
        "source": origin,
        "type": f"se.reservrutin.{envelope['fact']}.v{envelope['version']}",
        "subject": stored.incident,
        "time": envelope["occurred_at"],
        "recordedtime": envelope["recorded_at"],
        "sequence": f"{stored.position:020d}",
        "datacontenttype": "application/json",
    }
    head = json.dumps(attributes, ensure_ascii=False, separators=(",", ":")).encode()
    return head[:-1] + b',"data":' + stored.bytes + b"}\n"
