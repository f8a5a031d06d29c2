"""What is said, and to whom."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from domain import facts as f
from domain.delivery import Notice
from domain.fact import Fact, Recorded
from domain.refusals import NotAuthorised
from domain.review import verdicts
from domain.rewriting import Rewriting
from domain.routine_document import builtin
from domain.vocabulary import Audience, ContactOutcome, Function, System
from notifiers.asked import MOST, asked, own_duties
from notifiers.email.message import render
from tests.notifiers.outage import (
    ALL,
    BEGAN,
    DETECTED,
    DRIFTINFO,
    PUBLISHED,
    SETTINGS,
    after,
    every_fact,
    recorded,
    told,
)
from wording.facts import FIELDS, running
from wording.words import Words, catalogue

ACTIVATED = recorded(f.ReserveRoutineActivated(), 245, entry=4)
RESTORED = recorded(f.ServiceRestored(systems=ALL), 300, entry=8)
ENDED = recorded(f.ReserveRoutineDeactivated(), 320, entry=9)
PAPER = [recorded(f.ReferralReceived(serial=f"OT-001{n}"), 250 + n, entry=5 + n) for n in range(3)]


def text_of(notice: Notice) -> str:
    """The mail's text part with its lines joined; its HTML says the same, or the test fails."""
    now = notice.recorded.recorded_at + timedelta(seconds=5)
    mail = render(notice, SETTINGS, catalogue(notice.subscriber.language), now)
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def html_of(notice: Notice) -> str:
    body = render(notice, SETTINGS, catalogue("en"), notice.recorded.recorded_at).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def subject_of(notice: Notice) -> str:
    return str(render(notice, SETTINGS, catalogue(notice.subscriber.language), notice.recorded.recorded_at)["Subject"])


def test_a_prescriber_is_told_only_what_the_system_owner_published() -> None:
    published = recorded(PUBLISHED, 250, entry=9, note="hemlig anteckning", deviation="hemlig avvikelse")
    incident = after(
        recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=9), source="hemlig källa"), 10),
        ACTIVATED,
        *PAPER,
    )
    for summary in (False, True):
        notice = told(Audience.PUBLIC, published, incident, summary=summary)
        text, page = text_of(notice), html_of(notice)
        for said in (text, page):
            assert PUBLISHED.text.splitlines()[1] in said
            assert PUBLISHED.links[0] in said
            assert "Vårdgivare Skåne" in said
            assert "Write acute OT referrals on paper and fax or post them to Aktiv ortopedteknik." in said
            assert DRIFTINFO in said
            for internal in ("hemlig", "ongoing", "How it stands", "Prognosis", "OT-001", "active since", "Internal"):
                assert internal not in said
        assert "eserve routine applies" in subject_of(notice)


@pytest.mark.parametrize(
    ("situation", "subject"),
    [
        ("down", "Down, please wait"),
        ("works-again", "The systems work again"),
        ("other", "New operating information: Vårdgivare Skåne"),
    ],
)
def test_a_prescriber_reads_in_the_subject_what_was_published_and_nothing_else(situation: str, subject: str) -> None:
    fact = f.OperatingInformationPublished.model_validate(
        {"channels": ["vardgivare-skane"], "text": "Se texten.", "situation": situation}
    )
    notice = told(Audience.PUBLIC, recorded(fact))
    assert subject_of(notice) == subject, "no system is named that the text does not name"


