"""What had been sent is in the log: whoever takes it out of the ledger is found, though numbers and checksums fit."""

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from domain.delivery import DeliveryState, Notice, Outcome, Receipt, Settlement
from domain.facts import LedgerSealed
from domain.suspension import SuspensionPolicy
from infrastructure.database.copying import move
from infrastructure.database.database import Database
from infrastructure.integrity.checkpoints import make
from infrastructure.integrity.sealed_rows import _without
from infrastructure.integrity.verifying import verify
from infrastructure.log.histories import Histories
from infrastructure.log.incident_log import IncidentLog
from infrastructure.log.ledger_seals import runs_of, runs_said, said_of, seals
from infrastructure.log.sealing import Sealing
from infrastructure.outbox.bounces import handle
from infrastructure.outbox.ledger import ledger
from infrastructure.outbox.outbox import Outbox
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.catch_up import catch_up
from infrastructure.registers.subscribers import Subscribers
from tests.empty_log import empty_log
from tests.given import moment, prognosis
from tests.infrastructure.mail import message_id
from tests.infrastructure.told import Told, forged, is_file

ACCEPTED = Outcome(DeliveryState.SENT, 250, "2.0.0 Ok", "2.0.0")


def sealing(database: Database, at: str) -> Sealing:
    return Sealing(database, IncidentLog(database, lambda: moment(at)))


def send_all(database: Database, at: datetime) -> list[Notice]:
    """All mail that is due is accepted."""
    outbox = Outbox(database, Histories(database), message_id)
    claimed = [notice for notice, _tried in outbox.claim("w1", 100, at)]
    outbox.settle("w1", [Settlement(notice, at, ACCEPTED) for notice in claimed])
    return claimed


@pytest.fixture
def sealed(told: Told) -> Told:
    """All mail has gone and is sealed, in two seals."""
    assert sealing(told.database, "10:02").seal()
    send_all(told.database, moment("12:00"))
    assert sealing(told.database, "12:00").seal()
    return told


def newest(told: Told) -> LedgerSealed:
    fact = seals(told.database.connection())[-1].fact
    assert isinstance(fact, LedgerSealed)
    return fact


def reasons(told: Told) -> dict[str, dict[str, Any]]:
    return {problem.reason: problem.data for problem in told.verified().problems}


def test_what_was_sealed_and_nobody_touched_matches(sealed: Told) -> None:
    assert sealed.verified().problems == []
    first, second = (seal.fact for seal in seals(sealed.database.connection()))
    rows = ledger(sealed.database)
    assert isinstance(first, LedgerSealed)
    assert isinstance(second, LedgerSealed)
    assert first.deliveries == said_of(runs_of(sorted(row.id for row in rows)))
    assert second.deliveries == ""
    assert second.rows == len(sealed.database.connection().execute("SELECT 1 FROM attempts").fetchall()) - (
        first.rows - len(rows)
    )


def test_a_delivery_and_its_attempts_that_were_taken_out_are_missed_whoever_made_the_numbers_fit(sealed: Told) -> None:
    [gone] = sealed.database.connection().execute("SELECT max(delivery) FROM attempts").fetchone()
    whose = "SELECT id FROM attempts WHERE delivery = ? ORDER BY id"
    tried = [id_ for (id_,) in sealed.database.connection().execute(whose, (gone,)).fetchall()]
    forged(sealed, f"DELETE FROM attempts WHERE delivery = {gone}", f"DELETE FROM deliveries WHERE id = {gone}")
    found = [(p.reason, p.data["table"], p.data["rows"]) for p in sealed.verified().problems]
    assert ("sealed-missing", "deliveries", str(gone)) in found
    named = [number for _, table, rows in found if table == "attempts" for run in runs_said(rows) for number in run]
    assert sorted(named) == tried
    assert {reason for reason, _table, _rows in found} == {"sealed-missing"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE attempts SET at = replace(at, 'T11:', 'T10:') WHERE state = 'sent'",
        "UPDATE attempts SET enhanced = '2.1.5' WHERE state = 'sent'",
        "UPDATE attempts SET code = 251 WHERE state = 'sent'",
        "UPDATE deliveries SET queued_at = '2026-12-07T08:00:00.000000Z'",
        "UPDATE deliveries SET summary = NOT summary",
    ],
)
def test_what_was_written_otherwise_afterwards_is_found(sealed: Told, change: str) -> None:
    sealed_then = [
        {"deliveries": seal.fact.deliveries or "–", "attempts": seal.fact.attempts or "–"}
        for seal in seals(sealed.database.connection())
        if isinstance(seal.fact, LedgerSealed)
    ]
    forged(sealed, change)
    changed = [problem.data for problem in sealed.verified().problems if problem.reason == "sealed-changed"]
    assert changed
    assert all(data in sealed_then for data in changed), "the rows of that seal are named"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE deliveries SET state = 'superseded', reason = 'paused', sent_at = NULL WHERE state = 'sent'",
        "UPDATE deliveries SET state = 'expired', unclear = true, sent_at = NULL WHERE state = 'sent'",
        "UPDATE deliveries SET state = 'refused', fault = 'reader', sent_at = NULL WHERE state = 'sent'",
    ],
)
def test_a_delivery_that_is_said_to_have_ended_otherwise_than_was_sealed_is_found(sealed: Told, change: str) -> None:
    forged(sealed, change)
    assert "delivery-otherwise-tried" in reasons(sealed)


