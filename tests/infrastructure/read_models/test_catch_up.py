"""Read models: every fact exactly once, and none of them ever stops a fact from being recorded."""

import threading
from collections.abc import Callable, Sequence

import pytest

from domain import facts as f
from domain.fact import Recorded
from infrastructure.database.backend import Connection
from infrastructure.database.database import Database
from infrastructure.log.codec import decode
from infrastructure.log.incident_log import Answer
from infrastructure.read_models import catch_up as module
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import Broken, catch_up, rebuild
from tests.given import CLOSED, outage, restored
from tests.infrastructure import work
from tests.infrastructure.processes import all_at_once

Records = Callable[..., Answer]


@pytest.fixture
def counted(database: Database) -> Database:
    database.connection().execute("CREATE TABLE counted (position INTEGER NOT NULL)")
    return database


def seen(database: Database) -> list[int]:
    return [position for (position,) in database.connection().execute("SELECT position FROM counted ORDER BY 1")]


def position(database: Database, name: str) -> tuple[int, str | None] | None:
    row: tuple[int, str | None] | None = (
        database.connection().execute("SELECT position, problem FROM tracking WHERE projection = ?", (name,)).fetchone()
    )
    return row


class Stubborn(work.Counting):
    """Can't read past the given position; has written rows of the batch by then."""

    name = "stubborn"

    def __init__(self, cannot_read: int) -> None:
        self.cannot_read = cannot_read

    def apply(self, connection: Connection, facts: Sequence[Recorded]) -> None:
        for recorded in facts:
            connection.execute("INSERT INTO counted VALUES (?)", (recorded.position,))
            if recorded.position == self.cannot_read:
                raise ZeroDivisionError("en trasig mall")


def test_a_projection_sees_every_fact_once_in_the_order_of_the_log(records: Records, counted: Database) -> None:
    number = records(outage()).recorded.incident
    assert catch_up(counted, work.Counting()) is None
    for n in range(4):
        records(f.NoteAdded(text=f"anteckning {n}"), number)
    assert catch_up(counted, work.Counting()) is None
    assert catch_up(counted, work.Counting()) is None
    assert seen(counted) == [1, 2, 3, 4, 5]
    assert position(counted, "counting") == (5, None)


