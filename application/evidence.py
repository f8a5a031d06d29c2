"""What proves the log: its keys and what they have signed."""

import re
import socket
from base64 import b64encode

from application.settings import Settings
from domain.checkpoint import Checkpoint, VerifierKey, parse, parse_key
from infrastructure.integrity import keys as key_files
from infrastructure.integrity.checkpoints import StoredCheckpoint
from infrastructure.integrity.keys import SigningKey


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
