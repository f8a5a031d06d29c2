"""`checkpoint`: signing for the log as it is now."""

from application.desk import Desk
from application.evidence import as_json, signing_key
from cli.terminal.command import Command, answer
from domain.refusals import NotFound
from domain.texts import N_
from infrastructure.integrity.checkpoints import make


def _checkpoint(desk: Desk) -> None:
    key = signing_key(desk.settings)
    if key is None:
        raise NotFound("no-signing-key")
    kept = make(desk.database, key)
    if kept is None:
        raise NotFound("nothing-to-sign")
    answer(as_json(kept), kept.note.rstrip("\n"))


checkpoint = Command(
    "checkpoint",
    _checkpoint,
    help=N_(
        "Sign for the log as it is now, and print what was signed. Kept somewhere else it proves later that nothing "
        "that stood in the log was touched. A worker with a key does it by itself."
    ),
    examples="reservrutin checkpoint\nreservrutin checkpoint > 2026-03-02.checkpoint",
)
