"""Whoever touches the log is found: every column, every row, and the log as a whole put back or made anew."""

import sqlite3
from base64 import b64encode
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Column, text

from domain.checkpoint import Signature
from domain.fact import Recorded
from domain.merkle import CompactRange, leaf_hash
from domain.refusals import Damaged
from domain.routine_document import builtin
from infrastructure.database.row_checksums import CHECKSUMMED
from infrastructure.database.tables import metadata
from infrastructure.integrity.checkpoints import all_kept, make
from infrastructure.integrity.ledger_rows import LEDGER
from infrastructure.integrity.verifying import verify
from infrastructure.log.codec import decode, encode
from infrastructure.outbox.planning import Planner
from infrastructure.read_models.board import Board
from infrastructure.read_models.catch_up import catch_up, rebuild
from tests.conftest import SQLITE
from tests.given import prognosis
from tests.infrastructure.told import NAME, ONE, Told, copy_of, is_file, key_of
from tests.postgres import administering
from tests.proofs import is_extension
from wording.sentences import told as sentence
from wording.words import Words, catalogue

only_a_file = pytest.mark.parametrize("original", [SQLITE], indirect=True)

WORDS = Words(catalogue("sv"), "sv", builtin())


def rewritten(told: Told, position: int, **changes: Any) -> bytes:
    """The fact at this position as its author would rather have it read, in the bytes that we would write."""
    row = told.database.connection().execute("SELECT bytes FROM facts WHERE position = ?", (position,)).fetchone()
    recorded: Recorded = decode(row[0], position)
    text = changes.pop("text", None)
    fact = recorded.fact.model_copy(update={"text": text}) if text else recorded.fact
    return encode(Recorded(**{name: getattr(recorded, name) for name in Recorded._fields} | {"fact": fact} | changes))


SET = "UPDATE facts SET bytes = :stored WHERE position = 3"


def test_a_log_that_nobody_has_touched_matches(told: Told) -> None:
    found = told.verified(*told.mailed)
    assert (found.problems, found.facts, found.signature) == ([], 8, Signature.VALID)
    assert [(seen.checkpoint.size, seen.extends, seen.signature) for seen in found.witnesses] == [
        (size, True, Signature.VALID) for size in (3, 6, 8)
    ]
    for seen in found.witnesses:
        assert is_extension(seen.checkpoint.size, 8, seen.proof, seen.checkpoint.root, found.head.root)


def test_it_goes_on_matching_as_facts_and_mail_come(told: Told) -> None:
    told.records(prognosis("12:30"), "2026-0002")
    assert told.verified(*told.mailed).problems == []  # the board lags behind, which is no harm
    Board(told.database).open_incidents()
    catch_up(told.database, Planner(told.database))
    assert told.verified(*told.mailed).problems == []


UNPROVED = {"wishes", "confirmations", "pauses"}
"""What is under way at the door; what came of it is proved (docs/decisions/0032)."""

COLUMNS = [column for table in metadata.sorted_tables if table.name not in UNPROVED for column in table.columns]
every_column = pytest.mark.parametrize("column", COLUMNS, ids=lambda column: f"{column.table.name}.{column.name}")


def other(column: Column[Any], told: Told) -> str:
    """Another value of the same kind, in SQL."""
    kind = str(column.type)
    if kind == "BOOLEAN":
        return f"NOT {column.name}"
    if kind in ("INTEGER", "FLOAT"):
        return f"coalesce({column.name}, 0) + 100"
    if kind == "BLOB":
        zero = "x'00'" if is_file(told.database) else r"'\x00'::bytea"
        return f"{column.name} || {zero}"
    return """'["websesam"]'""" if kind == "JSON" else f"coalesce({column.name}, '') || 'x'"


