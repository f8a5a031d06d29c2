"""A log with everything in it that can be tampered with, and a stranger who can write to its database."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from domain import facts as f
from domain.audience import Subscriber
from domain.checkpoint import parse
from domain.delivery import DeliveryState, Outcome, Settlement
from domain.fact import Fact
from domain.routine_document import builtin
from domain.vocabulary import Audience, Function
from infrastructure import keys
from infrastructure.board import Board
from infrastructure.catch_up import catch_up
from infrastructure.checkpoints import make
from infrastructure.database import Database
from infrastructure.incident_log import IncidentLog, Proposal
from infrastructure.keys import SigningKey
from infrastructure.outbox import Outbox
from infrastructure.planning import Planner
from infrastructure.staff import Staff
from infrastructure.subscribers import Subscribers
from infrastructure.verifying import Verified, Witness, verify
from tests.given import correction, moment, outage, prognosis, restored
from tests.infrastructure.mail import message_id

NAME = "logg.example.se/sesam"


@dataclass
class Told:
    """A log of two incidents with eight facts, signed for after the third, the sixth and the last."""

    database: Database
    key: SigningKey
    mailed: list[str]
    """The checkpoints that have left the house."""

    def records(self, fact: Fact, incident: str | None = None) -> None:
        function = builtin().recorded_by(type(fact))[0]
        IncidentLog(self.database, lambda: moment("10:00")).record(Proposal(fact, function, "s-1", incident))

    def verified(self, *mailed: str, keyed: bool = True) -> Verified:
        """What a reviewer finds with the public key and these mails, but without the key file's memory."""
        witnesses = [Witness(f"mail {n}", parse(note)[0], note) for n, note in enumerate(mailed)]
        return verify(self.database, [self.key.verifier] if keyed else [], witnesses)

    def found(self, *mailed: str) -> set[tuple[int | None, str]]:
        return {(problem.position, problem.reason) for problem in self.verified(*mailed).problems}

    def stranger(self, *statements: str, **values: Any) -> None:
        """Somebody with the right to do anything: no trigger and no constraint of `facts` stands in the way."""
        loosen = "CREATE TABLE loose AS SELECT * FROM facts", "DROP TABLE facts", "ALTER TABLE loose RENAME TO facts"
        self._as_owner((*loosen, *statements), values)

    def owner(self, *statements: str, **values: Any) -> None:
        """Somebody who takes the triggers away, and leaves a log in which facts can go on being recorded."""
        triggers = [f"DROP TRIGGER facts_are_never_{what}" for what in ("changed", "removed", "replaced")]
        self._as_owner((*triggers, *statements), values)

    def _as_owner(self, statements: Sequence[str], values: dict[str, Any]) -> None:
        with self.database.engine.begin() as connection:
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
            for statement in statements:
                connection.execute(text(statement), values if ":" in statement else {})


def tell(folder: Path) -> Told:
    """Make it."""
    database = Database(f"sqlite:///{folder / 'log.sqlite'}")
    told = Told(database, keys.create(folder / "signing.key", NAME), [])
    Staff(database).add("anna", [Function.VO_HJALPMEDEL])
    Subscribers(database).add("anna@example.se", Audience.STAFF, [], [], "sv")
    for number, (fact, incident) in enumerate(STORY, 1):
        told.records(fact, incident)
        if number in (3, 6, 8):
            kept = make(database, told.key)
            assert kept is not None
            told.mailed.append(kept.note)
    Board(database).open_incidents()
    catch_up(database, Planner(database, lambda: moment("10:00")))
    _send(database)
    return told


def copy_of(told: Told, folder: Path) -> Told:
    """The same log in another place, as it was."""
    told.database.close()
    shutil.copytree(told.key.path.parent, folder, dirs_exist_ok=True)
    return Told(Database(f"sqlite:///{folder / 'log.sqlite'}"), keys.read(folder / "signing.key"), told.mailed)


STORY: tuple[tuple[Fact, str | None], ...] = (
    (outage(), None),
    (prognosis("11:30"), "2026-0001"),
    (f.NoteAdded(text="Lugnt i växeln."), "2026-0001"),
    (outage(), None),
    (f.NoteAdded(text="Även Lund."), "2026-0002"),
    (correction(2, "09:40"), "2026-0001"),
    (restored(), "2026-0001"),
    (f.NoteAdded(text="Åter."), "2026-0002"),
)


def _send(database: Database) -> None:
    """Some mail is accepted, some waits."""
    outbox, at = Outbox(database, IncidentLog(database), message_id), moment("10:01")
    claimed = outbox.claim("w1", 1, at)
    accepted = Outcome(DeliveryState.SENT, 250, "2.0.0 Ok", "2.0.0")
    outbox.settle("w1", [Settlement(notice, at, accepted) for notice, _tried in claimed])


def somebody(database: Database) -> Subscriber:
    [(subscriber, _state)] = Subscribers(database).all()
    return subscriber
