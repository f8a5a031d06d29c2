"""One SMTP session against a real server: what it answers, and what it leaves unsaid."""

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from domain.delivery import DeliveryState
from domain.refusals import Invalid, Unavailable
from domain.vocabulary import Audience
from notifiers.email.mail_server import MailServer, Tls, parse_url, with_password
from notifiers.email.message import render
from notifiers.email.session import Session
from tests.notifiers.outage import DETECTED, SETTINGS, told
from tests.notifiers.relay import Relay, Several, addressed, deliver, listening
from wording.words import catalogue

ANNA = "anna@example.se"


@pytest.fixture(autouse=True, params=[(), ("PIPELINING",)], ids=["one-by-one", "pipelined"])
def _offers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every conversation is held with a server that wants one command at a time, and with one that does not."""
    monkeypatch.setattr(Relay, "usual_offers", request.param)


def a_mail() -> EmailMessage:
    notice = told(Audience.STAFF, DETECTED)
    return render(notice, SETTINGS, catalogue("en"), DETECTED.recorded_at)


async def test_a_mail_that_the_server_accepts_is_sent_byte_for_byte() -> None:
    mail = a_mail()
    async with listening(Relay()) as relay, Session(relay.server) as session:
        outcome = await deliver(session, mail, ANNA)
    assert (outcome.state, outcome.code) == (DeliveryState.SENT, 250)
    (received,) = relay.mails
    assert (received.mail_from, received.rcpt_tos) == ("reservrutin@example.se", [ANNA])
    assert received.original_content == mail.as_bytes()


async def test_a_line_that_begins_with_a_dot_arrives_as_it_was_written() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "a@example.se", ANNA
    mail.set_content(".\n..två\nslut\n.", cte="8bit")
    async with listening(Relay()) as relay, Session(relay.server) as session:
        await deliver(session, mail, ANNA)
    content = relay.mails[0].original_content
    assert content is not None
    assert content.endswith("\r\n\r\n.\r\n..två\r\nslut\r\n.\r\n".encode())


@pytest.mark.parametrize("command", ["RCPT", "DATA", "."])
@pytest.mark.parametrize(
    ("answer", "state"),
    [("550 5.1.1 unknown", "refused"), ("451 4.7.1 later", "deferred"), ("421 4.3.2 closing", "deferred")],
)
async def test_a_no_is_sorted_alike_wherever_it_comes(command: str, answer: str, state: str) -> None:
    relay = Relay()
    relay.at = {command: [answer]}
    async with listening(relay), Session(relay.server) as session:
        outcome = await deliver(session, a_mail(), ANNA)
        assert (outcome.state, outcome.code) == (state, int(answer[:3]))
        assert (await deliver(session, a_mail(), ANNA)).state is DeliveryState.SENT
    assert len(relay.mails) == 1


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_a_line_cut_before_the_final_dot_defers(command: str) -> None:
    relay = Relay()
    relay.at = {command: [Relay.hang_up]}
    async with listening(relay), Session(relay.server) as session:
        outcome = await deliver(session, a_mail(), ANNA)
    assert (outcome.state, outcome.code) == (DeliveryState.DEFERRED, None)


async def test_a_line_cut_after_the_final_dot_is_ambiguous() -> None:
    relay = Relay()
    relay.at = {".": [Relay.hang_up]}
    async with listening(relay), Session(relay.server) as session:
        outcome = await deliver(session, a_mail(), ANNA)
    assert (outcome.state, outcome.code) == (DeliveryState.AMBIGUOUS, None)


async def test_a_server_silent_before_the_final_dot_defers() -> None:
    relay = Relay()
    relay.at = {"DATA": [Relay.hang]}
    async with listening(relay, data_timeout=0.1), Session(relay.server) as session:
        assert (await deliver(session, a_mail(), ANNA)).state is DeliveryState.DEFERRED


async def test_a_server_silent_after_the_final_dot_is_ambiguous_and_the_next_mail_gets_a_new_session() -> None:
    relay = Relay()
    relay.at = {".": [Relay.hang]}
    async with listening(relay, final_dot_timeout=0.1), Session(relay.server) as session:
        assert (await deliver(session, a_mail(), ANNA)).state is DeliveryState.AMBIGUOUS
        assert (await deliver(session, a_mail(), ANNA)).state is DeliveryState.SENT
    assert relay.sessions == 2


@pytest.mark.parametrize(("set_to", "said"), [("", "localhost"), ("[IPv6:2001:db8::7]", "[IPv6:2001:db8::7]")])
async def test_to_the_mail_server_we_are_called_what_is_set_else_what_this_machine_is(set_to: str, said: str) -> None:
    async with listening(Relay()) as relay, Session(replace(relay.server, ehlo_name=set_to)) as session:
        assert (await deliver(session, a_mail(), ANNA)).state == DeliveryState.SENT
    assert relay.called == said


async def test_one_session_serves_many_mails() -> None:
    relay = Relay()
    relay.at = {"RCPT": ["250 OK", "550 no", "250 OK"]}
    async with listening(relay), Session(relay.server) as session:
        states = [(await deliver(session, a_mail(), ANNA)).state for _ in range(4)]
    assert states == ["sent", "refused", "sent", "sent"]
    assert relay.sessions == 1


@pytest.mark.parametrize("stale", [Relay.hang_up, "421 4.4.2 idle too long"])
async def test_a_session_gone_stale_is_opened_again_for_the_same_mail(stale: str) -> None:
    relay = Relay()
    relay.at = {"MAIL": ["250 OK", stale]}
    async with listening(relay), Session(relay.server) as session:
        states = [(await deliver(session, a_mail(), ANNA)).state for _ in range(2)]
    assert states == ["sent", "sent"]
    assert relay.sessions == 2


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with listening(Relay()) as relay:
        gone = relay.server
    async with Session(gone) as session:
        with pytest.raises(Unavailable):
            await deliver(session, a_mail(), ANNA)


async def test_a_server_that_refuses_our_sender_is_unavailable_and_no_subscribers_fault() -> None:
    relay = Relay()
    relay.at = {"MAIL": "550 5.7.1 sender not allowed"}
    async with listening(relay), Session(relay.server) as session:
        with pytest.raises(Unavailable) as refusal:
            await deliver(session, a_mail(), ANNA)
    assert refusal.value.data["code"] == 550


async def test_a_server_that_has_stopped_answering_is_given_up() -> None:
    relay = Relay()
    relay.at = {".": Relay.hang_up}
    async with listening(relay), Session(relay.server) as session:
        states = [(await deliver(session, a_mail(), ANNA)).state for _ in range(3)]
        with pytest.raises(Unavailable):
            await deliver(session, a_mail(), ANNA)
    assert states == ["ambiguous"] * 3


async def test_starttls_is_required_where_it_is_asked_for() -> None:
    async with listening(Relay()) as relay:
        strict = MailServer(relay.server.host, relay.server.port, Tls.STARTTLS)
        async with Session(strict) as session:
            with pytest.raises(Unavailable):
                await deliver(session, a_mail(), ANNA)
    assert not relay.mails


async def test_the_servers_reply_is_kept_without_the_address() -> None:
    relay = Relay()
    relay.at = {"RCPT": "550 5.1.1 <Anna@Example.se>: no such user"}
    async with listening(relay), Session(relay.server) as session:
        outcome = await deliver(session, a_mail(), ANNA)
    assert outcome.reply == "5.1.1 <…>: no such user"


@pytest.mark.parametrize("address", ["anna", "a@b.se>\r\nRCPT TO:<c@d.se", "a@b.se, c@d.se", "@", "a@"])
async def test_what_is_no_address_never_reaches_the_server(address: str) -> None:
    async with listening(Relay()) as relay, Session(relay.server) as session:
        outcome = await deliver(session, a_mail(), address)
    assert outcome.state is DeliveryState.REFUSED
    assert relay.sessions == 0


async def test_a_domain_with_swedish_letters_is_sent_in_its_wire_form() -> None:
    async with listening(Relay()) as relay, Session(relay.server) as session:
        await deliver(session, a_mail(), "anna@räksmörgås.se")
    assert relay.mails[0].rcpt_tos == ["anna@xn--rksmrgs-5wao1o.se"]


async def test_an_address_in_other_letters_is_refused_where_the_server_does_not_take_it() -> None:
    async with listening(Relay()) as relay, Session(relay.server) as session:
        outcome = await deliver(session, a_mail(), "åsa@example.se")
        assert outcome.state is DeliveryState.REFUSED
        assert "SMTPUTF8" in outcome.reply
        assert (await deliver(session, a_mail(), ANNA)).state is DeliveryState.SENT
    assert not [options for command, options in relay.options if "SMTPUTF8" in options]


async def test_an_address_in_other_letters_is_sent_where_the_server_takes_it() -> None:
    relay = Relay()
    relay.offers = (*relay.offers, "SMTPUTF8")
    notice = told(Audience.STAFF, DETECTED, address="åsa@räksmörgås.se")
    mail = render(notice, SETTINGS, catalogue("sv"), DETECTED.recorded_at)
    async with listening(relay), Session(relay.server) as session:
        assert (await deliver(session, mail, notice.subscriber.address)).state is DeliveryState.SENT
    assert relay.mails[0].rcpt_tos == ["åsa@xn--rksmrgs-5wao1o.se"]
    assert relay.options[0] == ("MAIL", [f"SIZE={len(mail.as_bytes())}", "SMTPUTF8"])
    assert "To: åsa@xn--rksmrgs-5wao1o.se\r\n".encode() in (relay.mails[0].original_content or b"")


async def test_a_mail_too_large_for_the_server_is_not_offered_to_it() -> None:
    large = EmailMessage()
    large["From"], large["To"] = "a@example.se", ANNA
    large.set_content("x" * 70 + "\n" * 40_000)
    relay = Relay()
    relay.largest = 30_000
    async with listening(relay), Session(relay.server) as session:
        outcome = await deliver(session, large, ANNA)
        assert (outcome.state, outcome.code) == (DeliveryState.REFUSED, None)
        assert "too large for the mail server" in outcome.reply
        assert "30000 allowed" in outcome.reply
        assert (await deliver(session, a_mail(), ANNA)).state is DeliveryState.SENT
    assert len(relay.mails) == 1


async def test_a_mail_larger_than_any_notice_is_refused() -> None:
    large = EmailMessage()
    large["From"], large["To"] = "a@example.se", ANNA
    large.set_content("x\n" * 500_000)
    async with listening(Relay()) as relay, Session(relay.server) as session:
        assert "larger than a notice can be" in (await deliver(session, large, ANNA)).reply
    assert not relay.mails


async def test_a_line_carries_so_many_mails_and_is_then_opened_anew() -> None:
    relay = Relay()
    async with listening(relay):
        server = replace(relay.server, mails_per_connection=3)
        mails = Several([addressed(a_mail(), ANNA) for _ in range(7)])
        async with Session(server) as session:
            await session.run(mails)
    assert [outcome.state for outcome in mails.outcomes] == ["sent"] * 7
    assert (relay.sessions, relay.goodbyes) == (3, 3)


async def test_what_would_be_sent_too_late_is_given_back_and_the_next_is_sent() -> None:
    mails = Several([replace(addressed(a_mail(), ANNA), not_after=0.0), addressed(a_mail(), ANNA)])
    async with listening(Relay()) as relay, Session(relay.server) as session:
        await session.run(mails)
    assert len(mails.given_back) == 1
    assert [outcome.state for outcome in mails.outcomes] == ["sent"]
    assert len(relay.mails) == 1


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost:1025", MailServer("localhost", 1025, Tls.NONE)),
        ("smtp://[::1]:1025", MailServer("::1", 1025, Tls.NONE)),
        ("smtp://relay.example.se", MailServer("relay.example.se", 25, Tls.STARTTLS)),
        ("smtp://relay.example.se:25?tls=none", MailServer("relay.example.se", 25, Tls.NONE)),
        ("smtp://localhost:587", MailServer("localhost", 587, Tls.STARTTLS)),
        ("smtp://u:p%40ss@relay.example.se", MailServer("relay.example.se", 587, Tls.STARTTLS, "u", "p@ss")),
        ("smtps://u:p@relay.example.se", MailServer("relay.example.se", 465, Tls.IMPLICIT, "u", "p")),
        ("smtp://relay.example.se:465", MailServer("relay.example.se", 465, Tls.IMPLICIT)),
        ("smtp://relay.example.se:2465?tls=implicit", MailServer("relay.example.se", 2465, Tls.IMPLICIT)),
    ],
)
def test_a_url_says_how_the_server_is_reached(url: str, server: MailServer) -> None:
    assert parse_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "relay.example.se",
        "http://relay.example.se",
        "smtp://",
        "smtp://relay.example.se:port",
        "smtp://relay.example.se:0",
        "smtp://relay.example.se:70000",
        "smtp://relay.example.se/path",
        "smtp://relay.example.se?tls=maybe",
        "smtp://relay.example.se?tsl=none",
        "smtps://relay.example.se?tls=none",
        "smtp://u@relay.example.se?tls=none",
        "smtp://:hemligt@relay.example.se",
        "smtp://u:hemligt@relay.example.se?tls=none",
    ],
)
def test_a_url_that_makes_no_sense_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"malformed|tls|user") as refusal:
        parse_url(url)
    assert "hemligt" not in str(refusal.value)


def test_the_password_can_stand_in_a_file_and_is_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hemligt\n")
    named = replace(parse_url("smtp://user@relay.example.se"), password_file=secret)
    server = with_password(named)
    assert (server.password, server.tls) == ("hemligt", Tls.STARTTLS)
    assert "hemligt" not in repr(server)


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (parse_url("smtp://user@relay.example.se"), "smtp-password"),
        (MailServer("relay.example.se", 587, username="user", password_file=Path("/nowhere")), "smtp-password-file"),
        (MailServer("relay.example.se", 25, password="hemligt"), "smtp-user"),  # noqa: S106 - a test's own
        (MailServer("relay.example.se", 25, ca_file=Path("/nowhere/region.pem")), "smtp-ca-file"),
    ],
)
def test_what_the_settings_point_to_is_looked_at_by_whoever_sends(server: MailServer, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        with_password(server)
    assert refusal.value.reason == reason
    assert "hemligt" not in repr(refusal.value.data)
