"""What a mail server's answer means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import DeliveryState
from domain.faults import Fault
from notifiers.email.answers import LONGEST_REPLY, answered


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


@pytest.mark.parametrize(
    ("code", "reply", "state", "fault"),
    [
        (550, "5.1.1 no such user", "refused", Fault.ADDRESS),
        (550, "5.1.2 no such host", "refused", Fault.ADDRESS),
        (556, "5.1.10 takes no mail", "refused", Fault.ADDRESS),
        (553, "5.1.7 bad sender", "refused", Fault.POLICY),
        (550, "5.1.8 sender's domain", "refused", Fault.POLICY),
        (550, "5.7.1 not allowed", "refused", Fault.POLICY),
        (550, "5.7.26 not authenticated", "refused", Fault.POLICY),
        (550, "no such user", "refused", None),
        (550, "5.2.1 disabled", "refused", Fault.ADDRESS),
        (552, "5.3.4 too large", "refused", None),
        (552, "5.2.2 mailbox full", "deferred", None),
        (552, "too many recipients", "deferred", None),
        (552, "5.5.3 too many recipients", "deferred", None),
        (550, "4.7.1 greylisted", "deferred", None),
        (451, "5.1.1 no such user, perhaps", "deferred", None),
        (550, "2.0.0 fine", "refused", None),
        (550, "5.1.1234 what", "refused", None),
        (550, "5.1.10.3 what", "refused", None),
    ],
)
def test_the_enhanced_code_says_more_than_the_code(code: int, reply: str, state: str, fault: Fault | None) -> None:
    outcome = answered(code, reply, after_final_dot=False)
    assert (outcome.state, outcome.fault) == (state, fault)


@pytest.mark.parametrize(("reply", "enhanced"), [("5.7.1 no", "5.7.1"), ("2.0.0", "2.0.0"), ("nej 5.1.1", "")])
def test_the_enhanced_code_is_kept(reply: str, enhanced: str) -> None:
    assert answered(550, reply, after_final_dot=False).enhanced == enhanced


def test_a_mail_that_was_accepted_is_sent_whatever_the_enhanced_code_says() -> None:
    assert answered(250, "5.0.0 queued", after_final_dot=True).state is DeliveryState.SENT


@given(
    st.one_of(st.none(), st.integers(-1, 999)),
    st.one_of(st.text(), st.from_regex(r"[2-5]\.[0-9]{1,3}\.[0-9]{1,3} .*")),
    st.booleans(),
)
def test_every_answer_is_one_of_four_and_its_reply_one_short_line(code: int | None, reply: str, dot: bool) -> None:
    outcome = answered(code, reply, after_final_dot=dot)
    assert outcome.state in ("sent", "deferred", "refused", "ambiguous")
    assert outcome.reply.isprintable()
    assert len(outcome.reply) <= LONGEST_REPLY
    assert (outcome.state == "sent") == (dot and code is not None and code // 100 == 2)
    assert outcome.fault is None or outcome.state == "refused"


def test_a_reply_in_broken_utf8_can_be_stored() -> None:
    assert answered(450, "sn\udce4ll\r\nv\x00nta", after_final_dot=False).reply == "sn?ll v nta"