@pytest.mark.parametrize(
    ("text", "situation", "down", "subject"),
    [
        ("Sesam S2 och websesam ligger nere.", "down", ALL, "Down, please wait: Sesam S2, websesam"),
        ("Visma websesam ligger nere.", "down", ALL, "Down, please wait: Visma websesam"),
        ("Visma Websesam ligger nere, SESAM S2 fungerar.", "down", [System.VISMA_WEBSESAM], "Down, please wait"),
        ("websesam fungerar igen.", "works-again", [System.SESAM_S2], "Works again: websesam"),
        ("websesam fungerar igen, Sesam S2 inte.", "works-again", [System.SESAM_S2], "The systems work again"),
    ],
)
def test_q9_a_system_is_named_to_the_public_where_the_published_text_does_and_the_log_agrees(
    text: str, situation: str, down: Sequence[System], subject: str
) -> None:
    fact = f.OperatingInformationPublished.model_validate(
        {"channels": ["vardgivare-skane"], "text": text, "situation": situation}
    )
    back = [system for system in ALL if system not in down]
    incident = after(recorded(f.ServiceRestored(systems=tuple(back)), 10)) if back else after()
    assert subject_of(told(Audience.PUBLIC, recorded(fact, 20), incident)) == subject


def test_what_the_publication_does_not_say_of_the_reserve_routine_is_not_said() -> None:
    plain = PUBLISHED.model_copy(update={"reserve_routine_applies": False, "text": "Sesam ligger nere."})
    assert "reserve routine" not in text_of(told(Audience.PUBLIC, recorded(plain, 30)))


@pytest.mark.parametrize("fact", [fact for fact in every_fact() if fact.wire != PUBLISHED.wire], ids=lambda f: f.wire)
def test_nothing_but_a_publication_can_be_written_to_the_public(fact: Fact) -> None:
    with pytest.raises(NotAuthorised):
        text_of(told(Audience.PUBLIC, recorded(fact)))


def test_the_partner_is_told_the_three_things_when_the_reserve_routine_is_activated() -> None:
    text = text_of(told(Audience.PARTNER, ACTIVATED))
    assert "What to do now: The systems are down: Sesam S2, websesam, Visma websesam." in text
    assert "Acute OT referrals are handled manually" in text
    assert "This applies until further notice." in text
    assert "Paper referrals" not in text, "nothing to count yet"


def test_the_partner_is_told_which_paper_is_left_to_enter_when_the_service_is_restored() -> None:
    entered = recorded(f.ReferralEntered(serial="OT-0011"), 310, entry=9)
    text = text_of(told(Audience.PARTNER, RESTORED, after(ACTIVATED, *PAPER, RESTORED, entered)))
    assert "2 paper referrals are to be entered by hand: OT-0010, OT-0012." in text
    assert "Paper referrals 2 to enter (of 3)" in text
    assert "paper" not in text_of(told(Audience.PARTNER, RESTORED)).lower(), "where there is none"


def test_the_partner_is_asked_to_wait_for_a_system_that_is_still_down() -> None:
    partly = recorded(f.ServiceRestored(systems=(System.SESAM_S2,)), 300, entry=8)
    text = text_of(told(Audience.PARTNER, partly, after(ACTIVATED, PAPER[0], partly)))
    assert "1 paper referral is to be entered by hand: OT-0010." in text
    assert "Still down: Visma websesam." in text, "what the paper is entered into"


def test_the_duty_learns_that_an_activation_requires_a_publication_with_links() -> None:
    text = text_of(told(Audience.DUTY, ACTIVATED))
    assert "What to do now: Publish on Vårdgivare Skåne that the reserve routine applies, with links" in text
    assert "by 13:10 at the latest." in text


def test_the_staff_learn_that_the_partner_is_to_be_told() -> None:
    assert "What to do now: Notify Aktiv ortopedteknik: down, handle manually" in text_of(
        told(Audience.STAFF, ACTIVATED)
    )
    ended = text_of(told(Audience.STAFF, ENDED))
    assert "What to do now: Tell Aktiv ortopedteknik that the routine has ended" in ended


def test_the_compliance_reviewer_reads_the_note_and_the_deviation() -> None:
    early = recorded(f.ReserveRoutineActivated(), 60, note="efter samråd", deviation="lång prognos väntas")
    text = text_of(told(Audience.COMPLIANCE, early))
    assert "Note: efter samråd" in text
    assert "Deviation: lång prognos väntas" in text