@pytest.mark.parametrize("id_", ["<2026-0001.9.{}@example.se>", "<2026-0001.1.{}@evil.example>"])
def test_a_message_id_that_is_not_its_mails_is_found(sealed: Told, id_: str) -> None:
    """It stands in no seal, because it follows from what does: the entry, and the mail that the row went in."""
    [row] = [row for row in ledger(sealed.database) if row.message_id and row.entry == 1][:1]
    forged(sealed, f"UPDATE deliveries SET message_id = '{id_.format(row.subscriber)}' WHERE id = {row.id}")
    assert "delivery-message-id" in reasons(sealed)


def test_what_was_put_in_afterwards_is_found_whatever_number_it_was_given(sealed: Told) -> None:
    of_one = "SELECT -1, max(delivery), max(at), 'sent', '' FROM attempts"
    forged(sealed, f"INSERT INTO attempts (id, delivery, at, state, reply) {of_one}")
    assert reasons(sealed)["sealed-added"] == {"table": "attempts", "rows": "-1"}


def test_the_next_mail_bears_witness_of_the_mail_before_it(sealed: Told) -> None:
    """Whoever takes the seals out as well has changed the log's facts, which what left the house shows."""
    kept = make(sealed.database, sealed.key)
    assert kept is not None
    assert kept.size == max(seal.position or 0 for seal in seals(sealed.database.connection()))
    sealed.owner(f"DELETE FROM facts WHERE incident = '{LedgerSealed.stream}'")
    assert "missing" in {reason for _position, reason in sealed.found(kept.note)}


def test_an_erased_reader_leaves_all_of_it_provable(sealed: Told) -> None:
    [reader] = {row.subscriber for row in ledger(sealed.database)}
    Subscribers(sealed.database).remove(reader)
    assert sealed.verified().problems == []
    forged(sealed, "UPDATE attempts SET state = 'refused' WHERE id = (SELECT min(id) FROM attempts)")
    assert "sealed-changed" in reasons(sealed)


def test_a_bounce_and_another_try_after_the_seal_are_told_by_the_next_one(sealed: Told) -> None:
    row = next(row for row in ledger(sealed.database) if row.state is DeliveryState.SENT)
    failed = Receipt(row.id, "", "failed", "5.1.1", "550 no such user", fingerprint="r-2")
    handle(sealed.database, [failed], moment("13:00"), SuspensionPolicy())
    assert sealed.verified().problems == []
    before = newest(sealed).attempts
    assert sealing(sealed.database, "13:01").seal()
    assert runs_said(newest(sealed).attempts)[0].start == runs_said(before)[-1].stop
    assert sealed.verified().problems == []