@every_column
def test_another_value_in_any_column_is_found_and_named(told: Told, column: Column[Any]) -> None:
    table = column.table.name
    row = key_of(told, table) if table in CHECKSUMMED else 0
    try:
        told.stranger(f"UPDATE {table} SET {column.name} = {other(column, told)} WHERE {ONE[table]}")
    except (sqlite3.IntegrityError, psycopg.errors.IntegrityError):
        return  # the database itself refuses, whoever asks
    found = told.verified().problems
    assert found, "nobody noticed"
    if table in ("facts", "leaves") and column.name != "position":
        assert 3 in {problem.position for problem in found}
    if table in CHECKSUMMED:
        [named] = [problem.data for problem in found if problem.reason == "row-changed"]
        moved = f"{row}x" if isinstance(row, str) else row + 100
        assert named == {"table": table, "row": moved if column.name == "id" else row}


VALUES = "x'00ff'", "'tolv'", "CAST(x'c328' AS TEXT)", "3.5", "NULL", "1 << 62", "-7", "printf('%.*c', 100000, '[')"
PAIRS = [
    pytest.param(
        column, value, id=f"{column.table.name}.{column.name}-{value}", marks=[pytest.mark.long] * bool(turn % 3)
    )
    for place, column in enumerate(COLUMNS)
    for turn, value in enumerate(VALUES, place)
]
"""Each value in each column. `make test` puts two or three of the values in each, each of them in every third."""


@only_a_file
@pytest.mark.parametrize(("column", "value"), PAIRS)
def test_a_value_of_any_kind_in_any_column_of_a_file_is_found_and_stops_nothing(
    told: Told, column: Column[Any], value: str
) -> None:
    """SQLite keeps whatever a stranger gives it."""
    table = column.table.name
    was = f"SELECT typeof({column.name}), hex({column.name}) FROM {table} WHERE {ONE[table]}"
    before = told.database.connection().execute(was).fetchone()
    try:
        told.stranger(f"UPDATE {table} SET {column.name} = {value} WHERE {ONE[table]}")
    except sqlite3.IntegrityError:
        return
    if told.database.connection().execute(was).fetchone() != before:
        found = told.verified().problems
        assert found, "nobody noticed"
        for problem in found:
            assert sentence(problem.reason, WORDS, **problem.data).encode()


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["DELETE FROM facts WHERE position = 5"], (5, "missing")),
        (["DELETE FROM facts WHERE position = 8"], (8, "missing")),
        (["DELETE FROM facts WHERE position = 1"], (1, "missing")),
        (["DELETE FROM facts WHERE position > 6", "DELETE FROM leaves WHERE position > 6"], (7, "missing")),
        (
            ["UPDATE facts SET position = 100 WHERE position = 2", "UPDATE facts SET position = 2 WHERE position = 3",
             "UPDATE facts SET position = 3 WHERE position = 100"],
            (2, "bytes-changed"),
        ),
        (
            ["UPDATE facts SET bytes = (SELECT bytes FROM facts WHERE position = 5) WHERE position = 8"],
            (8, "bytes-changed"),
        ),
        (["INSERT INTO facts SELECT 9, incident, entry, fact, bytes, 'c' FROM facts WHERE position = 5"],
         (9, "entry-out-of-order")),
        (["INSERT INTO facts SELECT 9, incident, entry, fact, bytes, command_id FROM facts WHERE position = 5"],
         (9, "command-twice")),
        (["INSERT INTO facts SELECT 9, incident, 3, fact, bytes, 'c' FROM facts WHERE position = 5"],
         (9, "not-in-the-tree")),
        (["INSERT INTO facts SELECT 9, incident, 3, fact, bytes, 'c' FROM facts WHERE position = 5"],
         (9, "beyond-the-tree")),
        (["INSERT INTO facts SELECT 12, incident, 4, fact, bytes, 'c' FROM facts WHERE position = 5"],
         (9, "missing")),
        (["INSERT INTO facts SELECT 0, 'x', 1, fact, bytes, 'c' FROM facts WHERE position = 5"],
         (0, "not-in-the-tree")),
        (["DELETE FROM facts"], (1, "missing")),
        (["DELETE FROM tree"], (1, "beyond-the-tree")),
        (["INSERT INTO tree SELECT size + 1, frontier FROM tree"], (None, "tree-unreadable")),
        (["DELETE FROM leaves WHERE position = 4"], (4, "not-in-the-tree")),
        (["DELETE FROM incidents"], (7, "board-differs")),
        (["INSERT INTO incidents SELECT '2026-0009', open, status, systems, entries, position FROM incidents LIMIT 1"],
         (None, "board-differs")),
        (["UPDATE tracking SET position = 5 WHERE projection = 'board'"], (3, "board-differs")),
        (["INSERT INTO tracking VALUES ('ghost', 1, NULL)"], (None, "tracking-ahead")),
        (["DELETE FROM tracking WHERE projection = 'outbox'"], (2, "delivery-unplanned")),
        (["DELETE FROM attempts"], (7, "delivery-not-sent")),
        (["UPDATE deliveries SET state = 'sent' WHERE state = 'queued'"], (4, "delivery-state")),
    ],
)  # fmt: skip
def test_rows_dropped_swapped_doubled_cut_off_or_added_are_named(
    told: Told, statements: list[str], named: tuple[int | None, str]
) -> None:
    told.stranger(*statements)
    assert named in told.found()