def test_a_mail_says_how_the_incident_stands_when_it_is_written() -> None:
    prognosis = recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=6)), 30, entry=2)
    text = text_of(told(Audience.STAFF, prognosis))
    assert "How it stands Monday 7 December 08:35" in text
    assert "Status ongoing Down Sesam S2, websesam, Visma websesam Down since 08:05" in text
    assert "Prognosis 14:05" in text
    assert "Reserve routine inactive; due 12:05" in text
    assert "Reserve routine active since 12:10" in text_of(told(Audience.STAFF, ACTIVATED))
    assert "Paper referrals" not in text
    assert "(of 3)" in text_of(told(Audience.STAFF, RESTORED, after(*PAPER, RESTORED)))


def test_a_prognosis_whose_time_has_passed_is_no_prognosis() -> None:
    prognosis = recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=1)), 30, entry=2)
    later = recorded(f.InstructionReceived(text="vänta"), 90, entry=3)
    assert "Prognosis none" in text_of(told(Audience.STAFF, later, after(prognosis, later)))


@pytest.mark.parametrize(("late", "said"), [(15, False), (15.1, True), (600, True)])
def test_a_fact_recorded_long_afterwards_is_never_told_as_new(late: float, said: bool) -> None:
    notice = told(Audience.STAFF, recorded(f.InstructionReceived(text="vänta"), 30, late=late))
    assert ("Recorded afterwards: it happened 08:35 and was recorded" in text_of(notice)) == said
    assert subject_of(notice).endswith("(recorded afterwards)") == said


def test_a_late_subscriber_gets_how_the_open_incident_stands() -> None:
    notice = told(Audience.STAFF, recorded(f.InstructionReceived(text="vänta"), 30), summary=True)
    assert "You have just subscribed. This is how the open outage stands" in text_of(notice)
    assert subject_of(notice) == "[7] Now: down since 08:05 – Sesam S2, websesam and more"


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        (
            recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=6)), 9),
            "Expected back 14:05 (new prognosis)",
        ),
        (
            recorded(f.ServiceRestored(systems=(System.WEBSESAM,)), 9),
            "Works again: websesam. Down: Sesam S2, Visma websesam",
        ),
        (ACTIVATED, "The reserve routine applies – notify Aktiv ortopedteknik"),
        (ENDED, "To do: tell Aktiv ortopedteknik it is over"),
        (recorded(f.IncidentClosed(), 330), "Closed: the outage of 7 December"),
    ],
)
def test_the_subject_says_what_matters_most(happened: Recorded, said: str) -> None:
    assert subject_of(told(Audience.STAFF, happened)) == f"[7] {said}"


@pytest.mark.parametrize(
    ("language", "duty"), [("sv", "Anmäl till systemansvarig"), ("en", "Report to the system owner")]
)
def test_a_passed_deadline_is_told_in_the_routines_own_catalogue(language: str, duty: str) -> None:
    passed = f.DeadlinePassed(duty="report-to-system-owner", due_at=BEGAN)
    notice = told(Audience.STAFF, recorded(passed, 30, late=20, recorded_as=Function.CLOCK), language=language)
    late = "Försenat sedan 08.05: {}" if language == "sv" else "Overdue since 08:05: {}"
    assert subject_of(notice) == "[7] " + late.format(running(duty)), "and not that a clock recorded it afterwards"
    said = "Försenat: {}, skulle vara gjort 08.05" if language == "sv" else "Overdue: {}, was to be done 08:05"
    assert said.format(duty) in text_of(notice)
    tomorrow = render(notice, SETTINGS, catalogue(language), BEGAN + timedelta(days=1))
    plain = ("Försenat: {}" if language == "sv" else "Overdue: {}").format(running(duty))
    assert tomorrow["Subject"] == f"[7] {plain}", "what is to be done rather than the whole date, which stands in it"


def test_every_field_of_every_fact_has_a_short_label() -> None:
    assert {name for fact in every_fact() for name in type(fact).model_fields} <= set(FIELDS)


