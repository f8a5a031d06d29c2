"""Whoever is told as several gets one mail of each thing."""

from tests.mailroom import Mailroom
from tests.terminal import Terminal


def test_an_address_in_two_audiences_gets_one_mail_with_what_it_is_to_do(desk: Terminal, mails: Mailroom) -> None:
    for audience in ("duty", "staff"):
        desk.types(f"subscriber add sven@example.se --audience {audience}")
    desk.types("record outage-detected --scope all-users --system sesam-s2")
    desk.types("worker --once")
    assert mails.subjects("sven") == mails.subjects("systemansvarig")
    [_mail] = mails.to("sven")
    told = desk.types("deliveries --state superseded").out
    assert "samma adress" in told
    desk.at("09:00").types("record service-restored --system sesam-s2 --as system-owner")
    desk.types("worker --once")
    assert len(mails.to("sven")) == 2
