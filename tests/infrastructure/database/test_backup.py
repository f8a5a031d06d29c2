"""The commands of docs/operations.md, as they stand there."""

import shlex
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from psycopg.errors import InsufficientPrivilege

from infrastructure.database.database import Database
from infrastructure.database.grants import READER, RECORDER, ROLES
from tests.postgres import PROTOCOL, Server, administering, own_server
from tests.rows import everything
from tests.terminal import Terminal

DOCUMENT = Path(__file__).parents[3] / "docs" / "operations.md"
OUTAGE = "outage-detected --scope all-users --system sesam-s2"


def lines(*programs: str) -> list[str]:
    """The commands that begin with these words, in the order of the document."""
    told = [line.strip() for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("    ")]
    return [line for line in told if line.startswith(programs)]


def sqlite_shell(said: str, folder: Path) -> None:
    """The command as it stands; without SQLite's own shell, what that would have done."""
    _, file, statement = words = shlex.split(said)
    if shutil.which("sqlite3"):
        subprocess.run(words, cwd=folder, check=True)
        return
    with closing(sqlite3.connect(folder / file)) as source:
        if statement.startswith(".backup "):
            with closing(sqlite3.connect(folder / statement.removeprefix(".backup "))) as target:
                source.backup(target)
        else:
            source.execute(statement.replace("'", f"'{folder}/", 1))


@pytest.mark.parametrize("line", lines("sqlite3 "))
def test_a_file_is_backed_up_while_it_is_written_and_comes_back_whole(line: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, url=f"sqlite:///{tmp_path / 'reservrutin.sqlite'}").at("08:05")
    terminal.records(OUTAGE)
    before = everything(terminal.desk.database)
    sqlite_shell(line, tmp_path)
    terminal.records("note-added --text senare")
    copy = Terminal(tmp_path, url=f"sqlite:///{tmp_path / 'copy.sqlite'}").at("08:05")
    assert everything(copy.desk.database) == before
    assert copy.records("note-added --text vidare").json["position"] == 2
    terminal.close()
    copy.close()


def test_a_database_is_dumped_and_restored_where_the_log_was_never_seen(tmp_path: Path) -> None:
    """With its rules, and with roles of its own that may do what they might."""
    with own_server() as server, own_server() as other:
        host = f"127.0.0.1:{server.port}"
        new = f"127.0.0.1:{other.port}"
        administrator = Terminal(tmp_path, url=f"{PROTOCOL}postgres@{host}/reservrutin").at("08:05")
        assert administrator.types("database init").code == 0
        administrator.records(OUTAGE)
        before = everything(administrator.desk.database)
        for line in lines("pg_dump", "createdb", "pg_restore"):
            program, *words = shlex.split(line)
            at = host if program == "pg_dump" else new
            said = [word.replace("@HOST", f"@{at}").replace("=HOST", "=127.0.0.1") for word in words]
            if program == "createdb":
                said.append(f"--port={other.port}")
                said.sort(key=lambda word: word.startswith("--"), reverse=True)
            if (server.binaries / program).exists():
                server.run(program, *said)
            else:
                pytest.fail(f"{program} is missing")
        restored = Terminal(tmp_path, url=f"{PROTOCOL}postgres@{new}/restored").at("08:05")
        assert everything(restored.desk.database) == before
        made = restored.types("database init")
        assert made.code == 0, made.err
        addresses = [line.strip() for line in made.out.splitlines() if PROTOCOL in line]
        assert len(addresses) == len(ROLES), "each whole, on a line of its own"
        recorder = Terminal(tmp_path, url=next(one for one in addresses if RECORDER in one)).at("08:06")
        assert recorder.records("note-added --text vidare").json["position"] == 2
        with administering(f"{PROTOCOL}{READER}@{new}/restored") as reader, pytest.raises(InsufficientPrivilege):
            reader.execute("SELECT * FROM leads_to('')")  # the door's alone, after a restore too
        renewed = restored.types(f"database password {RECORDER} --json").json["url"]
        assert renewed not in addresses
        assert RECORDER in renewed
        with administering(other.url) as administrator_there:
            kept = "SELECT rolpassword FROM pg_authid WHERE rolname = %s"
            [[hidden]] = administrator_there.execute(kept, (RECORDER,)).fetchall()
        assert hidden.startswith("SCRAM-SHA-256$")
        with pytest.raises(Exception, match="never changed"):
            Database(restored.settings.database_url).connection().execute("DELETE FROM facts")
        for opened in (administrator, restored, recorder):
            opened.close()


def configured(server: Server, *names: str, **places: str) -> None:
    """The document's lines that begin with these names, at the end of the server's own settings."""
    said = "\n".join(lines(*names))
    for word, place in places.items():
        said = said.replace(word, place)
    with (server.data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(f"\n{said}\n")


def test_a_database_goes_back_to_a_moment_and_on_from_there(tmp_path: Path) -> None:
    with own_server() as server:
        for folder in (archive := server.home / "archive", base := server.home / "base"):
            folder.mkdir(0o700)
            shutil.chown(folder, server.data.owner())
        configured(server, "archive_", ARCHIVE=str(archive))
        server.stop()
        server.start()
        address = f"127.0.0.1:{server.port}"
        desk = Terminal(tmp_path, url=f"{PROTOCOL}postgres@{address}/reservrutin").at("08:05")
        assert desk.types("database init").code == 0
        desk.records(OUTAGE)
        [line] = lines("pg_basebackup")
        program, *words = shlex.split(line.replace("BASE", str(base)).replace("HOST", address))
        server.run(program, *words)
        desk.records("note-added --text före")
        with administering(server.url) as connection:
            time.sleep(0.1)  # commits have their own time, and one that is the target's is past it
            moment = str(*(connection.execute("SELECT now()::text").fetchone() or ()))
            time.sleep(0.1)
        desk.records("note-added --text efter")
        desk.close()
        server.stop()
        server.data.rename(server.home / "ruined")
        base.rename(server.data)
        [target] = lines("recovery_target_time")
        configured(server, "restore_command", "recovery_target", ARCHIVE=str(archive), **{target.split("'")[1]: moment})
        (server.data / "recovery.signal").touch()
        server.start()
        reader = Terminal(tmp_path, url=f"{PROTOCOL}reservrutin_reader@{address}/reservrutin").at("08:10")
        assert reader.types("board").code == 0
        assert len(reader.types("log --json").json) == 2
        assert reader.types("record note-added --text nu").code != 0
        reader.close()
        [line] = lines("psql ")
        program, *words = shlex.split(line.replace("HOST", address))
        server.run(program, *words)
        again = Terminal(tmp_path, url=f"{PROTOCOL}postgres@{address}/reservrutin").at("08:15")
        until = time.monotonic() + 30
        while (said := again.types("record note-added --text vidare --json")).code and time.monotonic() < until:
            time.sleep(0.2)
        assert said.json["position"] == 3
        assert again.types("verify").code == 0
        again.close()