def test_every_mail_says_why_it_came_and_how_to_stop_it() -> None:
    text = text_of(told(Audience.PUBLIC, recorded(PUBLISHED), language="sv"))
    assert "förskrivare och beställande enheter" in text
    assert "Ärende 2026-0007" in text, "the public can't read the log"


@pytest.mark.parametrize(("language", "subject"), [("sv", "avsluta k7q2m9x4"), ("en", "unsubscribe k7q2m9x4")])
def test_whoever_wants_to_stop_it_writes_so_in_the_mails_own_language(language: str, subject: str) -> None:
    notice = told(Audience.PUBLIC, recorded(PUBLISHED), language=language)
    mail = render(notice, SETTINGS, catalogue(language), notice.recorded.recorded_at)
    assert f"{'med ämnet' if language == 'sv' else 'with the subject'}: {subject}" in text_of(notice)
    assert mail["List-Unsubscribe"] == f"<{SETTINGS.mailto(subject)}>"


PROGNOSIS = recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=6)), 20, entry=3)
EARLIER = recorded(f.PrognosisReceived(restored_by=BEGAN + timedelta(hours=4)), 10, entry=2)


def test_what_waited_for_the_same_mail_is_told_along_with_it() -> None:
    notice = told(Audience.STAFF, RESTORED, also=(EARLIER, PROGNOSIS))
    for said in (text_of(notice), " ".join(html_of(notice).split())):
        first = said.index("Prognosis received: 12:05")
        assert first < said.index("Prognosis received: 14:05")
        assert "08:15" in said
        assert said.index("Prognosis received: 14:05") < said.index("Service restored: Sesam S2"), "as it happened"
    assert subject_of(notice) == "[7] All works again: Sesam S2, websesam, Visma websesam"


def test_what_is_replaced_without_ever_going_out_is_named() -> None:
    notice = told(Audience.STAFF, PROGNOSIS, replaces=(EARLIER,))
    for said in (text_of(notice), html_of(notice)):
        assert "This replaces what did not go out in time" in said
        assert "Prognosis received: 12:05" in said
    assert "replaces" not in text_of(told(Audience.STAFF, PROGNOSIS))


def test_a_publication_that_waited_is_told_with_its_catalogue() -> None:
    text = text_of(told(Audience.STAFF, RESTORED, also=(recorded(PUBLISHED, 20, entry=3),)))
    assert "Sesam ligger nere. Skicka akuta OT-remisser på papper. Shown on: Vårdgivare Skåne" in text
    assert "Vårdgivare Skåne https://vardgivare.example.se/reservrutin-ot" in text


def test_a_request_that_waited_is_told_with_its_words_what_it_asks_and_what_was_noted() -> None:
    request = recorded(
        f.OperatingInformationRequested(text="Vi når inte Sesam från Lund."), 20, entry=3, note="ring", deviation="sent"
    )
    for said in (
        text_of(told(Audience.DUTY, ACTIVATED, after(request, ACTIVATED), also=(request,))),
        html_of(told(Audience.DUTY, ACTIVATED, after(request, ACTIVATED), also=(request,))),
    ):
        said = " ".join(said.split())
        assert "Publish the text below." in said
        assert "Publish on Vårdgivare Skåne that the reserve routine applies" in said
        assert said.count("Vi når inte Sesam från Lund.") == 1, "ready to copy"
        assert "Note: ring" in said
        assert "Deviation: sent" in said


def test_a_prescriber_is_told_of_no_internal_fact_that_waited_along_or_was_replaced() -> None:
    inside = tuple(
        recorded(fact, 5, entry=20 + n, note="hemlig", deviation="hemlig")
        for n, fact in enumerate(every_fact())
        if not isinstance(fact, f.OperatingInformationPublished)
    )
    published = recorded(PUBLISHED.model_copy(update={"text": "Sesam stannar kl 9."}), 5, entry=19, note="hemlig")
    plain = told(Audience.PUBLIC, recorded(PUBLISHED, 30, entry=60))
    for notice in (replace(plain, also=inside), replace(plain, replaces=inside)):
        assert text_of(notice) == text_of(plain)
        assert html_of(notice) == html_of(plain)
    both = replace(plain, also=(*inside, published))
    assert "Sesam stannar kl 9." in text_of(both)
    assert "hemlig" not in text_of(both) + html_of(both)


