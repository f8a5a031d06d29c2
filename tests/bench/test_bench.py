"""The benches measure what they say: the proxy changes nothing, the twin is planned alike, no tool no figure."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from bench import house, mail, wire
from tests.mailroom import mailroom


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
        house.tell(house.with_subscribers(tmp_path, 3), wire.free_port())


def test_planning_is_measured_beside_a_bare_insert(tmp_path: Path) -> None:
    ours, bare = house.plan(house.with_subscribers(tmp_path, 50))
    assert ours > 0
    assert bare > 0


def test_without_postfix_the_bench_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wire, "found", lambda _tool: None)
    assert mail.main([]) == 1
    assert "apt-get install postfix" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["aiosmtplib_filled", "aiosmtplib_built", "aiosmtplib_send"])
def test_a_peer_sends_each_its_own_mail(name: str) -> None:
    with mailroom() as room:
        port = room.url.rpartition(":")[2]
        done = subprocess.run([sys.executable, "bench/peers.py", name, port, "20"], check=True, capture_output=True)
    assert float(done.stdout) > 0
    assert (
        len({message["To"] for message in room.mails}) == len({message["Message-ID"] for message in room.mails}) == 20
    )
