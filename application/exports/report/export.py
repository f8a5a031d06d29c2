"""The report of one incident as one HTML file: `export N --format html`."""

from typing import BinaryIO

from application.desk import Desk
from application.exports.report.model import Report, told
from application.exports.report.page import page
from infrastructure.integrity.checkpoints import newest
from infrastructure.outbox.ledger import ledger


def write(at_desk: Desk, incident: str, out: BinaryIO) -> None:
    """Write the incident's report, as of now, in the language of the desk.

    `incident` is its number, 2026-0007. Raises domain.refusals.NotFound where there is none, and what reading the
    log raises.
    """
    out.write(page(report_of(at_desk, incident)).encode("utf-8"))


def report_of(at_desk: Desk, incident: str) -> Report:
    """All that the report tells, as of now, for whoever shows it."""
    from importlib.metadata import version

    history = at_desk.history(incident)
    return Report(
        incident=at_desk.incident(history),
        history=history,
        told=told(ledger(at_desk.database, incident)),
        made_at=at_desk.now(),
        texts=at_desk.texts,
        checkpoint=newest(at_desk.database),
        program=f"reservrutin {version('reservrutin')}",
    )