def withdrawn(fact: Fact, audience: Audience = Audience.STAFF) -> Notice:
    """The notice that this fact has been withdrawn."""
    what = recorded(fact, 30, entry=2)
    by = recorded(f.EntryWithdrawn(entry=2, reason="hemligt skäl"), 40, entry=3)
    return told(audience, by, after(), rewritings=(Rewriting(by, what, None, ()),))


@pytest.mark.parametrize("fact", every_fact(), ids=lambda fact: fact.wire)
def test_q30_of_every_fact_it_can_be_said_that_it_no_longer_counts(fact: Fact) -> None:
    text = text_of(withdrawn(fact))
    assert "You were told of this earlier." in text
    assert "hemligt skäl" in text


@pytest.mark.parametrize("fact", [fact for fact in every_fact() if fact.wire != PUBLISHED.wire], ids=lambda f: f.wire)
def test_q9_the_public_does_not_hear_that_something_internal_was_withdrawn(fact: Fact) -> None:
    with pytest.raises(NotAuthorised):
        text_of(withdrawn(fact, Audience.PUBLIC))


def test_q9_the_public_is_quoted_what_was_published_and_given_no_reason() -> None:
    text = text_of(withdrawn(PUBLISHED, Audience.PUBLIC))
    assert f"This was published and no longer applies: {' '.join(PUBLISHED.text.split())}" in text
    assert "hemligt" not in text
    assert "Write acute OT referrals on paper" not in text, "that is what no longer applies"
    assert PUBLISHED.links[0] not in text


def test_q30_what_a_correction_makes_the_routine_ask_is_asked_and_nothing_is_asked_again() -> None:
    plain = PUBLISHED.model_copy(update={"reserve_routine_applies": False})
    by = recorded(f.EntryCorrected(entry=2, reason="fel", fields={"reserve_routine_applies": True}), 40, entry=3)
    stood, stands = recorded(plain, 30, entry=2), recorded(PUBLISHED, 30, entry=2)
    applies = "Write acute OT referrals on paper"
    assert applies in text_of(told(Audience.PUBLIC, by, after(), rewritings=(Rewriting(by, stood, stands, ()),)))
    earlier = stands._replace(occurred_at=BEGAN)
    assert applies not in text_of(told(Audience.PUBLIC, by, after(), rewritings=(Rewriting(by, stands, earlier, ()),)))


def correcting(published: f.OperatingInformationPublished, stood: f.OperatingInformationPublished) -> Notice:
    """The public is told that what stood there was corrected to this."""
    by = recorded(f.EntryCorrected(entry=2, reason="fel", fields={"text": published.text}), 40, entry=3)
    before, stands = (recorded(fact, 30, entry=2) for fact in (stood, published))
    return told(Audience.PUBLIC, by, after(), rewritings=(Rewriting(by, before, stands, ()),))


def test_the_public_reads_what_was_published_and_what_was_corrected_and_is_told_which() -> None:
    plain = f.OperatingInformationPublished(channels=PUBLISHED.channels, text="Sesam är långsamt.")
    assert "Read what has been published, below." in text_of(told(Audience.PUBLIC, recorded(plain, 30)))
    other = plain.model_copy(update={"text": "Sesam är inte längre långsamt."})
    assert "Read what has been corrected, below." in text_of(correcting(other, plain))


@pytest.mark.parametrize("came_to_paper", [True, False])
def test_not_to_send_paper_again_is_asked_of_those_alone_who_were_told_to_send_it(came_to_paper: bool) -> None:
    earlier = recorded(PUBLISHED.model_copy(update={"reserve_routine_applies": came_to_paper}), 30, entry=2)
    works = f.OperatingInformationPublished(
        channels=PUBLISHED.channels, text="Sesam fungerar.", situation="works-again"
    )
    text = text_of(told(Audience.PUBLIC, recorded(works, 300, entry=3), earlier=(earlier,)))
    assert "Order as usual." in text
    assert ("Don't send referrals again" in text) == came_to_paper


