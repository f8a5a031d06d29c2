"""What is kept of what was typed while the desk is away."""

import stat
from pathlib import Path

from cli.desk.drafts import Drafts, keep, kept


def test_what_was_typed_is_there_again(tmp_path: Path) -> None:
    drafts = Drafts({"2026-0001 note-added": {"text": "Lugnt", "systems": ("websesam",)}}, "note-added")
    keep(tmp_path / "drafts.json", drafts)
    assert kept(tmp_path / "drafts.json") == drafts
    assert stat.S_IMODE((tmp_path / "drafts.json").stat().st_mode) == 0o600


def test_a_personnummer_is_kept_nowhere(tmp_path: Path) -> None:
    keep(tmp_path / "drafts.json", Drafts({"new note-added": {"text": "Anna 19121212-1212", "in.note": "Lugnt"}}))
    assert "1212" not in (tmp_path / "drafts.json").read_text()
    assert kept(tmp_path / "drafts.json").forms == {"new note-added": {"in.note": "Lugnt"}}


def test_with_nothing_to_keep_nothing_is_left(tmp_path: Path) -> None:
    keep(tmp_path / "drafts.json", Drafts({"new note-added": {"text": "Lugnt"}}))
    keep(tmp_path / "drafts.json", Drafts())
    assert not (tmp_path / "drafts.json").exists()
    assert kept(tmp_path / "drafts.json") == Drafts()


def test_what_can_not_be_read_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "drafts.json").write_text("{")
    assert kept(tmp_path / "drafts.json") == Drafts()
