"""Who may write, who is told, and how the program is set up."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.fact import UNREGISTERED
from domain.mailbox import kept_form
from domain.refusals import Invalid, NotAdmitted, NotAuthorised, NotFound
from domain.vocabulary import Area, Audience, Function, System
from infrastructure.database.database import Database
from infrastructure.log.incident_log import Answer
from infrastructure.registers.staff import Person, Staff
from infrastructure.registers.subscribers import Subscribers, SubscriberState
from tests.conftest import on_sqlite
from tests.given import LOG_OWNER, outage
from tests.rows import everything

ADMINISTRATION, VO = Function.HJALPMEDEL_ADMINISTRATION, Function.VO_HJALPMEDEL
ANNA = "anna.andersson@example.se"


# Staff


@pytest.fixture
def staff(database: Database) -> Staff:
    return Staff(database)


def test_with_no_staff_registered_anybody_may_act_in_any_function(staff: Staff) -> None:
    assert staff.person("anna") == Person(UNREGISTERED, None)


def test_once_one_is_registered_only_registered_logins_may_write(staff: Staff) -> None:
    anna = staff.add("anna", [VO, ADMINISTRATION], LOG_OWNER)
    assert staff.person("anna") == Person(anna.id, (VO, ADMINISTRATION))
    with pytest.raises(NotAuthorised, match="login"):
        staff.person("bertil")


@on_sqlite
@pytest.mark.parametrize(("platform", "knows"), [("linux", False), ("darwin", False), ("win32", True)])
def test_a_login_in_other_letters_is_the_same_where_the_platform_has_it_so(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, platform: str, knows: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    asa = staff.add("SKANE\\Åsa", [VO], LOG_OWNER)
    for ask in (staff.person, staff.onlooker):
        assert ask("SKANE\\Åsa").id == asa.id
        if knows:
            assert ask("skane\\ÅSA").id == asa.id
        else:
            with pytest.raises(NotAuthorised):
                ask("skane\\ÅSA")
    if knows:
        assert staff.remove("Skane\\åsa", LOG_OWNER) == asa.id


def test_a_register_that_has_had_a_member_stays_closed_for_ever(staff: Staff) -> None:
    staff.add("anna", [VO], LOG_OWNER)
    staff.remove("anna", LOG_OWNER)
    for login in ("anna", "bertil", ""):
        with pytest.raises(NotAuthorised, match="login"):
            staff.person(login)


def test_removing_erases_the_login_and_keeps_the_pseudonym(staff: Staff, database: Database) -> None:
    anna = staff.add("anna.andersson", [VO], LOG_OWNER)
    assert anna.id in everything(database)
    assert staff.remove("anna.andersson", LOG_OWNER) == anna.id
    told = everything(database)
    assert "anna.andersson" not in told
    assert anna.id in told
    assert staff.members() == []
    with pytest.raises(NotFound, match="login"):
        staff.remove("anna.andersson", LOG_OWNER)


def test_who_comes_back_is_somebody_new(staff: Staff) -> None:
    before = staff.add("anna", [VO], LOG_OWNER)
    staff.remove("anna", LOG_OWNER)
    assert staff.add("anna", [VO], LOG_OWNER).id != before.id


def test_a_pseudonym_tells_nothing_of_the_login(staff: Staff) -> None:
    assert "anna" not in staff.add("anna", [VO], LOG_OWNER).id


def test_registering_again_gives_other_functions_and_keeps_the_pseudonym(staff: Staff) -> None:
    first = staff.add("anna", [VO], LOG_OWNER)
    again = staff.add(" anna ", [ADMINISTRATION], LOG_OWNER)
    assert (again.id, again.roles) == (first.id, (ADMINISTRATION,))
    assert staff.members() == [again]


def test_the_clock_is_no_person_and_a_login_is_not_empty(staff: Staff) -> None:
    with pytest.raises(Invalid, match="clock-is-no-person"):
        staff.add("anna", [VO, Function.CLOCK], LOG_OWNER)
    for nothing in ("  ", "…", "-"):
        with pytest.raises(Invalid, match="empty-login"):
            staff.add(nothing, [VO], LOG_OWNER)
    assert staff.person("anna").roles is None, "nobody was registered"


# Subscribers


@pytest.fixture
def subscribers(database: Database) -> Subscribers:
    return Subscribers(database)


def test_a_subscriber_is_kept_as_registered(subscribers: Subscribers) -> None:
    added = subscribers.add(
        "  Anna.Andersson@EXAMPLE.se ", Audience.STAFF, [System.WEBSESAM], [Area.VISION, Area.TENS], "en"
    )
    assert added.address == "anna.andersson@example.se"
    assert subscribers.all() == [(added, SubscriberState.ACTIVE)]
    assert "anna" not in added.id.lower()


def test_an_address_belongs_to_an_audience_once_and_may_belong_to_several(subscribers: Subscribers) -> None:
    subscribers.add(ANNA, Audience.STAFF, [], [], "sv")
    with pytest.raises(NotAdmitted, match="already-subscribed"):
        subscribers.add("anna.andersson@EXAMPLE.se", Audience.STAFF, [System.WEBSESAM], [], "sv")
    subscribers.add(ANNA, Audience.DUTY, [], [], "sv")
    assert len(subscribers.all()) == 2


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("anna@räksmörgås.se", "anna@räksmörgås.se"),
        ("Anna@RÄKSMÖRGÅS.SE", "anna@räksmörgås.se"),
        ("anna@xn--rksmrgs-5wao1o.se", "anna@räksmörgås.se"),
        ("anna@ra\u0308ksmo\u0308rga\u030as.se", "anna@räksmörgås.se"),
        ("Åsa.Öberg@example.se", "åsa.öberg@example.se"),
        ("δοκιμή@παράδειγμα.example", "δοκιμή@παράδειγμα.example"),
    ],
)
def test_an_address_in_other_letters_is_kept_in_one_form_however_it_is_written(
    subscribers: Subscribers, written: str, kept: str
) -> None:
    assert subscribers.add(written, Audience.STAFF, [], [], "sv").address == kept
    with pytest.raises(NotAdmitted):
        subscribers.add(kept.upper(), Audience.STAFF, [], [], "sv")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        " ",
        "anna",
        "anna@",
        "@example.se",
        "anna@example",
        "anna@@example.se",
        "anna@example.se, bertil@example.se",
        "Anna <anna@example.se>",
        "anna@exämple",
        "anna@straße.example",
        "anna@ex mple.se",
        "å nna@example.se",
        "å\u200bnna@example.se",
        "å..nna@example.se",
        "anna@räk..smörgås.se",
        f"{'å' * 33}@example.se",
        "anna@example.se\nBcc: bertil@example.se",
        "anna\n@example.se",
        "anna andersson@example.se",
        "anna@.se",
        "anna@example..se",
        "anna@example.se.",
        "a" * 250 + "@example.se",
    ],
)
def test_what_is_no_mail_address_is_refused(subscribers: Subscribers, wrong: str) -> None:
    with pytest.raises(Invalid, match="address"):
        subscribers.add(wrong, Audience.STAFF, [], [], "sv")
    assert subscribers.all() == []


@given(st.text(max_size=40) | st.from_regex(r"[\x20-\x7e]{0,8}@[\x20-\x7e]{0,12}", fullmatch=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_is_an_address_of_one_line_or_refused(text: str) -> None:
    try:
        address = kept_form(text)
    except Invalid:
        return
    assert address.isprintable()
    assert not set(address) & set(" <>,;")
    assert kept_form(address) == address


def test_a_paused_subscriber_stays_registered_and_comes_back(subscribers: Subscribers) -> None:
    anna = subscribers.add(ANNA, Audience.STAFF, [], [], "sv")
    subscribers.pause(anna.id)
    assert subscribers.all() == [(anna, SubscriberState.PAUSED)]
    subscribers.resume(anna.id)
    assert subscribers.all() == [(anna, SubscriberState.ACTIVE)]


def test_removing_erases_the_address_from_every_table(
    subscribers: Subscribers, database: Database, records: Callable[..., Answer]
) -> None:
    records(outage())
    anna = subscribers.add(ANNA, Audience.STAFF, [System.WEBSESAM], [], "sv")
    assert ANNA in everything(database)
    subscribers.remove(anna.id)
    told = everything(database)
    assert ANNA not in told
    assert "andersson" not in told.lower()
    assert anna.id in told, "the ledger keeps the pseudonym"
    assert subscribers.all() == []


def test_who_is_removed_is_neither_paused_nor_resumed_nor_removed_again_but_may_come_back(
    subscribers: Subscribers,
) -> None:
    anna = subscribers.add(ANNA, Audience.STAFF, [], [], "sv")
    subscribers.remove(anna.id)
    with pytest.raises(NotFound, match="subscriber"):
        subscribers.remove(anna.id)
    for unknown in (anna.id, "p-unknown"):
        with pytest.raises(NotFound, match="subscriber"):
            subscribers.resume(unknown)
    back = subscribers.add(ANNA, Audience.STAFF, [], [], "sv")
    assert back.id != anna.id


def test_several_removed_subscribers_leave_no_trace_that_clashes(subscribers: Subscribers) -> None:
    for address in (ANNA, "bertil@example.se"):
        subscribers.remove(subscribers.add(address, Audience.STAFF, [], [], "sv").id)
    assert subscribers.all() == []
