"""`keys` and `checkpoint`: the key that signs for the log, and signing for it now."""

import re
import socket
from base64 import b64encode
from pathlib import Path

import click

from application.desk import Desk
from application.settings import Settings
from cli.terminal.command import Command, Group, answer, desk
from cli.terminal.options import Written
from domain.checkpoint import Checkpoint, VerifierKey, parse, parse_key
from domain.refusals import Invalid, NotFound
from infrastructure.integrity import keys as key_files
from infrastructure.integrity.checkpoints import StoredCheckpoint, make
from infrastructure.integrity.keys import SigningKey
from wording.words import _


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


def _origin(settings: Settings) -> str:
    """The log's name: as it is set, else the archive's address without its scheme, else this machine's name."""
    if settings.log_origin:
        return settings.log_origin
    place = re.sub(r"^[a-z]+://", "", settings.base_url).strip("/")
    return place or f"{socket.gethostname()}/reservrutin"


def _create(file: str | None) -> None:
    settings = desk().settings
    path = Path(file) if file else settings.signing_key_file
    if not path:
        raise Invalid("no-key-file")
    key = key_files.create(path, _origin(settings))
    said = _(
        "The key of {name} lies in {path}, which its owner alone can read. Give others this public key:\n{verifier}"
    )
    answer(
        {"name": key.name, "path": str(path), "verifier": str(key.verifier)},
        said.format(name=key.name, path=path, verifier=key.verifier),
    )


def _show() -> None:
    known = known_keys(desk().settings)
    if not known:
        raise NotFound("no-signing-key")
    answer([{"name": key.name, "verifier": str(key)} for key in known], "\n".join(map(str, known)))


def _checkpoint() -> None:
    at_desk: Desk = desk()
    key = signing_key(at_desk.settings)
    if key is None:
        raise NotFound("no-signing-key")
    kept = make(at_desk.database, key)
    if kept is None:
        raise NotFound("nothing-to-sign")
    answer(as_json(kept), kept.note.rstrip("\n"))


keys = Group(
    "keys",
    [
        Command(
            "create",
            _create,
            help=_("Make the log's signing key in a new file. The key's name is the log's name for ever."),
            examples="reservrutin keys create /var/lib/reservrutin/signing.key",
            params=[click.Argument(["file"], metavar=_("FILE"), required=False, type=Written())],
        ),
        Command("show", _show, help=_("The public keys that are trusted here, as others give them to verify --key.")),
    ],
    help=_("The key that signs for the log. It stands in a file, never in the database."),
    examples="reservrutin keys create /var/lib/reservrutin/signing.key\nreservrutin keys show",
)
checkpoint = Command(
    "checkpoint",
    _checkpoint,
    help=_(
        "Sign for the log as it is now, and print what was signed. Kept somewhere else it proves later that nothing "
        "that stood in the log was touched. A worker with a key does it by itself."
    ),
    examples="reservrutin checkpoint\nreservrutin checkpoint > 2026-03-02.checkpoint",
)
