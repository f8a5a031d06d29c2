"""The outbox: what waits is claimed by one worker at a time, settled by that worker, every attempt kept.

A claim works out a whole batch in a handful of statements: an incident is read and folded once for all who are
told of it. "Sent" means that the mail server accepted it.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from domain.audience import ChannelName
from domain.delivery import DeliveryState, Notice, Settlement, Unsent
from domain.fact import BY_THE_CLOCK, Recorded
from domain.rewriting import takes_back
from domain.suspension import SuspensionPolicy
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import written
from infrastructure.log.histories import Histories
from infrastructure.log.own_streams import append
from infrastructure.outbox.claiming import (
    TAKE,
    TAKEN,
    Ended,
    Readers,
    Thread,
    anything_due,
    due_rows,
    end,
    put_off,
    put_off_unreadable,
    readers_of,
    sent_between,
    take_over,
    threads_of,
)
from infrastructure.outbox.mails import IncidentFacts, Mail, Row, Sorted, sort_out
from infrastructure.outbox.pace import Pace
from infrastructure.outbox.settling import is_kept, keep, points_against
from infrastructure.registers.subscribers import absolve, blame, suspensions, withdraw
from infrastructure.registers.ways_out import make_ways_out

LEASE = timedelta(minutes=3)
"""How long a worker that says nothing has its deliveries to itself.

