"""Reports of mail that did not arrive, traced back to the delivery; forged ones are not."""

from base64 import encodebytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import Receipt
from domain.refusals import Invalid
from notifiers.email.bounces import ACTIONS, RETURNED, Bounces, NoBounce, bounces_in
from notifiers.email.mailboxes import LARGEST_MAIL
from notifiers.email.return_path import delivery_of, signed
from notifiers.email.settings import MailSettings
from tests.notifiers.outage import DRIFTINFO, SETTINGS

SECRET = "en hemlighet som räcker"  # noqa: S105 - a test's own
SIGNED = MailSettings(
    sender=("", "reservrutin@example.se"),
    driftinfo_url=DRIFTINFO,
    return_path="bounces@example.se",
    return_secret=SECRET,
)
OURS = "<2026-0007.4.p-0123456789@example.se>"
GENUINE = signed("bounces@example.se", SECRET, 17)


def report(
    to: str = GENUINE,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    envelope_id: str = "2026-0007.4.p-0123456789",
    returned: str = OURS,
    returned_as: str = "text/rfc822-headers",
    delivered_to: str = "",
) -> bytes:
    """A report as postfix and Exchange write them (RFC 3464)."""
    head = f"Delivered-To: {delivered_to}\n" if delivered_to else ""
    return (
        f"{head}Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.se\nTo: {to}\nSubject: Undelivered Mail\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n'
        "--x\nContent-Type: text/plain\n\nI'm sorry.\n\n"
        "--x\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example.se\nOriginal-Envelope-Id: {envelope_id}\n\n"
        f"Final-Recipient: rfc822; anna@example.se\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <anna@example.se>:\n  no such user\n\n"
        f"--x\nContent-Type: {returned_as}\n\nMessage-ID: {returned}\nSubject: x\n\n--x--\n"
    ).encode()


def test_a_report_to_a_signed_return_path_names_its_delivery() -> None:
    assert bounces_in(report(), SIGNED, "new/1") == [
        Receipt(17, "", "failed", "5.1.1", "550 5.1.1 <…>: no such user", "new/1")
    ]


@pytest.mark.parametrize(
    "written",
    [
        report(to="postmaster@example.se", delivered_to=GENUINE),
        report(to=f"Bounces <{GENUINE.upper()}>"),
        report(to=GENUINE).replace(b"\n", b"\r\n"),
    ],
)
def test_the_return_path_is_known_wherever_a_server_writes_it_down(written: bytes) -> None:
    (bounce,) = bounces_in(written, SIGNED)
    assert bounce.delivery == 17


@pytest.mark.parametrize(
    ("to", "action"),
    [
        (GENUINE.replace("+17.", "+18."), "forged"),
        (GENUINE.replace("@", "0@"), "forged"),
        ("bounces+17@example.se", "forged"),
        ("bounces+17.00000000000000000000@example.se", "forged"),
        (f"{GENUINE}, {signed('bounces@example.se', 'another secret than ours', 3)}", "forged"),
        (f"{GENUINE}, {signed('bounces@example.se', SECRET, 18)}", "forged"),
        ("bounces@example.se", "unsigned"),
        ("reservrutin@example.se", "unsigned"),
        (GENUINE.replace("example.se", "example.org"), "unsigned"),
    ],
)
def test_what_is_not_signed_by_us_settles_nothing_although_it_knows_our_message_id(to: str, action: str) -> None:
    (bounce,) = bounces_in(report(to=to), SIGNED)
    assert (bounce.delivery, bounce.message_id, bounce.action) == (None, "", action)


@pytest.mark.parametrize(
    "written",
    [
        report(to="reservrutin@example.se"),
        report(to="reservrutin@example.se", envelope_id=""),
        report(to="reservrutin@example.se", envelope_id="", returned_as="message/rfc822"),
        report(to="reservrutin@example.se", envelope_id="2026-0007.4.p+2D0123456789", returned="<other@example.org>"),
    ],
)
def test_without_return_paths_the_envelope_or_the_returned_headers_name_the_mail(written: bytes) -> None:
    (bounce,) = bounces_in(written, SETTINGS)
    assert (bounce.delivery, bounce.message_id, bounce.action) == (None, OURS, "failed")


def test_a_report_about_somebody_elses_mail_is_none_of_ours() -> None:
    (bounce,) = bounces_in(report(envelope_id="", returned="<x@example.org>"), SETTINGS)
    assert (bounce.message_id, bounce.action) == ("", "no-report")


@pytest.mark.parametrize("action", ["delayed", "Delivered", "RELAYED"])
def test_a_report_says_what_became_of_the_mail(action: str) -> None:
    (bounce,) = bounces_in(report(action=action, status="4.4.7 (expired)"), SIGNED)
    assert (bounce.action, bounce.status) == (action.lower(), "4.4.7")


