"""What others hold against the log: a checkpoint's note, or a mail that carried one."""

import re
from base64 import b64decode
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from domain.checkpoint import Checkpoint, find_note, parse
from domain.merkle import HASH
from domain.refusals import Invalid
from infrastructure.integrity.verifying import Witness
from notifiers.email.message import CHECKPOINT

_HEADER = re.compile(r"\s*(0|[1-9][0-9]{0,17})\s+([A-Za-z0-9+/]{43}=)\s*")


def witness(path: str) -> Witness:
    """What this file saw of the log. Raises Invalid where it holds no checkpoint.

    Of a mail whose footer has come down mangled, the size and root in its header still do.
    """
    try:
        stored = Path(path).read_bytes()
    except OSError as error:
        raise Invalid("witness-file", path=path, problem=error.strerror) from error
    name = Path(path).name
    found = find_note(stored.decode(errors="replace").replace("\r\n", "\n"))
    if found:
        return Witness(name, parse(found)[0], found)
    parts = list(message_from_bytes(stored, policy=policy.default).walk())
    for part in parts:
        if isinstance(part, EmailMessage) and part.get_content_type() == "text/plain":
            found = find_note(str(part.get_content()))
            if found:
                return Witness(name, parse(found)[0], found)
    for part in parts:
        header = _HEADER.fullmatch(str(part.get(CHECKPOINT, "")))
        if header:
            root = b64decode(header[2])
            if len(root) == HASH:
                return Witness(name, Checkpoint("", int(header[1]), root))
    raise Invalid("no-witness", path=path)
