"""A log with everything in it that can be tampered with, on either database, and a stranger who can write to it."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain import facts as f
from domain.audience import Subscriber
from domain.checkpoint import parse
from domain.delivery import DeliveryState, Outcome, Receipt, Settlement
from domain.fact import Fact
from domain.routine_document import builtin
from domain.suspension import SuspensionPolicy
from domain.vocabulary import Audience, Function
from infrastructure.database.backend import SQLITE
from infrastructure.database.database import Database
from infrastructure.integrity import keys
from infrastructure.integrity.checkpoints import make
from infrastructure.integrity.keys import SigningKey
from infrastructure.integrity.verifying import Verified, verify
from infrastructure.integrity.witnesses import Witness
from infrastructure.log.histories import Histories
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.outbox.bounces import handle
from infrastructure.outbox.outbox import Outbox
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import catch_up
from infrastructure.registers.staff import Staff
from infrastructure.registers.subscribers import Subscribers
from tests import postgres
from tests.empty_log import empty_log
from tests.given import LOG_OWNER, correction, moment, outage, restored
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
        self._by_hand((*loosen, *statements), values)

    def owner(self, *statements: str, **values: Any) -> None:
        """Somebody who takes the triggers away, and leaves a log in which facts can go on being recorded."""
        triggers = [f"DROP TRIGGER facts_are_never_{what}" for what in ("changed", "removed", "replaced")]
        if not is_file(self.database):
            triggers = ["DROP TRIGGER facts_are_never_changed ON facts"]
        self._by_hand((*triggers, *statements), values)

    def _by_hand(self, statements: Sequence[str], values: dict[str, Any]) -> None:
        """Without this program: a connection of the bare driver's, and no foreign key is looked at."""
        if is_file(self.database):
            with closing(sqlite3.connect(self.database.path)) as file, file:
                for statement in statements:
                    file.execute(statement, values if ":" in statement else ())
            return
        with postgres.administering(self.database.url) as line, line.transaction():
            line.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                named = statement
                for name in values:
                    named = named.replace(f":{name}", f"%({name})s")
                line.execute(named, values) if named != statement else line.execute(statement)


def is_file(database: Database) -> bool:
    return database.url.startswith(SQLITE)


def tell(folder: Path, url: str = "") -> Told:
    """Make it, at this address or in a file in the folder; its key lies in the folder."""
    database = Database(url or empty_log(folder / "log.sqlite"))
    told = Told(database, keys.create(folder / "signing.key", NAME), [])
    Subscribers(database, clock=lambda: moment("07:00")).add("anna@example.se", Audience.STAFF, [], [], "sv")
    for number, (fact, incident) in enumerate(STORY, 1):
        told.records(fact, incident)
        if number == len(STORY):
            Staff(database, lambda: moment("10:00")).add("anna", [Function.VO_HJALPMEDEL], LOG_OWNER)
        if number in (2, 5, len(STORY)):
            kept = make(database, told.key)
            assert kept is not None
            told.mailed.append(kept.note)
    Board(database).open_incidents()
    catch_up(database, Planner(database, lambda: moment("10:00")))
    send(database, moment("10:01"))
    return told


@contextmanager
def copy_of(told: Told, folder: Path) -> Iterator[Told]:
    """The same log in another place, as it was, for as long as it is used."""
    told.database.close()
    shutil.copytree(told.key.path.parent, folder, dirs_exist_ok=True)
    key = keys.read(folder / "signing.key")
    if is_file(told.database):
        copied = Told(Database(f"sqlite:///{folder / 'log.sqlite'}"), key, told.mailed)
        yield copied
        copied.database.close()
        return
    with postgres.database_url(template=told.database.url) as url:
        copied = Told(Database(url), key, told.mailed)
        yield copied
        copied.database.close()


def forged(told: Told, *statements: str) -> None:
    """By somebody who knows the program: the rows' checksums fit, and so do the numbers of rows."""
    with told.database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        for table in ("deliveries", "attempts"):
            count = f"UPDATE registers SET rows = (SELECT count(*) FROM {table}) WHERE name = '{table}'"
            connection.exec_driver_sql(count)


ONE = {
    "facts": "position = 3",
    "leaves": "position = 3",
    "checkpoints": "size = 6",
    "incidents": "number = '2026-0001'",
    "courses": "incident = '2026-0001'",
    "deliveries": "state = 'sent'",
    "tracking": "projection = 'outbox'",
    "attempts": "code = 250",
    "reports": "1 = 1",
    "ways_out": "id = (SELECT min(id) FROM ways_out)",
    "registers": "name = 'staff'",
    "tree": "1 = 1",
    "staff": "login = 'anna'",
    "subscribers": "address = 'anna@example.se'",
}
"""One row of each table, in SQL."""


def key_of(told: Told, table: str) -> Any:
    """The key of the row that ONE names."""
    row = told.database.connection().execute(f"SELECT id FROM {table} WHERE {ONE[table]}").fetchone()
    return row[0]


STORY: tuple[tuple[Fact, str | None], ...] = (
    (outage(), None),
    (f.NoteAdded(text="Lugnt i växeln."), "2026-0001"),
    (outage(), None),
    (f.NoteAdded(text="Även Lund."), "2026-0002"),
    (correction(2, "09:40"), "2026-0001"),
    (restored(), "2026-0001"),
)


def send(database: Database, at: datetime) -> None:
    """Some mail is accepted, some waits."""
    outbox = Outbox(database, Histories(database), message_id)
    claimed = outbox.claim("w1", 1, at)
    accepted = Outcome(DeliveryState.SENT, 250, "2.0.0 Ok", "2.0.0")
    outbox.settle("w1", [Settlement(notice, at, accepted) for notice, _tried in claimed])
    delayed = Receipt(claimed[0][0].delivery, "", "delayed", "4.4.1", "", fingerprint="r-1")
    handle(database, [delayed], at, SuspensionPolicy())


def somebody(database: Database) -> Subscriber:
    [(subscriber, _state)] = Subscribers(database).all()
    return subscriber
