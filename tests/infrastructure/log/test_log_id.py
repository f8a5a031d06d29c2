"""What a log is called that no other is."""

from pathlib import Path

from infrastructure.database.copying import move
from infrastructure.database.database import Database
from infrastructure.log.incident_log import IncidentLog, Proposal
from infrastructure.log.tree import log_id
from tests.empty_log import empty_log
from tests.given import outage
from tests.infrastructure.work import VO


def test_a_log_keeps_its_id_wherever_it_is_moved_to_and_shares_it_with_no_other(
    database: Database, tmp_path: Path
) -> None:
    others = [Database(empty_log(tmp_path / name)) for name in ("other.sqlite", "moved.sqlite")]
    assert log_id(database.connection()) == ""
    for each in (database, others[0]):
        IncidentLog(each).record(Proposal(outage(), VO, "s-1"))
    before = log_id(database.connection())
    IncidentLog(database).record(Proposal(outage(), VO, "s-1"))
    move(database, others[1])
    other, moved = (log_id(each.connection()) for each in others)
    for each in others:
        each.close()
    assert before == log_id(database.connection()) == moved != other