@pytest.mark.parametrize("duty", ["report-to-system-owner", "contact-supplier"])
def test_the_duty_whose_time_a_mail_is_about_is_asked_for_first(duty: str) -> None:
    """However urgent another is."""
    passed = recorded(f.DeadlinePassed(duty=duty, due_at=BEGAN), 90, entry=3, recorded_as=Function.CLOCK)
    duties = tuple(verdicts([DETECTED], builtin(), passed.recorded_at))
    notice = told(Audience.STAFF, passed, verdicts=duties)
    first, *others = own_duties(notice, passed.recorded_at)
    assert first.duty.id == duty
    assert {"report-to-system-owner", "contact-supplier"} - {duty} <= {verdict.duty.id for verdict in others}


def test_the_partner_is_reminded_of_the_paper_by_whatever_comes_while_it_is_to_be_entered() -> None:
    """Which papers, instead of the duty in words."""
    happened = [DETECTED, ACTIVATED, *PAPER, RESTORED]
    news = recorded(PUBLISHED, 310, entry=9)
    duties = tuple(verdicts([*happened, news], builtin(), news.recorded_at))
    notice = told(Audience.PARTNER, news, after(*happened[1:], news), verdicts=duties)
    [entering] = [v for v in own_duties(notice, news.recorded_at) if v.duty.done_when_over == "paper-outstanding"]
    text = text_of(notice)
    assert "3 paper referrals are to be entered by hand: OT-0010, OT-0011, OT-0012." in text
    assert entering.duty.text.en not in text


def test_of_many_duties_four_are_named_and_the_others_counted() -> None:
    off_duty = recorded(f.SystemOwnerContacted(outcome=ContactOutcome.OFF_DUTY, channel="telefon"), 20, entry=2)
    duties = tuple(verdicts([DETECTED, off_duty, ACTIVATED], builtin(), ACTIVATED.recorded_at))
    notice = told(Audience.STAFF, ACTIVATED, after(off_duty, ACTIVATED), verdicts=duties)
    own = own_duties(notice, ACTIVATED.recorded_at)
    assert len(own) > MOST
    things = asked(notice, Words(catalogue("en"), "en", builtin()), ACTIVATED.recorded_at)
    assert things[-1] == f"And {len(own) - MOST} more: reservrutin due"
    assert len(things) == MOST + 1


def test_a_duty_is_told_with_its_function_where_the_readers_are_of_several() -> None:
    assert "Report to the system owner – VO Hjälpmedel, by 08:20" in text_of(told(Audience.STAFF, DETECTED))
    assert "administration" not in text_of(told(Audience.PARTNER, RESTORED, after(ACTIVATED, *PAPER, RESTORED))).lower()


def test_whoever_has_just_subscribed_to_what_is_published_reads_since_when_it_applies() -> None:
    published = recorded(PUBLISHED, 30, entry=2)
    text = text_of(told(Audience.PUBLIC, published, summary=True))
    assert "You have just subscribed. This has applied since 08:35." in text
    assert "You have just subscribed" not in text_of(told(Audience.PUBLIC, published))


@pytest.mark.parametrize("published_since", [True, False])
def test_what_was_asked_to_be_published_is_quoted_once_whether_it_is_still_to_be_or_not(published_since: bool) -> None:
    request = recorded(f.OperatingInformationRequested(text="Vi når inte Sesam från Lund."), 20, entry=2)
    since = (recorded(PUBLISHED, 25, entry=3),) if published_since else ()
    text = text_of(told(Audience.DUTY, request, after(request, *since)))
    assert text.count("Vi når inte Sesam från Lund.") == 1
    assert ("Publish the text below." in text) is not published_since
