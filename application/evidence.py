"""What proves the log: its keys and what they have signed, and what others hold against it."""

import re
import socket
from base64 import b64decode, b64encode
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from application.settings import Settings
from domain.checkpoint import Checkpoint, VerifierKey, find_note, parse, parse_key
from domain.merkle import HASH
from domain.refusals import Invalid
from infrastructure.integrity import keys as key_files
from infrastructure.integrity.checkpoints import StoredCheckpoint
from infrastructure.integrity.keys import SigningKey
from infrastructure.integrity.verifying import Witness
from notifiers.email.message import CHECKPOINT

_HEADER = re.compile(r"\s*(0|[1-9][0-9]{0,17})\s+([A-Za-z0-9+/]{43}=)\s*")


def signing_key(settings: Settings) -> SigningKey | None:
    """The log's key, None where none is set. Raises Invalid where it can't be read."""
    return key_files.read(settings.signing_key_file) if settings.signing_key_file else None


def key_at_hand(settings: Settings) -> SigningKey | None:
    """The log's key if this person may sign with it."""
    path = settings.signing_key_file
    return signing_key(settings) if path and key_files.is_readable(path) else None


def known_keys(settings: Settings, more: tuple[str, ...] = ()) -> list[VerifierKey]:
    """Every public key that is trusted here: those that are set, those given, and that of the log's own key."""
    known = [*settings.verifier_keys, *map(parse_key, more)]
    if settings.signing_key_file:
        known.append(key_files.public_key(settings.signing_key_file))
    return list(dict.fromkeys(known))


def remembered(settings: Settings) -> Checkpoint | None:
    """The newest checkpoint that the log's own key has signed."""
    note = key_files.last_signed(settings.signing_key_file) if settings.signing_key_file else None
    return parse(note)[0] if note else None


def as_json(kept: StoredCheckpoint) -> dict[str, object]:
    """A checkpoint as every command prints it."""
    return {"size": kept.size, "root": b64encode(kept.root).decode(), "note": kept.note}


def origin(settings: Settings) -> str:
    """The log's name: as it is set, else the archive's address without its scheme, else this machine's name."""
    if settings.log_origin:
        return settings.log_origin
    place = re.sub(r"^[a-z]+://", "", settings.base_url).strip("/")
    return place or f"{socket.gethostname()}/reservrutin"


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