def test_it_is_sealed_as_soon_as_nothing_waits_and_else_every_quarter_of_an_hour(told: Told) -> None:
    clock = [moment("10:02")]
    work = Sealing(told.database, IncidentLog(told.database, lambda: clock[0]))
    outbox = Outbox(told.database, Histories(told.database), message_id)

    def is_sealed(at: str) -> bool:
        clock[0] = moment(at)
        return work.seal() is not None

    told.records(prognosis("12:30"), "2026-0002")
    catch_up(told.database, Planner(told.database, lambda: moment("10:00")))
    assert is_sealed("10:02"), "never yet sealed"
    assert not is_sealed("10:40"), "nothing has been settled since"
    clock[0] = moment("10:02")
    [(notice, _tried)] = outbox.claim("w1", 1, moment("10:03"))
    later = Settlement(notice, moment("10:03"), Outcome(DeliveryState.DEFERRED, 451, "4.3.0", "4.3.0"), moment("10:20"))
    outbox.settle("w1", [later])
    assert not is_sealed("10:16"), "a mail waits, and it is not a quarter of an hour since"
    assert is_sealed("10:17"), "a quarter of an hour has passed"
    send_all(told.database, moment("10:20"))
    assert is_sealed("10:20"), "nothing waits any more"
    assert not is_sealed("10:59")
    assert told.verified().problems == []


def test_two_workers_seal_it_once(told: Told) -> None:
    first, second = (sealing(told.database, "10:02") for _ in range(2))
    upto = second._log  # the second has looked before the first has written
    assert first.seal()
    assert upto.add_by_clock(newest(told), 1) is None
    assert second.seal() is None
    assert len(seals(told.database.connection())) == 1


def test_a_log_that_was_copied_keeps_what_was_sealed(sealed: Told, tmp_path: Path) -> None:
    """Into a file, in which anybody can work the digest out."""
    target = Database(empty_log(tmp_path / "copy.sqlite"))
    move(sealed.database, target)
    assert verify(target, [sealed.key.verifier]).problems == []
    with target.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET at = replace(at, 'T11:', 'T10:')")
    assert "sealed-changed" in {problem.reason for problem in verify(target).problems}
    target.close()


def test_what_is_not_sealed_yet_is_said(told: Told) -> None:
    tried = len(told.database.connection().execute("SELECT id FROM attempts").fetchall())
    assert told.verified().unsealed == tried
    assert sealing(told.database, "10:02").seal()
    assert told.verified().unsealed == 0


def test_a_seal_that_a_stranger_has_put_in_is_held_to_what_it_says(sealed: Told) -> None:
    """One that claims rows without end would have nothing be sealed any more."""
    last = runs_said(newest(sealed).attempts)[-1].stop
    fact = newest(sealed).model_copy(update={"attempts": f"{last}-{10**18 - 1}"})
    assert IncidentLog(sealed.database, lambda: moment("13:00")).add_by_clock(fact, 3)
    assert reasons(sealed)["sealed-missing"]["rows"] == f"{last}-{10**18 - 1}"


def test_an_outsider_works_the_digest_out_from_the_rows(sealed: Told) -> None:
    """As docs/exports.md says it."""
    connection = sealed.database.connection()
    if is_file(sealed.database):
        statement = "SELECT json_array('attempt', id, delivery, at, state, code, enhanced) FROM attempts ORDER BY id"
        lines = [line for (line,) in connection.execute(statement).fetchall()]
    else:
        statement = "SELECT id, delivery, at, state, code, enhanced FROM attempts ORDER BY id"
        rows = connection.execute(statement).fetchall()
        lines = [json.dumps(["attempt", *row], separators=(",", ":")) for row in rows]
    [run] = runs_said(newest(sealed).attempts)
    text = "".join(f"{line}\n" for line in lines[-len(run) :])
    assert sha256(text.encode()).hexdigest() == newest(sealed).digest


def test_attempts_that_are_missing_before_anything_is_sealed_leave_a_hole(told: Told) -> None:
    send_all(told.database, moment("12:00"))
    if is_file(told.database):
        forged(told, "DELETE FROM attempts WHERE id = 1")
        assert reasons(told)["attempts-missing"]["rows"] == "1"
        assert sealing(told.database, "12:00").seal(), "which makes nothing good"
        assert reasons(told)["sealed-without"]["rows"] == "1"


@pytest.mark.parametrize(
    ("these", "those", "rest"),
    [
        ("1-9", "", "1-9"),
        ("1-9", "1-9", ""),
        ("1-9", "3 5-6", "1-2 4 7-9"),
        ("1-3 7-9", "2-8", "1 9"),
        ("2 4 6", "1 3 5", "2 4 6"),
        ("1-999999999999", "2", "1 3-999999999999"),
    ],
)
def test_which_numbers_are_missing(these: str, those: str, rest: str) -> None:
    assert said_of(_without(runs_said(these), runs_said(those))) == rest
