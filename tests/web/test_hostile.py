"""Whatever is sent to the door: it answers or hangs up, tells nothing of anybody, and mails nobody more than it may."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from domain.vocabulary import Audience
from infrastructure.registers.subscribers import Subscribers
from tests.mailroom import mailroom
from tests.terminal import Terminal
from tests.web.hostile import request
from tests.web.served import ADDRESS, Served, a_confirmation, a_reader, every_page, served
from wording.door_paths import DoorPage, door_path

AT_ONCE = 32
HUNGER = 0.7
"""Seconds that somebody waits for an answer to what is no whole request; the server hangs up before that."""

EXPECTED = {200, 400, 404, 405, 413, 415, 422, 429, 503}
"""503 is the log's, where so many at once wait for their turn to write."""

NOT_TO_BE_TOLD = ("hemlig", "hidden.example", "Traceback", "sqlalchemy", "site-packages", 'File "')


async def asks(door: Served, sent: bytes) -> bytes:
    """Everything that comes back."""
    reader, writer = await asyncio.open_connection(door.host, door.port)
    with suppress(ConnectionError):
        writer.write(sent)
        await writer.drain()
    answer = b""
    try:
        async with asyncio.timeout(60):
            answer = await reader.read()
    except ConnectionError:
        pass  # hung up on
    except TimeoutError:
        pytest.fail(f"never answered, and never let go: {sent!r}")
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return answer


async def attacks(door: Served, requests: list[bytes]) -> list[bytes]:
    """The answers, each in its request's place."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(sent: bytes) -> bytes:
        async with turn:
            return await asks(door, sent)

    return await asyncio.gather(*map(one, requests))


@pytest.mark.parametrize(("seed", "count"), [(1, 300), pytest.param(2, 10_000, marks=pytest.mark.long)])
def test_whatever_is_sent_it_answers_tells_nothing_of_anybody_and_mails_nobody_twice(
    tmp_path: Path, seed: int, count: int
) -> None:
    with mailroom() as mails:
        terminal = Terminal(tmp_path, smtp_url=mails.url).at("08:00")
        terminal.settings = terminal.desk.settings = replace(terminal.desk.settings, web_url=ADDRESS)
        database = terminal.desk.database
        Subscribers(database).add("hemlig@hidden.example", Audience.STAFF, [], [], "sv")
        readers = [a_reader(database, f"hemlig-{number}") for number in range(10)]
        tokens = (*readers, a_confirmation(database, "hemlig"))
        choices = [door_path(DoorPage.CHOICES, "sv", reader) for reader in readers[1:]]
        paths = (*every_page(readers[0], tokens[-1]), *choices, *["/", "/en/"] * 5)
        dice = Random(seed)  # noqa: S311 - the same attack each time
        requests = [request(dice, paths) for _each in range(count)]
        with served(terminal.settings.database_url, tmp_path, patience=HUNGER) as door:
            answers = asyncio.run(attacks(door, requests))
            assert door.gets("/halsa").text == "reservrutin", "and it still works"
        seen: Counter[int] = Counter()
        for sent, answer in zip(requests, answers, strict=True):
            for part in answer.split(b"HTTP/1.1 ")[1:]:
                seen[int(part[:3])] += 1
            said = answer.decode("utf-8", "replace")
            assert not [told for told in NOT_TO_BE_TOLD if told in said], (sent, said)
            assert b"set-cookie" not in answer.lower()
            assert b"evil.example" not in answer or b"evil.example" in sent.partition(b" ")[2].split(b" ")[0]
        failed = [sent for sent, answer in zip(requests, answers, strict=True) if b"HTTP/1.1 500" in answer]
        assert not failed, (failed[0], [line for line in door.said if line["event"] == "failed"][:1])
        assert set(seen) <= EXPECTED | {100}, seen
        assert seen[200] > count / 20, seen
        assert seen[422] > count / 50, seen
        for line in door.said:
            assert line["event"] in ("listening", "request", "log", "stopped"), line
        assert not [told for told in ("@", "utsatt", *tokens) if told in json.dumps(door.said)]

        assert terminal.on(datetime.now(UTC)).types("worker --once").code == 0
        written_to = Counter(mail["To"] for mail in mails.mails)
        assert written_to
        assert set(written_to.values()) == {1}, written_to
        assert not [address for address in written_to if "hemlig" in str(address)], "nobody but whom they named"
        terminal.close()