def test_more_facts_than_a_batch_are_pulled_in_several(
    records: Records, counted: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    number = records(outage()).recorded.incident
    for n in range(7):
        records(f.NoteAdded(text=f"anteckning {n}"), number)
    assert catch_up(counted, work.Counting()) is None
    assert seen(counted) == list(range(1, 9))


def test_catching_up_ends_however_much_is_written_meanwhile(
    records: Records, counted: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import writes faster than a projection moves: nothing would be planned and no board shown before it ends."""
    number = records(outage()).recorded.incident
    looked = module._position

    def looks_while_another_writes(connection: Connection, name: str) -> int:
        assert records(f.NoteAdded(text="medan vi läser"), number).recorded.entry < 10
        return looked(connection, name)

    monkeypatch.setattr(module, "_position", looks_while_another_writes)
    assert catch_up(counted, work.Counting()) is None
    monkeypatch.setattr(module, "_position", looked)
    assert catch_up(counted, work.Counting()) is None
    assert seen(counted) == [*range(1, len(seen(counted)) + 1)]


def test_processes_that_pull_while_others_record_count_every_fact_exactly_once(url: str, counted: Database) -> None:
    number = work.opens(url)
    all_at_once(_either, [(url, number, n) for n in range(8)])
    assert catch_up(counted, work.Counting()) is None
    assert seen(counted) == list(range(1, 4 * 25 + 2))
    assert Board(counted).open_incidents() == [number]


def _either(url: str, number: str, place: int) -> list[str] | list[int]:
    return work.pulls(url, 40) if place % 2 else work.notes(url, number, 25)


def test_threads_that_share_the_database_count_every_fact_exactly_once(records: Records, counted: Database) -> None:
    number = records(outage()).recorded.incident
    for n in range(60):
        records(f.NoteAdded(text=f"anteckning {n}"), number)
    problems: list[Broken | None] = []
    start = threading.Barrier(6)

    def pull() -> None:
        start.wait()
        problems.append(catch_up(counted, work.Counting()))

    threads = [threading.Thread(target=pull) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == [None] * 6
    assert seen(counted) == list(range(1, 62))


def test_a_projection_that_finds_another_was_there_starts_over(records: Records, counted: Database) -> None:
    """The other one moves the position after ours was read and before ours is set."""
    number = records(outage()).recorded.incident
    records(f.NoteAdded(text="en"), number)
    faster = [True]

    def decode_while_another_pulls(stored: bytes, at: int | None = None) -> Recorded:
        if faster:
            faster.pop()
            assert catch_up(counted, work.Counting()) is None
        return decode(stored, at)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "decode", decode_while_another_pulls)
        assert catch_up(counted, work.Counting()) is None
    assert seen(counted) == [1, 2]


def test_a_projection_that_raises_never_stops_a_fact_and_is_named_to_the_next_reader(
    records: Records, counted: Database
) -> None:
    number = records(outage()).recorded.incident
    assert catch_up(counted, Stubborn(cannot_read=3)) is None
    records(f.NoteAdded(text="två"), number)
    assert records(f.NoteAdded(text="tre"), number).recorded.position == 3
    for _ in range(2):
        broken = catch_up(counted, Stubborn(cannot_read=3))
        assert broken == Broken("stubborn", 1, "ZeroDivisionError: en trasig mall")
        assert records(f.NoteAdded(text="ändå"), number).recorded.entry
    assert seen(counted) == [1], "nothing of the batch that failed is left"
    assert position(counted, "stubborn") == (1, "ZeroDivisionError: en trasig mall")


def test_a_broken_projection_stops_itself_alone_and_goes_on_once_mended(records: Records, counted: Database) -> None:
    records(outage())
    assert catch_up(counted, Stubborn(cannot_read=1))
    assert position(counted, "stubborn") == (0, "ZeroDivisionError: en trasig mall")
    board = Board(counted)
    assert board.open_incidents() == ["2026-0001"]
    assert board.broken is None
    assert catch_up(counted, Stubborn(cannot_read=0)) is None
    assert seen(counted) == [1]
    assert position(counted, "stubborn") == (1, None)


def test_the_board_that_cannot_read_on_says_so_and_reads_the_facts_themselves(
    records: Records, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    records(outage())
    board = Board(database)
    assert board.open_incidents() == ["2026-0001"]
    records(outage())

    def raises(*_: object) -> None:
        raise RuntimeError("trasig")

    with monkeypatch.context() as patch:
        patch.setattr(board, "apply", raises)
        assert board.open_incidents() == ["2026-0001", "2026-0002"]
        assert board.broken == Broken("board", 1, "RuntimeError: trasig")
    assert board.open_incidents() == ["2026-0001", "2026-0002"]
    assert board.broken is None


def test_rebuilding_gives_the_same_rows(records: Records, database: Database) -> None:
    first = records(outage()).recorded.incident
    records(restored(), first)
    records(CLOSED, first)
    second = records(f.DisturbanceReported(unit="Ortopeden Lund")).recorded.incident
    third = records(outage()).recorded.incident
    board = Board(database)
    assert board.open_incidents() == [second, third]
    assert (board.all_incidents(), board.newest()) == ([first, second, third], third)

    def rows() -> list[tuple[object, ...]]:
        return database.connection().execute("SELECT * FROM incidents ORDER BY number").fetchall()

    before = rows()
    database.connection().execute("UPDATE incidents SET status = 'nonsense', open = false")
    assert rows() != before
    assert rebuild(database, [board]) == []
    assert rows() == before
    assert position(database, "board") == (5, None)


def test_rebuilding_throws_the_old_rows_away(records: Records, counted: Database) -> None:
    records(outage())
    records(outage())
    assert catch_up(counted, work.Counting()) is None
    assert rebuild(counted, [work.Counting()]) == []
    assert seen(counted) == [1, 2]


def test_rebuilding_names_the_projection_that_cannot_be_rebuilt_and_goes_on_with_the_rest(
    records: Records, counted: Database
) -> None:
    records(outage())
    [broken] = rebuild(counted, [Stubborn(cannot_read=1), work.Counting()])
    assert broken.projection == "stubborn"
    assert seen(counted) == [1]


def test_the_position_moves_by_compare_and_set(records: Records, counted: Database) -> None:
    records(outage())
    with counted.writing() as connection:
        assert module._moved(connection, "counting", 0, 1)
        assert not module._moved(connection, "counting", 0, 1)
        assert not module._moved(connection, "counting", 7, 9)
        assert module._moved(connection, "counting", 1, 4)
    assert position(counted, "counting") == (4, None)
