"""The commands of docs/operations.md, as they stand there."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from infrastructure.database import Database
from tests.postgres import PROTOCOL, own_server
from tests.rows import everything
from tests.terminal import Terminal

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
OUTAGE = "outage-detected --scope all-users --system sesam-s2"


def lines(*programs: str) -> list[str]:
    """The commands that begin with these words, in the order of the document."""
    told = [line.strip() for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
    return [line for line in told if line.startswith(programs)]


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="SQLite's shell is not on this machine")
@pytest.mark.parametrize("line", lines("sqlite3 "))
def test_a_file_is_backed_up_while_it_is_written_and_comes_back_whole(line: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, url=f"sqlite:///{tmp_path / 'reservrutin.sqlite'}").at("08:05")
    terminal.records(OUTAGE)
    before = everything(terminal.desk.database)
    subprocess.run(shlex.split(line), cwd=tmp_path, check=True)
    terminal.records("note-added --text senare")
    copy = Terminal(tmp_path, url=f"sqlite:///{tmp_path / 'copy.sqlite'}").at("08:05")
    assert everything(copy.desk.database) == before
    assert copy.records("note-added --text vidare").json["position"] == 2
    terminal.close()
    copy.close()


def test_a_database_is_dumped_and_restored_with_its_rules_and_its_roles(tmp_path: Path) -> None:
    with own_server() as server:
        host = f"127.0.0.1:{server.port}"
        administrator = Terminal(tmp_path, url=f"{PROTOCOL}postgres@{host}/reservrutin").at("08:05")
        assert administrator.types("database init").code == 0
        administrator.records(OUTAGE)
        before = everything(administrator.desk.database)
        for line in lines("pg_dump", "createdb", "pg_restore"):
            program, *words = shlex.split(line)
            said = [word.replace("@HOST", f"@{host}").replace("=HOST", "=127.0.0.1") for word in words]
            if program == "createdb":
                said.append(f"--port={server.port}")
                said.sort(key=lambda word: word.startswith("--"), reverse=True)
            if (server.binaries / program).exists():
                server.run(program, *said)
            else:
                pytest.fail(f"{program} is missing")
        restored = Terminal(tmp_path, url=f"{PROTOCOL}postgres@{host}/restored").at("08:05")
        assert everything(restored.desk.database) == before
        assert restored.types("database init").code == 0
        recorder = Terminal(tmp_path, url=f"{PROTOCOL}reservrutin_recorder@{host}/restored").at("08:06")
        assert recorder.records("note-added --text vidare").json["position"] == 2
        with pytest.raises(Exception, match="never changed"):
            Database(restored.settings.database_url).connection().execute("DELETE FROM facts")
        for opened in (administrator, restored, recorder):
            opened.close()
