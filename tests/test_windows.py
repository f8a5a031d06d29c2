"""A desk on Windows, as far as that can be tried without: on Linux, with nothing that Windows does not have."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.as_on_windows import SIGBREAK

ROOT = Path(__file__).parents[1]
A_DAY = (
    "keys create",
    "record outage-detected --scope all-users --system sesam-s2",
    "record operating-information-published --as system-owner --channel vardgivare-skane --text Avbrott",
    "staff add 'SKANE\\ANNA.ÅBERG' --role hjalpmedel-administration --role vo-hjalpmedel",
    "record note-added --text Lugnt",
    "board",
    "show",
    "due",
    "log",
    "say",
    "subscriber add lund@example.se --audience staff",
    "worker",
    "worker --once",
    "publish {folder}/sidor",
    "export 1 --format html -o {folder}/rapport.html",
    "export 1 --format html -o {folder}/rapport.html --force",
    "export --all --format cloudevents -o {folder}/allt.json",
    "checkpoint",
    "verify",
    "copy --to sqlite:///{folder}/kopia.sqlite",
    "doctor",
    "staff add 'SKANE\\Sven' --role system-owner",
    "staff remove 'skane\\SVEN'",
)


class Played(NamedTuple):
    folder: Path
    code: int
    answered: dict[str, tuple[int, str, str]]
    """By line: its exit code, what it printed and what it complained of."""
    shown: list[str]
    err: str


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("windows")
    around = {name: value for name, value in os.environ.items() if not name.startswith("RESERVRUTIN_")}
    around |= {
        "PYTHONTZPATH": "",
        "TEXTUAL_DRIVER": "textual.drivers.headless_driver:HeadlessDriver",
        "PYTHONWARNDEFAULTENCODING": "1",
        "RESERVRUTIN_DATABASE_URL": f"sqlite:///{folder}/log.sqlite",
        "RESERVRUTIN_SIGNING_KEY_FILE": f"{folder}/nyckel",
        "RESERVRUTIN_PUBLISH_DIR": f"{folder}/sidor",
        "RESERVRUTIN_NOTICE_FOLDER": f"{folder}/utskick",
        "RESERVRUTIN_ONLY_CHANNEL": "folder",
        "RESERVRUTIN_MAIL_HOLD": "0s",
        "RESERVRUTIN_TRACEBACK": "1",
    }
    (folder / "utskick").mkdir()
    lines = [line.format(folder=folder) for line in A_DAY]
    command = [sys.executable, "-m", "tests.as_on_windows", str(folder), *lines]
    done = subprocess.run(command, cwd=ROOT, env=around, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    answered = {line: (code, out, err) for line, (code, out, err) in zip(A_DAY, said["answered"], strict=True)}
    return Played(folder, done.returncode, answered, said["shown"], done.stderr)


def test_every_command_of_a_desk_does_its_work(played: Played) -> None:
    assert {line: told for line, told in played.answered.items() if told[0]} == {}
    assert (played.folder / "rapport.html").stat().st_size > 10_000
    assert (played.folder / "sidor" / "index.html").exists()
    assert list((played.folder / "utskick").glob("*.eml"))


def test_a_login_is_its_domains_and_the_same_in_any_letters(played: Played) -> None:
    """Who sits there is SKANE\\Anna.Åberg."""
    assert played.answered["record note-added --text Lugnt"][0] == 0
    _code, said, _err = played.answered["staff remove 'skane\\SVEN'"]
    assert "skane\\sven" in said.lower()


def test_what_was_typed_is_there_again_also_when_the_console_was_closed(played: Played) -> None:
    assert ["lugnt" in shown for shown in played.shown] == [True, True]
    assert played.code == -SIGBREAK, played.err
    [left] = (played.folder / "drafts").iterdir()
    assert "lugnt igen" in left.read_text(encoding="utf-8")
