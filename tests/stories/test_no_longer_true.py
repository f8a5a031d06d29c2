"""Nobody is asked, reminded or mailed to do what is no longer true (Q18)."""

import pytest

from tests.mailroom import Mailroom, text
from tests.terminal import Terminal

NO_LONGER_TRUE = (
    "nere, hanteras manuellt, tills annat anges",
    "att reservrutin gäller",
    "akuta OT-remisser på papper",
    "Akuta OT-remisser hanteras manuellt",
)
"""What is to be said while the reserve routine applies, as the duties and the mail call it."""

RESTORED = ("12:20", "service-restored --system sesam-s2")
ENDED = ("12:22", "reserve-routine-deactivated")
CLOSED = ("12:24", "incident-closed")


@pytest.mark.parametrize(
    "ending",
    [(RESTORED,), (RESTORED, ENDED), (RESTORED, ENDED, CLOSED)],
    ids=["after the restoration", "after the routine's end", "after closing"],
)
def test_q18_nobody_is_asked_reminded_or_mailed_to_say_that_the_routine_applies(
    desk: Terminal, mails: Mailroom, ending: tuple[tuple[str, str], ...]
) -> None:
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    desk.at("12:10").records("reserve-routine-activated")
    desk.at("12:11").types("worker --once")
    assert NO_LONGER_TRUE[0] in " ".join(desk.types("due").out.split()), "it is true until then"
    before = {name: len(mails.to(name)) for name in ("handlaggare", "aktiv", "systemansvarig", "granskare")}
    for clock, fact in ending:
        answer = desk.at(clock).types(f"record {fact}")
        assert answer.code == 0
        assert not asked(answer.out), "the answer"
    for clock in ("12:25", "12:26", "13:11", "18:00"):
        desk.at(clock).types("worker --once")
        for command in ("board", "board --all", "due", "show 1"):
            assert not asked(desk.types(command).out), f"{command} at {clock}"
    mailed = [text(mail) for name, count in before.items() for mail in mails.to(name)[count:]]
    assert mailed, "they are told of what has come to an end"
    assert not [words for words in mailed if asked(words)]


def asked(said: str) -> list[str]:
    words = " ".join(said.split())
    return [phrase for phrase in NO_LONGER_TRUE if phrase in words]
