"""Whoever leaves is in no file of the log any more, and everything that was proved still holds."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from domain.delivery import DeliveryState, Outcome, Receipt, Settlement
from domain.faults import Fault
from domain.refusals import Unavailable
from domain.suspension import SuspensionPolicy
from domain.vocabulary import Audience, Function
from infrastructure.database.database import Database
from infrastructure.log.histories import Histories
from infrastructure.outbox.bounces import FAILED, handle
from infrastructure.outbox.ledger import ledger
from infrastructure.outbox.outbox import Outbox
from infrastructure.registers.staff import Staff
from infrastructure.registers.subscribers import Subscribers
from tests.given import LOG_OWNER, moment
from tests.infrastructure.mail import message_id
from tests.infrastructure.told import Told, somebody, tell

PROGRAM = Path(sys.executable).with_name("reservrutin")


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return tell(tmp_path)


def files_with(told: Told, name: str) -> list[str]:
    """The files of the log in which the name stands, in whatever page."""
    return [path.name for path in told.database.path.parent.iterdir() if name.encode() in path.read_bytes()]


def replied(told: Told) -> str:
    return " ".join(attempt.reply for row in ledger(told.database) for attempt in row.attempts)


def test_an_address_is_gone_from_every_file_and_the_log_still_matches(told: Told) -> None:
    anna = somebody(told.database)
    assert "log.sqlite" in " ".join(files_with(told, anna.address))
    outbox, at = Outbox(told.database, Histories(told.database), message_id), moment("10:02")
    refused = Outcome(DeliveryState.REFUSED, 550, "5.1.1 <ANNA@example.se> unknown, try anna", "5.1.1", Fault.ADDRESS)
    outbox.settle("w1", [Settlement(notice, at, refused) for notice, _ in outbox.claim("w1", 1, at)])
    report = Receipt(1, "", FAILED, "5.1.1", "smtp; 550 <anna@example.se> no such user")
    handle(told.database, [report], moment("10:03"), SuspensionPolicy())
    assert "anna" in replied(told)
    Subscribers(told.database).remove(anna.id)
    assert files_with(told, anna.address) == []
    assert "anna" not in replied(told).casefold()
    assert "… unknown" in replied(told).replace("<…>", "…")
    assert told.verified(*told.mailed).problems == []


def test_a_login_is_gone_from_every_file_and_the_log_still_matches(told: Told) -> None:
    Staff(told.database).add("sven.svensson", [Function.SYSTEM_OWNER], LOG_OWNER)
    assert files_with(told, "sven.svensson") != []
    Staff(told.database).remove("sven.svensson", LOG_OWNER)
    assert files_with(told, "sven.svensson") == []
    assert told.verified(*told.mailed).problems == []


def test_what_an_older_program_left_in_its_pages_goes_too(told: Told) -> None:
    """A row that moved between pages leaves its bytes behind, also where what is deleted is written over."""
    with closing(sqlite3.connect(told.database.path)) as older:
        older.execute("PRAGMA secure_delete=OFF")
        older.execute("CREATE TABLE old (x TEXT)")
        older.executemany("INSERT INTO old VALUES (?)", [(f"anna@example.se {n}",) for n in range(2000)])
        older.execute("DROP TABLE old")
        older.commit()
    anna = somebody(told.database)
    Subscribers(told.database).remove(anna.id)
    assert files_with(told, anna.address) == []
    assert told.verified(*told.mailed).problems == []


def test_hundreds_who_come_and_leave_leave_nothing(told: Told) -> None:
    register = Subscribers(told.database)
    added = [register.add(f"somebody-{n:03}@example.se", Audience.DUTY, [], [], "sv") for n in range(150)]
    for subscriber in added:
        register.remove(subscriber.id)
    assert files_with(told, "somebody-") == []


def test_an_address_of_another_audience_stays(told: Told) -> None:
    register = Subscribers(told.database)
    also = register.add("anna@example.se", Audience.DUTY, [], [], "sv")
    register.remove(also.id)
    assert somebody(told.database).address == "anna@example.se"


def test_while_somebody_reads_the_old_pages_it_is_told(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = somebody(told.database)
    told.database.connection().execute("PRAGMA busy_timeout=50")
    with closing(sqlite3.connect(told.database.path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM facts").fetchone()
        with pytest.raises(Unavailable, match="traces-left"):
            Subscribers(told.database).remove(anna.id)
    assert Subscribers(told.database).all() == []


def test_whoever_has_erased_a_name_keeps_its_hold_on_the_log(told: Told) -> None:
    """A process that opened the file by itself would let go of it as it closed it, and the next to leave, who took
    itself for the last one there, would remove what had been written last."""
    Subscribers(told.database).remove(somebody(told.database).id)
    around = os.environ | {"RESERVRUTIN_DATABASE_URL": told.database.url}
    subprocess.run([PROGRAM, "board"], env=around, check=True, capture_output=True)
    assert told.database.path.with_name("log.sqlite-wal").exists(), "it is open here"
    Staff(told.database).add("sven.svensson", [Function.SYSTEM_OWNER], LOG_OWNER)
    anew = Database(told.database.url)
    assert [member.login for member in Staff(anew).members()][-1] == "sven.svensson"
    anew.close()
