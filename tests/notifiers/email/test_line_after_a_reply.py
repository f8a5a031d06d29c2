"""What becomes of the line after each reply: kept after an answer that says where we stand, let go after any other."""

from itertools import product
from typing import NamedTuple

import pytest

from notifiers.email.outgoing import ENDS, OutgoingMail
from notifiers.email.session import Session
from tests.notifiers.moody import CUT, in_a_mood
from tests.notifiers.relay import Several

PLACES = ("MAIL", "RCPT", "DATA", ".")
OFFERS = pytest.mark.parametrize("offers", [(), ("PIPELINING",)], ids=["one-by-one", "pipelined"])


class Carried(NamedTuple):
    """How each of two mails ended, which of them the server has, over how many lines, and what is kept of the first."""

    ended: list[str]
    kept: list[bytes]
    lines: int
    said: str


async def two_mails(place: str, reply: str, offers: tuple[str, ...]) -> Carried:
    """The first of them is answered with this reply in that place, and everything else as usual."""
    mails = [OutgoingMail(n, "a@example.se", f"b{n}@example.se", b"mail %d\r\n" % n + ENDS, 8) for n in (1, 2)]
    post = Several(mails)
    async with in_a_mood(iter([*[""] * PLACES.index(place), reply])) as moody:
        moody.offers = offers
        async with Session(moody.server) as session:
            await session.run(post)
    ended = [post.ended_with[n].state.value for n in (1, 2)]
    return Carried(ended, moody.kept, moody.sessions, post.ended_with[1].reply)


ORDERLY = {"450 4.2.1 later": "deferred", "554 5.7.1 no": "refused", "450-4.2.1 later\r\n450 4.2.1 really": "deferred"}


@OFFERS
@pytest.mark.parametrize(("place", "reply"), list(product(["RCPT", "DATA", "."], ORDERLY)))
async def test_after_an_answer_the_next_mail_goes_over_the_same_line(
    place: str, reply: str, offers: tuple[str, ...]
) -> None:
    ended, kept, lines, _said = await two_mails(place, reply, offers)
    assert (ended, kept, lines) == ([ORDERLY[reply], "sent"], [b"mail 2\r\n"], 1)


NO_REPLIES = ["nonsense", "25 OK", "2500 OK", "250-fine\r\nwhatever"]
ODD = [*NO_REPLIES, "100 wait", "354-go\r\n354 on", "421 4.3.2 closing", CUT]
AS_IT_SHOULD_BE = ("DATA", "354-go\r\n354 on")


@OFFERS
@pytest.mark.parametrize(("place", "reply"), [odd for odd in product(PLACES, ODD) if odd != AS_IT_SHOULD_BE])
async def test_after_a_reply_that_does_not_say_where_we_stand_the_next_mail_gets_a_line_of_its_own(
    place: str, reply: str, offers: tuple[str, ...]
) -> None:
    ended, kept, lines, said = await two_mails(place, reply, offers)
    unclear = place == "." and reply != "421 4.3.2 closing"
    assert (ended, lines) == (["ambiguous" if unclear else "deferred", "sent"], 2)
    assert kept[-1] == b"mail 2\r\n"
    assert len(kept) == 1 or unclear, "what is to be sent again has not been taken"
    assert (said == "a reply that makes no sense") == (reply in NO_REPLIES), "and nothing more is waited for"


@OFFERS
@pytest.mark.parametrize("place", PLACES)
async def test_after_a_reply_too_many_no_other_is_taken_for_the_one_to_the_next_command(
    place: str, offers: tuple[str, ...]
) -> None:
    said = {"DATA": "354 go on", ".": "250 2.0.0 queued"}.get(place, "250 fine")
    ended, kept, lines, _said = await two_mails(place, f"{said}\r\n250 2.0.0 once more", offers)
    assert lines > 1 or ended[1] == "deferred", "and then the line is let go"
    assert [f"mail {n}\r\n".encode() for n, state in enumerate(ended, 1) if state == "sent"] == kept
    assert "sent" in ended
