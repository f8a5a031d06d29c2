"""PgBouncer as docs/operations.md has it, between us and a real server."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from infrastructure.database.postgres import ASKED
from tests.mailroom import free_port
from tests.postgres import PROTOCOL, administering
from tests.programs import found, needs
from tests.terminal import Terminal

DOCUMENT = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"`pgbouncer\.ini`,\n\n((?: {4}.*\n)+)", DOCUMENT)
PGBOUNCER = found("pgbouncer")


@contextmanager
def pooled(url: str, example: str) -> Iterator[str]:
    """The address by way of a PgBouncer that is set up as the example says, with a port of its own."""
    assert PGBOUNCER
    server, _slash, database = url.rpartition("@")[2].partition("/")
    host, _colon, port = server.partition(":")
    own = free_port()
    said = re.sub(r"^ {4}", "", example, flags=re.MULTILINE).replace(
        "reservrutin = host=HOST", f"{database} = host=HOST"
    )
    said = said.replace("=HOST", f"={host} port={port} user=postgres")
    ours = f"listen_addr = 127.0.0.1\nlisten_port = {own}\nauth_type = any\nunix_socket_dir =\n"
    as_another = ["-u", "nobody"] if os.getuid() == 0 else []
    with NamedTemporaryFile("w", suffix=".ini", encoding="utf-8") as config:
        config.write(said + ours)
        config.flush()
        Path(config.name).chmod(0o644)
        process = subprocess.Popen([PGBOUNCER, *as_another, config.name], stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr
            heard = []
            for line in process.stderr:
                heard.append(line)
                if "process up" in line:
                    break
            assert process.poll() is None, heard
            yield f"{PROTOCOL}postgres@127.0.0.1:{own}/{database}"
        finally:
            process.terminate()
            process.communicate()


@needs("pgbouncer")
@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_who_comes_by_a_pooler_is_told_so_and_does_nothing(tmp_path: Path, postgresql_url: str, mode: str) -> None:
    with pooled(postgresql_url, EXAMPLE.replace("pool_mode = transaction", f"pool_mode = {mode}")) as url:
        desk = Terminal(tmp_path, url=url).at("08:05")

        def is_refused(lost: str) -> None:
            for command in ("record outage-detected --scope all-users --system sesam-s2", "worker --once", "board"):
                answer = desk.types(command)
                assert answer.code == 2, (command, answer)
                assert answer.err.strip().count("\n") == 0, answer.err
                assert f"({lost}): använd serverns egen adress" in answer.err

        is_refused(", ".join([*ASKED, "pg_backend_pid"]))
        database = postgresql_url.rpartition("/")[2]
        with administering(postgresql_url) as administrator:
            for name, value in ASKED.items():
                administrator.execute(f"ALTER DATABASE {database} SET {name} = '{value}'")
            kept = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            )
            administrator.execute(kept, (database,))
        desk.close()
        is_refused("pg_backend_pid")
        desk.close()
        with administering(postgresql_url) as administrator:
            assert administrator.execute("SELECT count(*) FROM facts").fetchone() == (0,)
