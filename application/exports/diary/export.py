"""The staff diary of one incident as a file: `export N --format dagbok`."""

from typing import BinaryIO

from application.desk import Desk
from application.exports.diary.content import Filed, diary
from application.exports.diary.page import page
from application.exports.diary.text import text
from domain.merkle import leaf_hash
from infrastructure.integrity.checkpoints import newest
from infrastructure.log.pages import Source

SIGN = 8
"""Digits of an entry's hash that stand beside it."""


def write(at_desk: Desk, incident: str, out: BinaryIO, *, reference: str = "", as_text: bool = False) -> None:
    """Write the incident's diary, as of now, in the language of the desk: a page for print, or lines of 80 characters
    with a form feed between pages. `reference` is what it is registered under. Raises domain.refusals.NotFound where
    there is no such incident."""
    history = at_desk.history(incident)
    stands = at_desk.incident(history)
    words = at_desk.texts.of(stands.routine)
    stored = Source(at_desk.database, at_desk.histories, incident).stored()
    signs = {fact.entry: f"{fact.position} {leaf_hash(fact.bytes).hex()[:SIGN]}" for fact in stored}
    filed = Filed(at_desk.settings.organisation, reference)
    told = diary(history, stands, signs, filed, newest(at_desk.database), at_desk.now(), words)
    out.write((text(told, words) if as_text else page(told, words)).encode("utf-8"))
