"""A kept mail is held against the ledger by its own Message-ID, reader and Date; an honest one is never accused."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.checkpoint import Checkpoint, parse
from domain.delivery import DeliveryState, Outcome, Receipt, Settlement
from domain.suspension import SuspensionPolicy
from infrastructure.integrity.verifying import verify
from infrastructure.integrity.witnesses import Witness
from infrastructure.log.histories import Histories
from infrastructure.outbox.bounces import handle
from infrastructure.outbox.ledger import Selection, ledger, retry
from infrastructure.outbox.outbox import Outbox
from infrastructure.registers.subscribers import Subscribers
from tests.given import moment
from tests.infrastructure.mail import message_id
from tests.infrastructure.told import Told, forged

ACCEPTED = Outcome(DeliveryState.SENT, 250, "2.0.0 Ok", "2.0.0")


@pytest.fixture
def mail(told: Told) -> Witness:
    """The mail that was accepted, as its reader keeps it."""
    [(message, at)] = {(row.message_id, row.sent_at) for row in ledger(told.database) if row.sent_at}
    note = told.mailed[-1]
    date = datetime.fromisoformat(at or "").replace(microsecond=0)
    return Witness("kept.eml", parse(note)[0], note, message_id=message or "", reader="Anna@Example.se", date=date)


def found(told: Told, *mails: Witness) -> set[str]:
    return {problem.reason for problem in verify(told.database, [told.key.verifier], mails).problems}


def test_an_honest_mail_matches_and_its_delivery_is_named(told: Told, mail: Witness) -> None:
    seen = verify(told.database, [told.key.verifier], [mail])
    assert seen.problems == []
    [row] = [row.id for row in ledger(told.database) if row.message_id == mail.message_id and row.entry == _entry(mail)]
    assert (seen.witnesses[0].delivery, seen.witnesses[0].reader_is_erased) == (row, False)


def _entry(mail: Witness) -> int:
    return int(mail.message_id.split(".")[1])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"message_id": message_id("2026-0001", 1, "p-0123456789")}, "mail-unknown"),
        ({"message_id": message_id("2026-0009", 1, "p-0123456789")}, "mail-unknown"),
        ({"reader": "bertil@example.se"}, "mail-to-another"),
        ({"date": moment("09:00")}, "mail-at-another-time"),
        ({"date": moment("10:02")}, "mail-at-another-time"),
    ],
)
def test_a_mail_that_the_ledger_does_not_know_so_is_named(
    told: Told, mail: Witness, said: dict[str, object], reason: str
) -> None:
    assert found(told, replace(mail, **said)) == {reason}  # type: ignore[arg-type]  # a field each


def test_a_delivery_that_was_taken_out_is_missed_by_its_mail(told: Told, mail: Witness) -> None:
    """Before it was ever sealed: the reader has the mail all the same."""
    [row] = [row.id for row in ledger(told.database) if row.message_id == mail.message_id and row.entry == _entry(mail)]
    forged(told, f"DELETE FROM attempts WHERE delivery = {row}", f"DELETE FROM deliveries WHERE id = {row}")
    assert "mail-unknown" in found(told, mail)


def test_a_mail_that_the_ledger_says_was_refused_is_named(told: Told, mail: Witness) -> None:
    ended = "state = 'refused', sent_at = NULL WHERE state = 'sent'"
    forged(told, "UPDATE attempts SET state = 'refused' WHERE state = 'sent'", f"UPDATE deliveries SET {ended}")
    assert found(told, mail) == {"mail-not-sent"}


def test_a_mail_that_is_dated_before_it_was_planned_is_named(told: Told, mail: Witness) -> None:
    """Within the hour in which a mail server may take it, but before there was anything to tell."""
    [planned] = {row.queued_at for row in ledger(told.database) if row.message_id == mail.message_id}
    before = datetime.fromisoformat(planned) - timedelta(minutes=2)
    assert mail.date
    assert mail.date - before < timedelta(hours=1)
    assert found(told, replace(mail, date=before)) == {"mail-at-another-time"}
    assert found(told, replace(mail, date=before + timedelta(seconds=90))) == set(), "two machines, two clocks"


def test_of_an_erased_reader_the_rest_is_held(told: Told, mail: Witness) -> None:
    Subscribers(told.database).remove(ledger(told.database)[0].subscriber)
    seen = verify(told.database, [told.key.verifier], [mail])
    assert (seen.problems, seen.witnesses[0].reader_is_erased) == ([], True)
    assert found(told, replace(mail, date=moment("09:00"))) == {"mail-at-another-time"}


@pytest.mark.parametrize(
    "said",
    [
        {"message_id": ""},
        {"message_id": "<CAF+9@mail.example.se>"},
        {"message_id": message_id("2026-0001", 1, "p-0123456789"), "checkpoint": Checkpoint("x", 5, bytes(32))},
    ],
    ids=["lost", "an answer's", "another log's"],
)
def test_what_is_no_mail_of_this_log_accuses_nobody(told: Told, mail: Witness, said: dict[str, object]) -> None:
    other = replace(mail, note="", **said)  # type: ignore[arg-type]  # a field each
    assert not {reason for reason in found(told, other) if reason.startswith("mail-")}


def test_a_mail_that_came_back_and_was_sent_again_matches_both_times(told: Told, mail: Witness) -> None:
    rows = [row.id for row in ledger(told.database) if row.message_id == mail.message_id]
    failed = Receipt(rows[0], "", "failed", "4.2.2", "mailbox full", fingerprint="r-2")
    handle(told.database, [failed], moment("11:00"), SuspensionPolicy())
    retry(told.database, Selection(ids=(rows[0],)), moment("13:00"))
    outbox = Outbox(told.database, Histories(told.database), message_id)
    claimed = outbox.claim("w2", 10, moment("13:00"))
    sending = [replace(mail, message_id=notice.message_id, date=notice.dated) for notice, _tried in claimed]
    assert found(told, mail, *sending) == set(), "while it is in hand"
    later = moment("13:00") + timedelta(minutes=12)
    outbox.settle("w2", [Settlement(notice, later, ACCEPTED) for notice, _tried in claimed])
    assert found(told, mail, *sending) == set()


def test_a_mail_whose_worker_was_killed_matches_however_late_that_was_noticed(told: Told, mail: Witness) -> None:
    outbox = Outbox(told.database, Histories(told.database), message_id)
    [(notice, _tried), *_] = outbox.claim("w1", 1, moment("10:05"))
    arrived = replace(mail, message_id=notice.message_id, date=notice.dated)
    [(again, _tried), *_] = outbox.claim("w2", 1, moment("15:00"))
    assert again.message_id == notice.message_id
    outbox.settle("w2", [Settlement(again, moment("15:00"), ACCEPTED)])
    assert found(told, arrived) == set()
    forged(told, "UPDATE deliveries SET dated = NULL")
    assert found(told, arrived) == set(), "as in a ledger from before the Date was kept"


@pytest.mark.parametrize(
    "bound", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00", "x"]
)
def test_a_moment_that_nobody_can_have_written_ends_nothing(told: Told, mail: Witness, bound: str) -> None:
    forged(told, f"UPDATE deliveries SET queued_at = '{bound}', dated = NULL", f"UPDATE attempts SET at = '{bound}'")
    assert {"mail-not-sent", "mail-at-another-time"} & found(told, replace(mail, date=moment("09:00")))
