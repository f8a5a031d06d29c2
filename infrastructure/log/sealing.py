"""The ledger is sealed: which mail had been sent becomes a fact, and the next mail's checkpoint bears witness of it."""

from datetime import timedelta

from domain.fact import Recorded
from domain.facts import LedgerSealed
from infrastructure.database.database import Database
from infrastructure.log.incident_log import IncidentLog
from infrastructure.log.ledger_seals import Sealed, newest, read, runs_of, said_of, seals

EVERY = timedelta(minutes=15)
"""How often the ledger is sealed while mail is still waiting. What is not sealed yet, nobody outside bears witness of;
and each seal is a fact for ever."""

ATTEMPTED = "SELECT coalesce(max(id), 0) FROM attempts"
WAITING = "SELECT 1 FROM deliveries WHERE next_try_at IS NOT NULL LIMIT 1"


class Sealing:
    """Lives as long as its worker, and remembers the seals that it has read."""

    def __init__(self, database: Database, log: IncidentLog) -> None:
        self._database = database
        self._log = log
        self._sealed = Sealed()

    def seal(self) -> Recorded | None:
        """Seal what has been settled since the last seal, where nothing waits any more or that is long ago; None where
        nothing was, or it is not time yet, or another worker was faster."""
        connection = self._database.connection()
        [attempted] = connection.execute(ATTEMPTED).fetchone()
        if attempted <= self._sealed.upto.attempts:
            return None
        for seal in seals(connection, self._sealed.entry):
            self._sealed = self._sealed.after(seal)
        if attempted <= self._sealed.upto.attempts or not self._is_time():
            return None
        with self._database.reading() as view:
            rows = read(view, self._sealed.upto, newest(view))
        fact = LedgerSealed(
            deliveries=said_of(runs_of(rows.deliveries)),
            attempts=said_of(runs_of(rows.attempts)),
            rows=len(rows.deliveries) + len(rows.attempts),
            digest=rows.digest,
        )
        return self._log.add_by_clock(fact, self._sealed.entry + 1)

    def _is_time(self) -> bool:
        """By the log's clock, which dated the last seal too. One that was ahead then is not waited for."""
        at = self._sealed.at
        if at is None or not timedelta(0) <= self._log.clock() - at < EVERY:
            return True
        return self._database.connection().execute(WAITING).fetchone() is None
