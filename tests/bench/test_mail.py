"""Mail is measured as the bench says: the proxy changes nothing, the twin is planned alike, no tool no figure."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import house, mail, wire
from bench.environments import NotThere
from bench.figures import Figure, Unmeasured
from bench.ground import Ground
from bench.newcomers import rush
from tests.mailroom import mailroom, port_of_nobody


async def test_the_distance_changes_no_byte() -> None:
    sent = bytes(range(256)) * 400

    talks = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())
        with suppress(ConnectionError):
            while got := await reader.read(10_000):
                writer.write(got)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    far = await asyncio.start_server(echo, "127.0.0.1", 0)
    with wire.distance(far.sockets[0].getsockname()[1], 0.01) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        assert await reader.readexactly(len(sent)) == sent
        writer.close()
        await writer.wait_closed()
    await asyncio.gather(*filter(None, talks))
    far.close()


def test_everybody_is_planned_for_and_told(tmp_path: Path) -> None:
    template = house.with_subscribers(tmp_path, 7)
    port = wire.free_port()
    with mailroom(port) as room:
        told = house.tell(template, port)
    assert len({message["To"] for message in room.mails}) == 7
    assert 0 < told.planned_to_settled < told.process
    assert told.peak > 10
    assert [left.name for left in tmp_path.glob("run-*")] == []


def test_what_is_not_sent_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="3 mails were not sent"):
        house.tell(house.with_subscribers(tmp_path, 3), port_of_nobody())


def test_planning_is_measured_beside_a_bare_insert(url: str) -> None:
    database = house.subscribed(url, 50)
    pairs = list(house.planned(database, 2))
    assert len(pairs) == 2
    assert all(ours > 0 and bare > 0 for ours, bare in pairs)
    [planned] = database.connection().execute("SELECT count(*) FROM deliveries").fetchone()
    [alike] = database.connection().execute("SELECT count(*) FROM twin").fetchone()
    assert planned == alike == 100


@pytest.mark.long
def test_the_memory_of_planning_is_that_of_a_real_worker(url: str) -> None:
    database = house.subscribed(url, 5)
    assert house.planning_peak(database) > 10
    assert database.connection().execute("SELECT count(*) FROM deliveries").fetchall() == [(5,)]
    database.connection().execute("UPDATE subscribers SET state = 'paused' WHERE id = 'p-0000000003'")
    with pytest.raises(RuntimeError, match="1 deliveries were not planned"):
        house.planning_peak(database)


def test_claiming_and_settling_ends_every_delivery(url: str) -> None:
    claiming, settling = house.claimed(lambda: url, 7)
    assert claiming > 0
    assert settling > 0


@pytest.mark.long
def test_an_activation_is_measured_while_many_subscribe(url: str) -> None:
    with mailroom() as room:
        found = rush(url, int(room.url.rpartition(":")[2]), 4, 4)
    assert 0 < found.last_mail < 60
    assert found.longest_fact > 0


@pytest.mark.long
def test_without_postfix_the_mail_part_says_what_to_install(tiny: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "found", lambda _tool: None)
    *measured, last = mail.measure(tiny)
    assert {found.database for found in measured if isinstance(found, Figure)} == {"SQLite", "PostgreSQL"}
    assert isinstance(last, Unmeasured)
    assert "apt-get install postfix" in last.why


@pytest.mark.long
def test_the_mail_part_holds_everybody_against_the_limit(tiny: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a mail server and a limit of ours in place of postfix's, so that it runs anywhere."""

    @contextmanager
    def sink() -> Iterator[SimpleNamespace]:
        with mailroom() as room:
            yield SimpleNamespace(port=int(room.url.rpartition(":")[2]), messages=lambda: len(room.raw))

    def asked(name: str, _port: int, _count: int) -> float:
        if name != "aiosmtplib_filled":
            raise NotThere("no way to the registry")
        return 2.0

    monkeypatch.setattr(wire, "found", lambda tool: tool)
    monkeypatch.setattr(wire, "sink", sink)
    monkeypatch.setattr(wire, "source", lambda *_: 0.5)
    monkeypatch.setattr(mail, "asked", asked)
    monkeypatch.setattr(mail, "pooled", lambda _port, _count: 4.0)
    found = [*mail.measure(replace(tiny, databases={}))]
    figures = {figure.what: figure for figure in found if isinstance(figure, Figure)}
    assert figures[mail.LIMIT].ratio == 1
    assert figures[mail.NODEMAILER].ratio == 0.125
    assert figures[mail.NODEMAILER].peer
    assert figures["worker, planned to settled"].at_least == 0.5
    assert figures["worker at 20 ms, 8 connections"].of == "lock-step"
    assert figures["worker's most memory, 4 mails"].median > 10
    assert [none.why for none in found if isinstance(none, Unmeasured)] == ["no way to the registry"] * 5


@pytest.mark.parametrize("name", ["aiosmtplib_filled", "aiosmtplib_built", "aiosmtplib_send"])
def test_a_peer_sends_each_its_own_mail(name: str) -> None:
    with mailroom() as room:
        port = room.url.rpartition(":")[2]
        done = subprocess.run([sys.executable, "bench/peers.py", name, port, "20"], check=True, capture_output=True)
    assert float(done.stdout) > 0
    assert (
        len({message["To"] for message in room.mails}) == len({message["Message-ID"] for message in room.mails}) == 20
    )


def test_a_log_for_mail_is_made_anew_before_its_mail_is_old(tmp_path: Path) -> None:
    made = house.with_subscribers(tmp_path, 2).stat()
    assert house.with_subscribers(tmp_path, 2).stat().st_ino == made.st_ino
    aged = made.st_mtime - house.YOUNG - 1
    os.utime(tmp_path / "2.sqlite", (aged, aged))
    assert house.with_subscribers(tmp_path, 2).stat().st_mtime > aged + house.YOUNG
