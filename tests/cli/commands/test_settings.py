"""`reservrutin settings`: what is in force, where it comes from, and no secret."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("reservrutin")
SECRETS = ("hem@ligt", "hemligt", "en hemlighet som räcker")
CONFIG = """\
# det som gäller alla här
database_url = "postgresql+psycopg://reservrutin_worker:hemligt@db.example.se/log?sslpassword=hemligt"
smtp_url = "smtp://reservrutin:hem@ligt@relay.region.example.se:587?tls=starttls"
smtp_connections = 8
"""


def shown(tmp_path: Path, *words: str, **environment: str) -> str:
    """What the command prints in a process of its own, with the file above."""
    config, secret = tmp_path / "reservrutin.toml", tmp_path / "secret"
    config.write_text(CONFIG, encoding="utf-8")
    secret.write_text("en hemlighet som räcker\n", encoding="utf-8")
    around = {name: value for name, value in os.environ.items() if not name.startswith("RESERVRUTIN_")} | environment
    around |= {"RESERVRUTIN_MAIL_RETURN_SECRET_FILE": str(secret), "RESERVRUTIN_MAIL_HOLD": "1 min"}
    command: list[str | Path] = [PROGRAM, "settings", "--config", config, *words]
    ended = subprocess.run(command, env=around, capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    assert not [secret for secret in SECRETS if secret in ended.stdout]
    return ended.stdout


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "sv",
            [
                "lang                       sv  (förvalt)",
                "base_url                   –  (inte satt)",
                "smtp_connections           8  (från {config}, rad 4)",
                "mail_return_secret         ***  (från RESERVRUTIN_MAIL_RETURN_SECRET_FILE)",
                "mail_hold                  1 min  (från RESERVRUTIN_MAIL_HOLD)",
            ],
        ),
        (
            "en",
            [
                "lang                       sv  (default)",
                "base_url                   –  (not set)",
                "smtp_connections           8  (from {config}, line 4)",
                "mail_return_secret         ***  (from RESERVRUTIN_MAIL_RETURN_SECRET_FILE)",
                "mail_hold                  1 min  (from RESERVRUTIN_MAIL_HOLD)",
            ],
        ),
    ],
)
def test_every_setting_is_shown_with_where_it_stands(tmp_path: Path, language: str, lines: list[str]) -> None:
    told = shown(tmp_path, "--lang", language)
    whole = " ".join(told.split())
    for line in lines:
        assert " ".join(line.format(config=tmp_path / "reservrutin.toml").split()) in whole
    assert "  smtp://reservrutin:***@relay.region.example.se:587?tls=starttls\n" in told, "to be copied, so not broken"


def test_it_stays_within_eighty_columns_but_for_what_is_one_word(tmp_path: Path) -> None:
    for line in shown(tmp_path).splitlines():
        assert len(line) <= 80 or len(line.split()) == 1 or str(tmp_path) in line, line


def test_json_says_the_same(tmp_path: Path) -> None:
    told = {setting.pop("setting"): setting for setting in json.loads(shown(tmp_path, "--json"))}
    assert told["mail_hold"] == {"value": "1 min", "source": "environment", "variable": "RESERVRUTIN_MAIL_HOLD"}
    file = {"source": "file", "path": str(tmp_path / "reservrutin.toml")}
    assert told["smtp_connections"] == {"value": "8", **file, "line": 4}
    assert told["smtp_url"]["value"] == "smtp://reservrutin:***@relay.region.example.se:587?tls=starttls"
    assert told["lang"] == {"value": "sv", "source": "default"}
    assert told["base_url"] == {"value": None, "source": "default"}


def test_where_nothing_is_set_the_log_is_still_shown(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").touch()
    around = {name: value for name, value in os.environ.items() if not name.startswith("RESERVRUTIN_")}
    around |= {"XDG_DATA_HOME": str(tmp_path)}
    command: list[str | Path] = [PROGRAM, "settings", "--config", tmp_path / "empty.toml", "--json"]
    ended = subprocess.run(command, env=around, capture_output=True, text=True, check=True)
    first = json.loads(ended.stdout)[0]
    assert first["source"] == "default"
    assert first["value"].startswith("sqlite:///")
    assert first["value"].endswith("reservrutin.sqlite")


def test_the_readme_lists_every_setting(tmp_path: Path) -> None:
    readme = Path(__file__).parents[3].joinpath("README.md").read_text(encoding="utf-8")
    for setting in json.loads(shown(tmp_path, "--json")):
        assert f"| `{setting['setting']}` | `RESERVRUTIN_{setting['setting'].upper()}` |" in readme