def test_a_word_changed_by_somebody_who_writes_as_we_do_is_named(told: Told) -> None:
    told.stranger(SET, stored=rewritten(told, 3, text="Kaos i växeln."))
    assert told.found() == {(3, "bytes-changed"), (None, "tree-does-not-fit"), (1, "other-than-witnessed")}


def test_bytes_that_are_not_canonical_are_named(told: Told) -> None:
    told.stranger(SET, stored=rewritten(told, 3) + b" ")
    assert (3, "not-canonical") in told.found()


@pytest.mark.parametrize("stored", [b"[" * 100_000, b'{"a":' * 150 + b"1" + b"}" * 150, b'"\xff"', b"7"])
def test_bytes_that_are_no_fact_are_named_however_deep_they_go(told: Told, stored: bytes) -> None:
    told.stranger(SET, stored=stored)
    assert {(3, "bytes-changed"), (3, "unreadable")} <= told.found()


@only_a_file
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("leaves", "position", "'x'"),
        ("tree", "size", "3.5"),
        ("checkpoints", "size", "'x'"),
        ("checkpoints", "size", "3.5"),
        ("checkpoints", "note", "NULL"),
        ("attempts", "id", "'x'"),
        ("facts", "position", "'x'"),
        ("deliveries", "id", "'x'"),
        ("subscribers", "id", "NULL"),
        ("registers", "rows", "'x'"),
        ("tracking", "position", "'x'"),
        ("incidents", "entries", "'x'"),
    ],
)
def test_a_table_that_was_made_anew_without_a_rule_is_found_and_stops_nothing(
    told: Told, table: str, column: str, value: str
) -> None:
    told.stranger(
        f"CREATE TABLE anew AS SELECT * FROM {table}",
        f"DROP TABLE {table}",
        f"ALTER TABLE anew RENAME TO {table}",
        f"UPDATE {table} SET {column} = {value} WHERE rowid = 1",
    )
    found = told.verified().problems
    assert found, "nobody noticed"
    for problem in found:
        assert sentence(problem.reason, WORDS, **problem.data).encode()


@only_a_file
def test_a_board_row_of_no_text_at_all_is_a_row_that_differs(told: Told) -> None:
    told.stranger("UPDATE incidents SET systems = CAST(x'c328' AS TEXT)")
    assert {reason for _position, reason in told.found()} == {"board-differs"}


@only_a_file
def test_of_what_a_stranger_has_written_no_more_is_shown_than_fits_a_screen(told: Told) -> None:
    told.stranger("UPDATE incidents SET number = printf('%.*c', 100000, 'x') WHERE number = '2026-0001'")
    shown = [sentence(problem.reason, WORDS, **problem.data) for problem in told.verified().problems]
    assert shown
    assert max(map(len, shown)) < 400


def polished(told: Told, position: int, stored: bytes) -> None:
    """The whole of the log made to match another text: leaves, tree, and the frontiers of its checkpoints."""
    told.stranger(f"UPDATE facts SET bytes = :stored WHERE position = {position}", stored=stored)
    connection = told.database.connection()
    hashes = [leaf_hash(row[0]) for row in connection.execute("SELECT bytes FROM facts ORDER BY position").fetchall()]
    for place, leaf in enumerate(hashes, 1):
        connection.execute("UPDATE leaves SET hash = ? WHERE position = ?", (leaf, place))
    connection.execute("UPDATE tree SET frontier = ?", (bytes(CompactRange().extended(hashes)),))
    rebuild(told.database, [Board(told.database)])


