"""What every channel promises, whichever it is; and the folder, which tells in files."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.audience import ChannelName
from domain.delivery import DeliveryState, Notice
from domain.refusals import Invalid, NotAuthorised
from domain.vocabulary import Audience
from notifiers.channel import NoticeChannel
from notifiers.dispatcher import Tally, dispatch
from notifiers.email.channel import EmailChannel
from notifiers.email.message import render
from notifiers.folder import FolderChannel
from tests.notifiers.outage import DETECTED, PUBLISHED, SETTINGS, every_fact, recorded, told
from tests.notifiers.relay import Relay, listening
from tests.notifiers.test_dispatcher import NOW, Waiting, as_many
from wording.words import catalogue

INF = float("inf")


def as_mailed(notice: Notice, now: datetime) -> bytes:
    return render(notice, SETTINGS, catalogue(notice.subscriber.language), now).as_bytes()


@pytest.fixture(params=ChannelName)
async def channel(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NoticeChannel[Any]]:
    if request.param is ChannelName.FOLDER:
        yield FolderChannel(tmp_path, as_mailed)
        return
    async with listening(Relay()) as relay:
        yield EmailChannel(relay.server, SETTINGS, catalogue)


def content(parcel: Any) -> bytes:
    """What is carried, whatever the channel calls it."""
    return bytes(getattr(parcel, "data", b"") or getattr(parcel, "content", b""))


async def test_it_is_called_what_it_is(channel: NoticeChannel[Any], request: pytest.FixtureRequest) -> None:
    assert f"[{channel.name}]" in request.node.name


async def test_a_round_by_it_tells_everybody(channel: NoticeChannel[Any]) -> None:
    outbox = as_many(30)
    assert await dispatch(outbox, channel, lambda: NOW, "w1") == Tally(sent=30)
    assert {settled[0] for settled in outbox.settled.values()} == {DeliveryState.SENT}


async def test_it_writes_a_notice_the_same_on_every_try_and_within_its_limit(channel: NoticeChannel[Any]) -> None:
    for fact in every_fact():
        notice = told(Audience.STAFF, recorded(fact), delivery=7, dated=NOW)
        written = channel.write(notice, NOW, INF)
        assert written.delivery == 7
        assert content(written) == content(channel.write(notice, NOW, INF))
        assert 0 < len(content(written)) <= channel.limits.length


async def test_sr_015_q9_by_no_channel_the_public_is_told_of_internal_information(
    channel: NoticeChannel[Any],
) -> None:
    assert channel.write(told(Audience.PUBLIC, recorded(PUBLISHED)), NOW, INF)
    with pytest.raises(NotAuthorised):
        channel.write(told(Audience.PUBLIC, DETECTED), NOW, INF)


async def test_an_address_is_kept_in_one_form_or_refused(channel: NoticeChannel[Any]) -> None:
    assert channel.kept_address("Anna@EXAMPLE.se") == channel.kept_address("Anna@example.se")
    with pytest.raises(Invalid):
        channel.kept_address("ingen adress")


async def test_what_would_be_mailed_lies_in_the_folder_one_file_a_notice(tmp_path: Path) -> None:
    outbox = as_many(3)
    notices = [notice for notice, _tried in outbox.notices]
    await dispatch(outbox, FolderChannel(tmp_path, as_mailed), lambda: NOW, "w1")
    files = {f"2026-0007.1.{notice.subscriber.id}@example.se.eml": notice for notice in notices}
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(files)
    for name, notice in files.items():
        assert (tmp_path / name).read_bytes() == as_mailed(notice, NOW)


async def test_a_folder_that_is_not_there_is_tried_again_and_a_notice_told_again_is_still_one_file(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "told"
    outbox = as_many(1)
    (again,) = outbox.notices
    assert await dispatch(outbox, FolderChannel(folder, as_mailed), lambda: NOW, "w1") == Tally(deferred=1)
    state, _code, reply, next_try_at = outbox.settled[0]
    assert (state, reply) == (DeliveryState.DEFERRED, "No such file or directory")
    assert next_try_at is not None
    assert next_try_at >= NOW + timedelta(seconds=10)
    folder.mkdir()
    for _ in range(2):
        assert await dispatch(Waiting([again]), FolderChannel(folder, as_mailed), lambda: NOW, "w1") == Tally(sent=1)
    assert len(list(folder.iterdir())) == 1