@pytest.mark.parametrize(
    "written",
    [
        b"From: a@b.se\nSubject: Semester\n\nJag har semester.\n",
        f"Return-Path: <>\nTo: {GENUINE}\nFrom: a@b.se\nSubject: Autosvar\n\nJag har semester.\n".encode(),
        f"Return-Path: <a@b.se>\nTo: {GENUINE}\n\nRemote host said: 550 5.1.1 unknown\n<anna@b.se>:\n".encode(),
        report().replace(b"message/delivery-status", b"message/feedback-report"),
        b"",
        b"\x00\xff\xfe",
    ],
)
def test_a_mail_that_is_no_report_is_named_as_such(written: bytes) -> None:
    (bounce,) = bounces_in(written, SIGNED)
    assert (bounce.delivery, bounce.message_id, bounce.action) == (None, "", "no-report")


def wrapped(mail: bytes) -> bytes:
    """As a gateway does that says who is a stranger."""
    head, _, _body = mail.partition(b"MIME-Version")
    inner = mail[mail.index(b"Content-Type") :]
    outer = b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="y"\n\n'
    return head + outer + b"--y\nContent-Type: text/plain\n\nExternt!\n\n--y\n" + inner + b"\n--y--\n"


def encoded(mail: bytes) -> bytes:
    """The report in base64."""
    begin, end = mail.index(b"Reporting-MTA"), mail.index(b"--x\nContent-Type: text/rfc822-headers")
    head = mail[:begin].rstrip(b"\n") + b"\nContent-Transfer-Encoding: base64\n\n"
    return head + encodebytes(mail[begin:end]) + b"\n" + mail[end:]


@pytest.mark.parametrize(
    "written",
    [
        report().replace(b"multipart/report; report-type=delivery-status", b"multipart/mixed"),
        wrapped(report()),
        wrapped(wrapped(report())),
        encoded(report()),
        encoded(wrapped(report())),
        report().replace(b"delivery-status", b"global-delivery-status"),
        report().replace(b"multipart/report", b"multipart/mixed").replace(b"y-status\n", b"y-status; charset=utf-8\n"),
        report().replace(b"Action:", b"Action :").replace(b"Status:", b"Status :"),
        report().replace(b"2026-0007.4.p-0123456789\n\nFinal", b"2026-0007.4.p-0123456789\nFinal"),
        report().replace(b"  no such user\n\n", b"  no such user\n\n\n\n"),
        report(action="failed (bad destination mailbox)", status="5.1.1 (no such user)"),
        report(action="failure"),
        report(action="Error"),
        report(action="expired"),
        report().replace(b"no such user", "okänd".encode("iso-8859-1")),
    ],
)
def test_a_report_is_found_however_it_is_wrapped_and_written(written: bytes) -> None:
    (bounce,) = bounces_in(written, SIGNED)
    assert (bounce.delivery, bounce.action, bounce.status) == (17, "failed", "5.1.1")
    assert bounce.diagnostic.startswith("550 5.1.1 <…>:")


QMAIL = """\
Return-Path: <>
To: {to}
From: MAILER-DAEMON@mx.example.se
Subject: failure notice

Hi. This is the qmail-send program at mx.example.se.
I'm afraid I wasn't able to deliver your message to the following addresses.

<anna@example.se>:
192.0.2.25 does not like recipient.
Remote host said: 550 5.1.1 <anna@example.se> nobody of that name
Giving up on 192.0.2.25.

--- Below this line is a copy of the message.

Message-ID: <x@example.se>
"""


def test_a_mail_server_may_say_in_plain_text_that_a_mail_failed() -> None:
    (bounce,) = bounces_in(QMAIL.format(to=GENUINE).encode(), SIGNED)
    said = "Remote host said: 550 5.1.1 <…> nobody of that name"
    assert bounce == Receipt(17, "", "failed", "5.1.1", said)


@pytest.mark.parametrize("to", ["bounces@example.se", GENUINE.replace("+17.", "+18.")])
def test_plain_words_are_believed_behind_a_genuine_signature_alone(to: str) -> None:
    (bounce,) = bounces_in(QMAIL.format(to=to).encode(), SIGNED)
    assert (bounce.delivery, bounce.action) == (None, "no-report")
    (bounce,) = bounces_in(QMAIL.format(to=GENUINE).encode(), SETTINGS)
    assert (bounce.delivery, bounce.message_id, bounce.action) == (None, "", "no-report")


@pytest.mark.parametrize(
    "written",
    [
        report(action="exploded"),
        report().replace(b"Action: failed", b"X: y"),
        f"Return-Path: <>\nTo: {GENUINE}\nFrom: Postmaster <p@b.se>\n\nDet kom inte fram: 550 5.1.1 nej\n".encode(),
    ],
)
def test_what_came_back_and_cannot_be_read_is_kept_as_just_that(written: bytes) -> None:
    (bounce,) = bounces_in(written, SIGNED)
    assert (bounce.delivery, bounce.action) == (17, "returned")