def test_a_history_that_was_polished_whole_does_not_give_what_was_signed(told: Told) -> None:
    polished(told, 5, rewritten(told, 5, text="Lund har inte ringt."))
    [problem] = told.verified().problems
    assert (problem.position, problem.reason) == (4, "other-than-witnessed")
    assert problem.data == {"first": 4, "until": 6}
    connection = told.database.connection()
    connection.execute("DELETE FROM checkpoints")
    assert told.found() == {(None, "rows-missing")}
    connection.execute("UPDATE registers SET rows = 0 WHERE name = 'checkpoints'")
    assert told.found() == set(), "with the checkpoints gone too the log itself tells nothing"
    [problem] = told.verified(*told.mailed[:2]).problems
    assert (problem.reason, problem.data) == ("other-than-witness", {"first": 4, "until": 6, "name": "mail 1"})


def test_two_checkpoints_that_no_one_log_can_have_say_of_the_key_that_it_signed_two(told: Told) -> None:
    """Somebody with the key has had it sign for another history at the same place, or before one that it signed."""
    other = CompactRange().extended([leaf_hash(b"%d" % place) for place in range(6)])
    note = told.key.note(f"{NAME}\n6\n{b64encode(other.root).decode()}\n")
    told.stranger(
        "UPDATE checkpoints SET note = :note, root = :root, frontier = :frontier WHERE size = 6",
        note=note, root=other.root, frontier=bytes(other),
    )  # fmt: skip
    [problem] = [problem for problem in told.verified().problems if problem.reason == "kept-otherwise"]
    assert problem.data == {"size": 6, "other": 8, "log": NAME}
    words = Words(catalogue("en"), "en", builtin())
    assert "6 and 8 contradict each other" in sentence(problem.reason, words, **problem.data)


def test_a_checkpoint_made_anew_with_another_key_is_not_ours(told: Told) -> None:
    note = told.mailed[1].replace("\n6\n", "\n5\n")
    told.stranger("UPDATE checkpoints SET note = :note WHERE size = 6", note=note)
    assert (6, "checkpoint-columns") in told.found()
    forged = told.mailed[1][:-10] + "AAAAAAAA=\n"
    told.database.connection().execute("UPDATE checkpoints SET note = ? WHERE size = 6", (forged,))
    assert {reason for _, reason in told.found()} <= {"checkpoint-forged", "checkpoint-note"}
    assert told.found() != set()


def test_an_older_backup_put_back_is_found_by_mail_and_by_the_key(original: Told, told: Told, tmp_path: Path) -> None:
    for fact in ("09:30", "09:31"):
        told.records(prognosis("12:30" if fact == "09:30" else "12:45"), "2026-0002")
    newest = make(told.database, told.key)
    assert newest is not None
    with copy_of(original, tmp_path / "older") as restored:
        assert restored.found() == set()
        assert restored.found(newest.note) == {(9, "missing")}
        restored.records(prognosis("13:30"), "2026-0002")
        restored.records(prognosis("13:45"), "2026-0002")
        [problem] = restored.verified(newest.note).problems
        assert (problem.reason, problem.data["first"], problem.data["until"]) == ("other-than-witness", 9, 10)
        signed = told.key.last_signed()
        assert signed == newest.note
        with pytest.raises(Damaged, match="other-than-signed"):
            make(restored.database, told.key)