A living worker renews its leases (`renew_leases`), so this is not how long a mail may take: the wait for the answer
after the final dot alone may be ten minutes. It is how long the mail of a worker that was killed waits; and it is
longer than a worker may be asleep and still begin on what it has claimed, so that a machine that was suspended
does not wake up and send what another has taken over.
"""

RENEWED_EVERY = timedelta(seconds=30)
"""How often a living worker renews: five times may fail before its leases run out."""

log = logging.getLogger(__name__)


def _never(_recorded: Recorded) -> None:
    """No fact becomes too old to tell."""


class Outbox:
    """What waits to be told by one `channel`; `for_everybody` takes all notices for it, whatever channel their readers
    carry: nobody is told otherwise in an exercise.

    `message_id_of` gives an (incident, entry, subscriber) its Message-ID, the same each time. `expires_at` says
    until when a fact is worth telling (aware), None for ever. `on_suspended` is told whom a refusal suspended.
    `clock` is the log's."""

    def __init__(
        self,
        database: Database,
        histories: Histories,
        message_id_of: Callable[[str, int, str], str],
        *,
        expires_at: Callable[[Recorded], datetime | None] = _never,
        pace: Pace = Pace(),  # noqa: B008 - immutable
        suspension: SuspensionPolicy = SuspensionPolicy(),  # noqa: B008 - immutable
        on_suspended: Callable[[str], None] | None = None,
        lease: timedelta = LEASE,
        channel: ChannelName = ChannelName.EMAIL,
        for_everybody: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._database = database
        self._histories = histories
        self._message_id_of = message_id_of
        self._expires_at = expires_at
        self._pace = pace
        self._suspension = suspension
        self._on_suspended = on_suspended
        self._lease = lease
        self._channel = channel
        self._only = None if for_everybody else channel
        self._known: dict[str, tuple[int, IncidentFacts]] = {}
        self._spares_leases_until: datetime | None = None
        self._clock = clock or database.now
        self._ways_out: dict[str, str] = {}
        """Of those who have been told by this worker: one each is enough for all their mail."""

    def spare_leases(self, until: datetime) -> None:
        """Take nothing over until then (aware): the database was away, and its leases ran out of workers who live."""
        self._spares_leases_until = until

    def claim(self, worker: str, limit: int, now: datetime) -> list[tuple[Notice, int]]:
        """Take what is due for this worker alone, each with how often it was tried before.

        What goes at once comes first, then the oldest. Up to `limit` rows are looked at; what waits for the
        same reader of the same incident goes along. What has become stale, has expired or is for somebody who
        wants no mail ends here. A lease that has run out is taken over: its worker is gone, and whether it had sent
        is unknown.
        """
        while anything_due(self._database.connection(), written(now), self._only):
            due, claimed = self._claim_some(worker, limit, now)
            if claimed or not due:
                return claimed
        return []

    def _claim_some(self, worker: str, limit: int, now: datetime) -> tuple[int, list[tuple[Notice, int]]]:
        """How many rows were due, and what of them is to be sent: none may be, where all have ended or wait on."""
        with self._database.writing() as connection:
            if self._spares_leases_until is None or now >= self._spares_leases_until:
                take_over(connection, written(now))
            due = due_rows(connection, limit, now, self._pace.batching_window, self._only)
            threads = threads_of(connection, due)
            readers = readers_of(connection, {row.subscriber for row in due})
            facts_of = self._read({row.incident for row in due})
            put_off_unreadable(connection, [row for row in due if row.incident not in facts_of], now)
            for subscriber, (_reader, unsent) in readers.items():
                if unsent:
                    withdraw(connection, subscriber, unsent, now)
            decided = self._decide(threads, {row.id for row in due}, readers, facts_of, now)
            mails = self._within_pace(connection, decided, now)
            claimed = [(mail, self._id_of(mail.lead)) for mail in mails]
            self._take(connection, claimed, worker, now)
            made = make_ways_out(connection, {mail.lead.subscriber for mail in mails} - self._ways_out.keys(), now)
        self._ways_out |= made
        return len(due), [
            (
                _notice(mail, message_id, threads, readers, facts_of, self._ways_out, now),
                max(row.tries for row in mail.rows),
            )
            for mail, message_id in claimed
        ]

    def settle(self, worker: str, settlements: Sequence[Settlement]) -> None:
        """Write down how a batch went, in one durable transaction, once however often it is asked for: whoever did not
        hear that it was done asks again for the same batch.

        Every attempt is kept. A worker that has lost its lease leaves the row as it is.
        """
        if not settlements:
            return
        suspended = []
        with self._database.writing() as connection:
            if is_kept(connection, settlements[0]):
                return
            keep(connection, worker, settlements, self._channel)
            accepted = {s.notice.subscriber.id for s in settlements if s.outcome.state is DeliveryState.SENT}
            if accepted:
                absolve(connection, accepted)
            for done in settlements:
                points = points_against(done)
                if points and blame(connection, done.notice.subscriber.id, points, done.at, self._suspension):
                    suspended.append(done.notice.subscriber.id)
            append(self._database, connection, suspensions(suspended), BY_THE_CLOCK, self._clock)
        if self._on_suspended:
            for subscriber in suspended:
                self._on_suspended(subscriber)

    def _read(self, incidents: Iterable[str]) -> dict[str, IncidentFacts]:
        """The incidents as they now read; one that can't be read is left out, and stops no other. They alone are kept
        for the next claim: most often it is of the same."""
        read = {incident: self._facts(incident) for incident in incidents}
        self._known = {incident: known for incident, known in read.items() if known}
        return {incident: facts for incident, (_count, facts) in self._known.items()}

    def _facts(self, incident: str) -> tuple[int, IncidentFacts] | None:
        """How many facts there are, and how they read; None where they can't be read."""
        counted = "SELECT count(*) FROM facts WHERE incident = ?"
        [count] = self._database.connection().execute(counted, (incident,)).fetchone()
        known = self._known.get(incident)
        if known and known[0] == count:
            return known
        try:
            return count, self._read_anew(incident)
        except Exception as error:  # whatever is wrong with it, the others' mail goes out
            log.error("%s could not be read: %s", incident, type(error).__name__)
            return None

    def _read_anew(self, incident: str) -> IncidentFacts:
        history = self._histories.history(incident)
        return IncidentFacts(history, self._histories.routines.of(history))

    def _decide(
        self,
        threads: dict[Thread, list[Row]],
        due: set[int],
        readers: Readers,
        facts_of: dict[str, IncidentFacts],
        now: datetime,
    ) -> list[Sorted]:
        expired: dict[tuple[str, int], bool] = {}

        def is_expired(recorded: Recorded) -> bool:
            key = recorded.incident, recorded.entry
            if key not in expired:
                until = self._expires_at(recorded)
                expired[key] = until is not None and until <= now
            return expired[key]

        return [
            sort_out(rows, due, facts_of[incident], is_expired)
            for (incident, subscriber), rows in threads.items()
            if incident in facts_of and readers[subscriber][1] is None
        ]

    def _within_pace(self, connection: Connection, decided: Sequence[Sorted], now: datetime) -> list[Mail]:
        """Write down what has ended, put off what the rate limit holds back, and return the mails that go."""
        ended = [Ended(row, replaced_by=by) for done in decided for row, by in done.stale]
        ended += [Ended(row, why=Unsent.NOT_TOLD) for done in decided for row in done.needless]
        ended += [Ended(row, DeliveryState.EXPIRED) for done in decided for row in done.expired]
        end(connection, ended, now)
        mails = [mail for done in decided for mail in done.mails]
        if not self._pace.most:
            return mails
        readers = {mail.lead.subscriber for mail in mails}
        sent = sent_between(connection, readers, now - self._pace.window, now)
        going, later = [], []
        for mail in mails:
            recent = sent[mail.lead.subscriber]
            if mail.at_once or mail.lead.unclear or len(recent) < self._pace.most:
                recent.append(now)
                going.append(mail)
            else:
                free_at = written(recent[-self._pace.most] + self._pace.window)
                later += [(free_at, row.id) for row in mail.rows]
        put_off(connection, later)
        return going

    def _take(self, connection: Connection, claimed: Sequence[tuple[Mail, str]], worker: str, now: datetime) -> None:
        at, until = written(now), written(now + self._lease)
        rows = [
            (row.id, mail.lead.id, message_id, _dated(mail) or at) for mail, message_id in claimed for row in mail.rows
        ]
        if rows:
            taken, values = connection.rows(TAKEN, rows)
            connection.execute(TAKE.format(taken=taken), (worker, until, *values))

    def _id_of(self, row: Row) -> str:
        """A mail that may have arrived keeps its Message-ID, whatever the sender's domain has become since."""
        kept = row.message_id if row.unclear and row.lead in (None, row.id) else None
        return kept or self._message_id_of(row.incident, row.entry, row.subscriber)


HAS_IN_HAND = f"SELECT 1 FROM deliveries WHERE worker = ? AND state = '{DeliveryState.SENDING}' LIMIT 1"
RENEW = f"UPDATE deliveries SET next_try_at = ? WHERE worker = ? AND state = '{DeliveryState.SENDING}'"


def renew_leases(database: Database, worker: str, now: datetime, lease: timedelta = LEASE) -> None:
    """A living worker keeps what it has in hand for another lease."""
    if database.connection().execute(HAS_IN_HAND, (worker,)).fetchone():
        with database.writing() as connection:
            connection.execute(RENEW, (written(now + lease), worker))


def _dated(mail: Mail) -> str | None:
    """The Date (as stored) of a mail that may have arrived: it goes as it was. Others have that of their claim."""
    return mail.lead.dated if mail.lead.unclear else None


def _notice(
    mail: Mail,
    message_id: str,
    threads: dict[Thread, list[Row]],
    readers: Readers,
    facts_of: dict[str, IncidentFacts],
    ways_out: dict[str, str],
    now: datetime,
) -> Notice:
    lead, dated = mail.lead, _dated(mail)
    facts = facts_of[lead.incident]
    rewritten = [facts.rewriting(row.entry) for row in mail.rows]
    sent = [
        (row.sent_at, row.message_id)
        for row in threads[lead.incident, lead.subscriber]
        if row.sent_at and row.message_id and row.message_id != message_id
    ]
    return Notice(
        delivery=lead.id,
        recorded=facts.by_entry[lead.entry],
        incident=facts.incident,
        subscriber=readers[lead.subscriber][0],
        message_id=message_id,
        first=min(sent)[1] if sent else "",
        summary=bool(lead.summary),
        also=tuple(facts.by_entry[row.entry] for row in mail.others),
        replaces=tuple(
            facts.by_entry[entry]
            for entry in mail.replaces
            if entry not in facts.untold and not takes_back(facts.by_entry[entry].fact)
        ),
        rewritings=tuple(rewriting for rewriting in rewritten if rewriting),
        deliveries=tuple(row.id for row in mail.rows),
        dated=datetime.fromisoformat(dated) if dated else now,
        manual_retry=any(row.manual_retry for row in mail.rows),
        earlier=facts.earlier(lead.entry),
        verdicts=facts.verdicts(now),
        began_at=facts.began_at,
        way_out=ways_out[lead.subscriber],
    )
