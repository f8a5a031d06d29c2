"""Many mails over one line at a time: whatever the server does, what we say of each mail is true."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.delivery import DeliveryState
from domain.refusals import Unavailable
from notifiers.email.outgoing import ENDS, OutgoingMail
from notifiers.email.session import Session
from tests.notifiers.moody import CUT, KEEP_AND_CUT, WAITS, Moody, in_a_mood
from tests.notifiers.relay import Several

NO = ["450 4.2.1 later", "550 5.1.1 no such user", "552 5.3.4 too large", "421 4.3.2 closing", CUT]
ODD = ["354 go on", "250 fine", "220 hello", "nonsense", "250 fine\r\n250 once more"]


def mails(count: int) -> Several:
    return Several(
        OutgoingMail(n, "a@example.se", f"b{n}@example.se", b"mail %d\r\n" % n + ENDS, 10) for n in range(1, count + 1)
    )


async def carried(moods: list[str], count: int, *, orderly: bool = True) -> tuple[Moody, Several]:
    """Parcels handed over in sessions one after the other, as a worker would that starts over when it must."""
    post = mails(count)
    async with in_a_mood(iter(moods), orderly=orderly) as moody:
        for _ in range(4):
            try:
                async with Session(moody.server) as session:
                    await session.run(post)
                break
            except Unavailable:
                continue
    return moody, post


def states(post: Several) -> list[str]:
    return [post.ended_with[number].state.value for number in sorted(post.ended_with)]


async def test_a_letters_commands_go_along_with_the_content_of_the_one_before() -> None:
    dots = ["", "", "", WAITS]
    moody, post = await carried([*dots, *dots], 3)
    assert states(post) == ["sent"] * 3
    assert moody.kept == [b"mail 1\r\n", b"mail 2\r\n", b"mail 3\r\n"]
    assert (moody.sessions, len(moody.chunks)) == (1, 2 + 3 * 3)


@pytest.mark.parametrize("offers", [(), ("PIPELINING",)])
async def test_what_the_server_can_not_take_is_not_announced_and_stops_neither_neighbour(
    offers: tuple[str, ...],
) -> None:
    def to(number: int, name: str, size: int = 8) -> OutgoingMail:
        return OutgoingMail(number, "a@example.se", f"{name}@example.se", b"mail %d\r\n" % number + ENDS, size)

    post = Several([to(1, "b"), to(2, "åsa"), to(3, "c"), to(4, "d", 5000), to(5, "e")])
    async with in_a_mood(iter([])) as moody:
        moody.offers = (*offers, "SIZE 1000")
        async with Session(moody.server) as session:
            await session.run(post)
    assert states(post) == ["sent", "refused", "sent", "refused", "sent"]
    assert moody.kept == [b"mail 1\r\n", b"mail 3\r\n", b"mail 5\r\n"]
    assert sum(line.startswith(b"MAIL") for line in moody.chunks) == 3
    assert moody.sessions == 1


async def test_a_421_to_the_final_dot_keeps_the_letter_and_the_next_goes_over_a_new_line() -> None:
    moody, post = await carried(["", "", "", "421 4.3.2 closing"], 2)
    assert states(post) == ["deferred", "sent"]
    assert (moody.kept, moody.sessions) == ([b"mail 2\r\n"], 2)


async def test_a_line_cut_after_the_final_dot_leaves_one_letter_unclear_and_the_next_unharmed() -> None:
    for mood, kept in ((CUT, 1), (KEEP_AND_CUT, 2)):
        moody, post = await carried(["", "", "", mood], 2)
        assert states(post) == ["ambiguous", "sent"]
        assert len(moody.kept) == kept


async def test_a_refused_recipient_stops_no_other() -> None:
    moody, post = await carried(["", "550 5.1.1 no"], 3)
    assert states(post) == ["refused", "sent", "sent"]
    assert (moody.sessions, b"RSET\r\n" in moody.chunks) == (1, True)


async def test_a_server_that_wants_content_for_nobody_gets_a_lone_dot() -> None:
    moody, post = await carried(["", "550 5.1.1 no", "354 go on", "554 5.5.1 nobody"], 2, orderly=False)
    assert states(post) == ["refused", "sent"]
    assert (moody.kept, moody.sessions) == ([b"mail 2\r\n"], 1)


async def test_a_server_that_wants_content_from_nobody_gets_none() -> None:
    moody, post = await carried(["450 4.7.1 later", "250 OK", "354 go on"], 2, orderly=False)
    assert states(post) == ["deferred", "sent"]
    assert (moody.kept, moody.sessions) == ([b"mail 2\r\n"], 2)


async def test_a_reply_too_many_is_never_taken_for_the_one_to_the_final_dot() -> None:
    moody, post = await carried(["", "", "354 go on\r\n250 2.0.0 queued", CUT], 1)
    assert states(post) == ["deferred"]
    assert moody.kept == []


@pytest.mark.parametrize("command", [0, 1])
async def test_to_go_on_is_only_heard_in_answer_to_data(command: int) -> None:
    _, post = await carried([*[""] * command, "354 go on", "", "", ""], 1)
    assert states(post) == ["deferred"]


async def test_reports_of_failure_are_asked_for_where_the_server_gives_them() -> None:
    mail = OutgoingMail(7, "bounces+7.abc@example.se", "anna+x@example.se", b"c\r\n" + ENDS, 3, "2026-0007.1.p=1")
    async with in_a_mood(iter([])) as moody:
        moody.offers = ("PIPELINING", "SIZE 1000", "DSN")
        async with Session(moody.server) as session:
            await session.run(Several([mail]))
    assert moody.chunks[1:4] == [
        b"MAIL FROM:<bounces+7.abc@example.se> SIZE=3 RET=HDRS ENVID=2026-0007.1.p+3D1\r\n",
        b"RCPT TO:<anna+x@example.se> NOTIFY=FAILURE,DELAY ORCPT=rfc822;anna+2Bx@example.se\r\n",
        b"DATA\r\n",
    ]


MOOD = st.one_of(st.just(""), st.just(""), st.just(""), st.sampled_from([*NO, KEEP_AND_CUT]))


@settings(max_examples=150, deadline=None)
@given(st.lists(MOOD, max_size=40), st.integers(1, 8))
def test_whatever_the_server_does_what_is_said_of_each_letter_is_true(moods: list[str], count: int) -> None:
    moody, post = asyncio.run(carried(moods, count))
    kept = Counter(int(content.split()[1]) for content in moody.kept)
    assert max(kept.values(), default=0) <= 1, "nothing was sent twice"
    for number in range(1, count + 1):
        outcome = post.ended_with.get(number)
        if outcome is None or outcome.state in (DeliveryState.DEFERRED, DeliveryState.REFUSED):
            assert kept[number] == 0, "what is to be sent again has not been sent"
        elif outcome.state is DeliveryState.SENT:
            assert kept[number] == 1, "what is said to be sent has been sent"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.just(""), st.just(""), st.sampled_from([*NO, *ODD])), max_size=30), st.integers(1, 5))
def test_a_server_out_of_its_mind_ends_every_conversation_and_gets_nothing_twice(moods: list[str], count: int) -> None:
    moody, post = asyncio.run(carried(moods, count, orderly=False))
    kept = Counter(int(content.split()[1]) for content in moody.kept if content)
    assert max(kept.values(), default=0) <= 1
    assert all(outcome.state in ("sent", "deferred", "refused", "ambiguous") for outcome in post.ended_with.values())