def test_the_memory_of_the_key_says_that_the_log_was_cut_short(told: Told) -> None:
    from domain.checkpoint import parse

    told.records(prognosis("12:30"), "2026-0002")
    note = make(told.database, told.key)
    assert note is not None
    told.stranger(
        "DELETE FROM facts WHERE position = 9", "DELETE FROM leaves WHERE position = 9",
        "DELETE FROM checkpoints WHERE size = 9", "UPDATE registers SET rows = 3 WHERE name = 'checkpoints'",
    )  # fmt: skip
    connection = told.database.connection()
    hashes = [leaf_hash(row[0]) for row in connection.execute("SELECT bytes FROM facts ORDER BY position").fetchall()]
    connection.execute("UPDATE tree SET size = 8, frontier = ?", (bytes(CompactRange().extended(hashes)),))
    assert told.found() == set()
    found = verify(told.database, [told.key.verifier], signed=parse(note.note)[0])
    assert [(problem.position, problem.reason) for problem in found.problems] == [(9, "shorter-than-signed")]
    with pytest.raises(Damaged, match="shorter-than-signed"):
        make(told.database, told.key)


def test_a_broken_tree_never_stops_a_fact_and_is_not_signed_for(told: Told) -> None:
    told.database.connection().execute("UPDATE tree SET size = 5")
    told.records(prognosis("12:30"), "2026-0002")
    assert told.verified().facts == 9
    with pytest.raises(Damaged, match="tree-unreadable"):
        make(told.database, told.key)
    told.database.connection().execute("UPDATE tree SET size = 8, frontier = ?", (b"\x00" * 32,))
    told.records(prognosis("12:45"), "2026-0002")
    with pytest.raises(Damaged, match="tree-does-not-fit"):
        make(told.database, told.key)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ("UPDATE checkpoints SET root = zeroblob(32) WHERE size = 8", "checkpoint-columns"),
        ("UPDATE checkpoints SET frontier = zeroblob(32) WHERE size = 8", "checkpoint-frontier"),
        ("UPDATE checkpoints SET note = 'x' WHERE size = 8", "checkpoint-note"),
    ],
)
@only_a_file
def test_nothing_is_signed_on_top_of_a_checkpoint_that_somebody_has_changed(told: Told, harm: str, reason: str) -> None:
    told.owner(harm)
    told.records(prognosis("12:30"), "2026-0002")
    with pytest.raises(Damaged, match=reason):
        make(told.database, told.key)
    assert told.key.last_signed() == told.mailed[-1]


def test_what_was_signed_is_never_contradicted(told: Told) -> None:
    """A checkpoint extends the one before it, also where somebody has changed the facts that it covers."""
    told.owner(SET, stored=rewritten(told, 3, text="Kaos."))
    told.records(prognosis("12:30"), "2026-0002")
    make(told.database, told.key)
    sizes = [kept.size for kept in all_kept(told.database.connection())]
    assert sizes == [3, 6, 8, 9]
    first = {kept.size: kept for kept in all_kept(told.database.connection())}
    stored = told.database.connection().execute("SELECT bytes FROM facts WHERE position = 9").fetchone()[0]
    grown = CompactRange.from_bytes(8, first[8].frontier).extended([leaf_hash(stored)])
    assert grown.root == first[9].root
    assert (3, "bytes-changed") in told.found()


def test_facts_by_the_thousand_are_read_some_at_a_time(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infrastructure.integrity.verifying.TAKEN_AT_ONCE", 3)
    monkeypatch.setattr("infrastructure.log.tree.TAKEN_AT_ONCE", 2)
    seen: list[int] = []
    found = verify(told.database, [told.key.verifier], progress=seen.append)
    assert (found.problems, seen) == ([], [3, 6, 8])
    with told.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM checkpoints"))
    (told.key.path.parent / "signing.key.signed").unlink()
    kept = make(told.database, told.key)
    assert kept is not None
    assert kept.root == found.head.root


def test_the_newest_attempt_is_not_looked_for_from_the_end_of_all(postgresql_url: str) -> None:
    """Also where a server takes every delivery for one with many, as it does while a table is new to it."""
    with administering(postgresql_url) as server:
        server.execute("SET session_replication_role = replica")
        numbers = "FROM generate_series(1, 3000) number"
        server.execute(f"INSERT INTO attempts (delivery, at, state, reply) SELECT number, '', 'sent', '' {numbers}")
        server.execute("ALTER TABLE attempts ALTER delivery SET (n_distinct = 2)")
        server.execute("ANALYZE attempts")
        for statement in LEDGER.values():
            plan = server.execute(f"EXPLAIN {statement}").fetchall()
            assert not [line for (line,) in plan if "Backward" in line]
