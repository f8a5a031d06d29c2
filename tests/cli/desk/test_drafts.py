"""What is kept of what was typed while the desk is away."""

import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.desk.drafts import DraftFile, Drafts

LOG = "sqlite:///log.sqlite"


def now() -> datetime:
    return datetime(2026, 12, 7, 12, tzinfo=UTC)


def of_one_that_is_killed(folder: Path, drafts: Drafts, log: str = LOG) -> Path:
    """A desk keeps these and goes as if killed: its lock goes with it, and nothing is tidied up."""
    file = DraftFile(folder, log, now)
    file.keep(drafts)
    [path] = [path for path in folder.iterdir() if path.suffix == ".json"]
    left = path.read_bytes()
    file.close()
    path.write_bytes(left)
    return path


def taken_up(folder: Path, log: str = LOG) -> Drafts:
    """What the next desk finds."""
    desk = DraftFile(folder, log, now)
    found = desk.take_up()
    desk.close()
    return found


def test_what_was_typed_is_there_again(tmp_path: Path) -> None:
    drafts = Drafts({"2026-0001 note-added": {"text": "Lugnt", "systems": ("websesam",)}}, "2026-0001 note-added")
    left = of_one_that_is_killed(tmp_path, drafts)
    assert stat.S_IMODE(left.stat().st_mode) == 0o600
    again = DraftFile(tmp_path, LOG, now)
    assert again.take_up() == drafts
    assert not left.exists()
    again.close()
    assert taken_up(tmp_path) == drafts, "until they are written"


def test_a_line_that_was_cut_short_by_the_end_takes_none_of_it(tmp_path: Path) -> None:
    drafts = Drafts({"new note-added": {"text": "Lugnt"}})
    left = of_one_that_is_killed(tmp_path, drafts)
    left.write_bytes(left.read_bytes() + b'tt"}}}\n')  # of a longer one before it, killed before the file was cut
    assert taken_up(tmp_path) == drafts


@pytest.mark.parametrize("room", [0, 20])
def test_where_there_is_no_room_what_others_left_stays(tmp_path: Path, room: int) -> None:
    drafts = Drafts({"new note-added": {"text": "Lugnt"}})
    left = of_one_that_is_killed(tmp_path, drafts)
    desk = DraftFile(tmp_path, LOG, now)
    with no_more_room_than(room):
        assert desk.take_up() == drafts, "it stands on the screen"
    desk.close()
    assert left.exists()
    assert taken_up(tmp_path) == drafts


@contextmanager
def no_more_room_than(size: int) -> Iterator[None]:
    """No file grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_two_desks_at_once_each_keep_their_own(tmp_path: Path) -> None:
    one, other = DraftFile(tmp_path, LOG, now), DraftFile(tmp_path, LOG, now)
    one.keep(Drafts({"new note-added": {"text": "Den enas"}}))
    other.keep(Drafts({"new callers-informed": {"count": "3"}}))
    assert taken_up(tmp_path) == Drafts(), "both are still there"
    one.close()
    other.close()
    assert set(taken_up(tmp_path).forms) == {"new note-added", "new callers-informed"}


def test_what_was_typed_for_one_log_is_not_for_another(tmp_path: Path) -> None:
    of_one_that_is_killed(tmp_path, Drafts({"2026-0001 note-added": {"text": "Övning"}}), "sqlite:///exercise.sqlite")
    assert taken_up(tmp_path) == Drafts()
    assert taken_up(tmp_path, "sqlite:///exercise.sqlite")


def test_a_personnummer_is_kept_nowhere(tmp_path: Path) -> None:
    file = DraftFile(tmp_path, LOG, now)
    file.keep(Drafts({"new note-added": {"text": "Anna 19121212-1212 och mer", "in.note": "Lugnt"}}))
    [path] = tmp_path.iterdir()
    assert "1212" not in path.read_text()
    file.close()
    assert taken_up(tmp_path).forms == {"new note-added": {"in.note": "Lugnt"}}


def test_with_nothing_to_keep_nothing_is_left(tmp_path: Path) -> None:
    file = DraftFile(tmp_path, LOG, now)
    file.keep(Drafts({"new note-added": {"text": "Lugnt"}}))
    file.keep(Drafts())
    file.close()
    assert list(tmp_path.iterdir()) == []


def test_what_can_not_be_read_is_nothing(tmp_path: Path) -> None:
    of_one_that_is_killed(tmp_path, Drafts({"new note-added": {"text": "Lugnt"}})).write_text("{")
    assert taken_up(tmp_path) == Drafts()
