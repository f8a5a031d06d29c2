"""The line beside the subject: what else matters, of each fact that has one."""

from datetime import timedelta
from typing import Any

import pytest

from domain import facts as f
from domain.delivery import Notice
from domain.fact import Recorded
from domain.rewriting import Rewriting
from domain.routine_document import builtin
from domain.vocabulary import Audience, Function, Scope, System
from notifiers.first_line import first_line
from tests.notifiers.outage import ALL, BEGAN, DETECTED, PUBLISHED, after, recorded, told
from wording.words import Words, catalogue

ENGLISH = Words(catalogue("en"), "en", builtin())
PROGNOSIS = recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=6), source="Region Skåne IT"), 30, entry=3)
EARLIER = recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=4)), 20, entry=2)
WIDER = recorded(f.ScopeReclassified(scope=Scope.REGION_WIDE, reason="hela nätet"), 30, entry=3)
INSTRUCTED = recorded(f.InstructionReceived(text="vänta", source="it-beredskap"), 30, entry=3)
SHOWN = recorded(PUBLISHED, 30, entry=3)
ACTIVATED = recorded(f.ReserveRoutineActivated(), 245, entry=4)
RESTORED = recorded(f.ServiceRestored(systems=ALL), 300, entry=5)
PARTLY = recorded(f.ServiceRestored(systems=(System.WEBSESAM,)), 30, entry=3)
WITHDRAWN = recorded(f.PrognosisWithdrawn(reason="ingen vet"), 40, entry=4)
PAPER = [
    recorded(f.ReferralReceived(serial="OT-0017"), 250, entry=7),
    recorded(f.ReferralReceived(serial="OT-0018"), 251, entry=8),
    recorded(f.ReferralEntered(serial="OT-0018"), 310, entry=9),
]
CLOSED = recorded(f.IncidentClosed(), 320, entry=6)
PASSED = recorded(
    f.DeadlinePassed(duty="publish-operating-information", due_at=BEGAN + timedelta(hours=1)), 61, entry=3,
    recorded_as=Function.CLOCK,
)  # fmt: skip


def of_staff(what: Recorded, *before: Recorded, **more: Any) -> Notice:
    return told(Audience.STAFF, what, after(*before, what), **more)


ACTIVE_BY_THEN = ACTIVATED._replace(occurred_at=BEGAN + timedelta(minutes=35))


@pytest.mark.parametrize(
    ("notice", "said"),
    [
        (told(Audience.STAFF, DETECTED), "All users. No prognosis. Reserve routine 12:05 at the earliest."),
        (of_staff(PROGNOSIS), "According to Region Skåne IT."),
        (of_staff(PROGNOSIS, EARLIER, earlier=(EARLIER,)), "Replaces 12:05. According to Region Skåne IT."),
        (of_staff(WIDER), "The whole region. No prognosis. An instruction is awaited."),
        (of_staff(WIDER, EARLIER), "The whole region. Expected back 12:05. An instruction is awaited."),
        (of_staff(WITHDRAWN, EARLIER), "Reserve routine 12:05 at the earliest."),
        (of_staff(WITHDRAWN, ACTIVE_BY_THEN), "The reserve routine still applies."),
        (of_staff(INSTRUCTED), "According to it-beredskap."),
        (of_staff(SHOWN), "Shown on Vårdgivare Skåne."),
        (of_staff(PARTLY), "Reserve routine 12:05 at the earliest."),
        (of_staff(RESTORED, ACTIVATED), "The reserve routine still applies."),
        (of_staff(RESTORED, began_at=BEGAN), "Down 08:05–13:05."),
        (of_staff(CLOSED, RESTORED, began_at=BEGAN), "Down 08:05–13:05."),
        (of_staff(CLOSED, began_at=BEGAN), ""),
        (of_staff(CLOSED, ACTIVATED, *PAPER, RESTORED), "2 paper referrals: 1 entered, 1 to enter."),
        (of_staff(PASSED), "It was to be done 09:05."),
        (told(Audience.DUTY, PASSED, after(PASSED)), ""),
        (told(Audience.PUBLIC, SHOWN, after(SHOWN)), ""),
    ],
)
def test_beside_the_subject_stands_what_else_matters(notice: Notice, said: str) -> None:
    assert first_line(notice, ENGLISH, notice.recorded.recorded_at) == said


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (SHOWN, ""),
        (INSTRUCTED, ""),
        (RESTORED, ""),
        (CLOSED, ""),
        (PROGNOSIS, "Reserve routine 12:05 at the earliest."),
    ],
)
def test_of_what_is_taken_back_nothing_is_said_as_if_it_stood(what: Recorded, said: str) -> None:
    by = recorded(
        f.EntryWithdrawn(entry=what.entry, reason="fel"),
        330,
        entry=9,
    )
    notice = told(Audience.STAFF, by, after(), rewritings=(Rewriting(by, what, None, ()),), began_at=BEGAN)
    assert first_line(notice, ENGLISH, BEGAN + timedelta(minutes=40)) == said
