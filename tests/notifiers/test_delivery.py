"""What a mail server's answer means, and when to try again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import DeliveryState
from notifiers.delivery import AMBIGUOUS_WAIT, LONGEST_REPLY, RETRY_AFTER, answered, next_try

NOW = datetime(2026, 3, 2, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "after_final_dot", "state"),
    [
        (250, True, "sent"),
        (451, False, "deferred"),
        (451, True, "deferred"),
        (421, False, "deferred"),
        (421, True, "deferred"),
        (550, False, "refused"),
        (554, True, "refused"),
        (None, False, "deferred"),
        (None, True, "ambiguous"),
        (-1, True, "ambiguous"),
        (354, True, "ambiguous"),
    ],
)
def test_an_answer_is_sorted_by_its_code(code: int | None, after_final_dot: bool, state: str) -> None:
    assert answered(code, "so", after_final_dot=after_final_dot).state == state


def test_a_yes_before_the_final_dot_is_not_yet_a_mail_that_was_sent() -> None:
    assert answered(252, "cannot verify", after_final_dot=False).state is DeliveryState.DEFERRED


def test_a_full_mailbox_is_tried_again_although_the_server_calls_it_permanent() -> None:
    assert answered(552, "5.2.2 mailbox full", after_final_dot=False).state is DeliveryState.DEFERRED


@given(st.one_of(st.none(), st.integers(-1, 999)), st.text(), st.booleans())
def test_every_answer_is_one_of_four_and_its_reply_one_short_line(code: int | None, reply: str, dot: bool) -> None:
    outcome = answered(code, reply, after_final_dot=dot)
    assert outcome.state in ("sent", "deferred", "refused", "ambiguous")
    assert outcome.reply.isprintable()
    assert len(outcome.reply) <= LONGEST_REPLY
    assert (outcome.state == "sent") == (dot and code is not None and code // 100 == 2)


def test_a_reply_in_broken_utf8_can_be_stored() -> None:
    assert answered(450, "sn\udce4ll\r\nv\x00nta", after_final_dot=False).reply == "sn?ll v nta"


def test_the_first_tries_come_close_and_the_later_ones_every_half_hour() -> None:
    waits = [next_try(attempt, NOW) - NOW for attempt in range(1, 9)]
    assert waits == [*RETRY_AFTER, timedelta(minutes=30), timedelta(minutes=30)]
    assert waits[0] == timedelta(seconds=10)


def test_a_server_that_may_have_the_mail_is_given_time_to_deliver_it() -> None:
    assert next_try(1, NOW, DeliveryState.AMBIGUOUS) == NOW + AMBIGUOUS_WAIT
    assert next_try(6, NOW, DeliveryState.AMBIGUOUS) == NOW + timedelta(minutes=30)
