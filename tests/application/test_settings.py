"""Where the settings are looked for, and where the log lies unless they say."""

import sys
from pathlib import Path

import pytest
from platformdirs import user_config_dir, user_data_dir

from application.settings import load


@pytest.mark.parametrize("folder", ["", "  ", "inställningar"])
def test_the_settings_are_read_from_the_platforms_folder(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own shortcut on Linux leads where the library would."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / folder) if folder.strip() else folder)
    file = Path(user_config_dir("reservrutin", appauthor=False)) / "reservrutin.toml"
    file.parent.mkdir(parents=True)
    file.write_text('mail_hold = "7s"\n', encoding="utf-8")
    assert file.is_relative_to(tmp_path) or sys.platform != "linux"
    assert load(environment={}).mail_hold == "7s"


@pytest.mark.parametrize("folder", ["", "  ", "data"])
def test_the_log_lies_in_the_platforms_folder(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / folder) if folder.strip() else folder)
    lies = Path(user_data_dir("reservrutin", appauthor=False)) / "reservrutin.sqlite"
    assert load(environment={}).database_url == f"sqlite:///{lies}"