def test_nothing_is_looked_for_inside_the_mail_that_is_returned() -> None:
    """Whoever sends us a letter may enclose what a report looks like."""
    inner = b"Content-Type: message/rfc822\n\n" + report()
    letter = b'Content-Type: multipart/mixed; boundary="z"\n\n--z\n' + inner + b"\n--z--\n"
    autoreply = f"Return-Path: <>\nTo: {GENUINE}\nFrom: anna@b.se\nMIME-Version: 1.0\n".encode()
    (bounce,) = bounces_in(autoreply + letter, SIGNED)
    assert bounce.action not in ACTIONS


def test_a_report_inside_a_mail_that_is_forwarded_is_not_believed() -> None:
    inside = b"To: " + GENUINE.encode() + b"\nContent-Type: message/rfc822\n\n" + report()
    (bounce,) = bounces_in(inside, SIGNED)
    assert bounce.action == "no-report"


def test_an_mbox_is_many_mails(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    other = report(to=signed("bounces@example.se", SECRET, 4), action="delayed")
    spool.write_bytes(
        b"".join(b"From MAILER-DAEMON Fri Nov 27 08:05:34 2026\n" + mail + b"\n" for mail in (report(), other))
    )
    found = list(Bounces(SIGNED).read([spool]))
    assert [(bounce.delivery, bounce.action) for bounce in found] == [(17, "failed"), (4, "delayed")]


def test_a_maildir_and_single_files_are_read_and_left_as_they_are(tmp_path: Path) -> None:
    maildir, file = tmp_path / "Maildir", tmp_path / "mail.eml"
    for folder in ("new", "cur", "tmp"):
        (maildir / folder).mkdir(parents=True)
    (maildir / "new" / "1").write_bytes(report())
    (maildir / "cur" / "2:2,S").write_bytes(b"Subject: hej\n\nhej\n")
    (maildir / "tmp" / "3").write_bytes(report())
    file.write_bytes(report(to=signed("bounces@example.se", SECRET, 4)))
    found = list(Bounces(SIGNED).read([maildir, file]))
    assert [(bounce.delivery, bounce.action) for bounce in found] == [
        (None, "no-report"),
        (17, "failed"),
        (4, "failed"),
    ]
    assert [Path(bounce.source).name for bounce in found] == ["2:2,S", "1", "mail.eml"]
    assert (maildir / "new" / "1").exists()


def test_a_mail_as_large_as_may_be_is_read_a_larger_one_is_named_and_stops_no_other(tmp_path: Path) -> None:
    whole = report()
    for name, size in (("a", LARGEST_MAIL), ("b", LARGEST_MAIL + 1), ("c", len(whole))):
        (tmp_path / name).write_bytes(whole.ljust(size, b"\n"))
    receipts = list(Bounces(SIGNED).read([tmp_path / name for name in "abc"]))
    assert [(Path(receipt.source).name, receipt.delivery) for receipt in receipts] == [
        ("a", 17),
        ("b", None),
        ("c", 17),
    ]
    assert (receipts[1].action, receipts[1].diagnostic) == (NoBounce.UNREADABLE, "too large")


def test_a_path_that_holds_no_mail_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Invalid):
            list(Bounces(SIGNED).read([path]))


@given(st.binary(max_size=400), st.integers(0, 700), st.integers(0, 700))
def test_nothing_that_is_written_in_a_report_breaks_the_reading(noise: bytes, begin: int, end: int) -> None:
    whole = report()
    for bounce in bounces_in(whole[:begin] + noise + whole[end:], SIGNED):
        assert bounce.delivery in (17, None)
        assert bounce.diagnostic.isprintable()
        assert bounce.delivery is None or bounce.action in (*ACTIONS, RETURNED)


@given(st.integers(0, 10**17), st.integers(0, 10**17))
def test_a_return_path_is_good_for_its_own_delivery_alone(delivery: int, other: int) -> None:
    address = signed("bounces@example.se", SECRET, delivery)
    assert delivery_of(address, "bounces@example.se", SECRET) == delivery
    assert len(address.partition("@")[0]) <= 64
    forged = address.replace(f"+{delivery}.", f"+{other}.")
    assert delivery_of(forged, "bounces@example.se", SECRET) == (delivery if other == delivery else None)


def test_the_secret_of_the_return_path_is_never_shown() -> None:
    assert SECRET not in repr(SIGNED)


def test_a_report_has_one_fingerprint_wherever_it_lies_and_another_has_another() -> None:
    def fingerprint(mail: bytes) -> str:
        return bounces_in(mail, SIGNED)[0].fingerprint

    assert fingerprint(report()) == fingerprint(b"Received: from x\nX-Status: R\n" + report())
    assert fingerprint(report()) != fingerprint(report().replace(b"Reporting-MTA", b"Arrival-Date: x\nReporting-MTA"))
    assert fingerprint(QMAIL.encode()) != fingerprint(b"Date: y\n" + QMAIL.encode())


def test_reports_in_the_same_words_about_two_readers_are_two_reports() -> None:
    other = signed("bounces@example.se", SECRET, 18)
    assert bounces_in(report(), SIGNED)[0].fingerprint != bounces_in(report(to=other), SIGNED)[0].fingerprint
