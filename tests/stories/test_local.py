"""Only Hjälpmedel Administration has lost contact, somebody dug up a cable."""

from tests.mailroom import Mailroom, text
from tests.terminal import Terminal


def test_a_local_outage_is_met_with_mobiles_and_a_request_and_never_starts_the_ot_clock(
    desk: Terminal, mails: Mailroom
) -> None:
    desk.at("09:00").records(
        "outage-detected --scope local --system sesam-s2 --cause external --summary 'avgrävd kabel'"
    )
    assert {d["duty"] for d in desk.types("due --json").json} == {
        "connect-through-mobiles",
        "request-operating-information",
    }
    desk.at("09:10").records("mobile-connection-tried --outcome partly")
    desk.at("09:20").records("operating-information-requested --text 'Vi når inte Sesam från kontoret i Lund.'")
    assert desk.types("due --json").json == []

    # Five hours later there is still no OT clock, and an activation is refused unless it is explained.
    late = desk.at("14:30")
    assert late.status()["reserve_routine"]["due_at"] is None
    assert late.status()["reserve_routine"]["state"] == "inactive"
    assert late.types("due --json").json == []
    assert late.types("record reserve-routine-activated").code == 5

    # The request reached the system owner; prescribers are told nothing until the system owner publishes.
    late.types("worker --once")
    assert any("Vi når inte Sesam" in text(mail) for mail in mails.to("systemansvarig"))
    assert mails.to("forskrivare") == []
    desk.at("14:40").records(
        "operating-information-published --as system-owner --channel intranet --channel hemvist "
        "--text 'Lund nås på mobil.'"
    )
    desk.types("worker --once")
    assert "Lund nås på mobil." in text(mails.to("forskrivare")[0])

    desk.at("15:00").records("service-restored --system sesam-s2")
    assert desk.at("15:05").records("incident-closed").json["status"]["status"] == "closed"
    assert desk.types("review 1").code == 0


def test_paper_that_comes_without_a_reserve_routine_is_flagged_and_still_balanced(desk: Terminal) -> None:
    desk.at("09:00").records("outage-detected --scope local --system sesam-s2")
    assert desk.at("09:30").records("referral-received --serial A-1").flags == ["paper-without-reserve-routine"]
    strange = desk.at("09:31").records("referral-received --serial A-2 --no-acute --area vision")
    assert strange.flags == ["paper-without-reserve-routine", "not-acute"]
    desk.at("10:00").records("service-restored --system sesam-s2")
    assert desk.at("10:05").types("record incident-closed").code == 5
    desk.at("10:10").records("referral-entered --serial A-1 --as partner")
    desk.records("referral-set-aside --serial A-2 --reason not-acute")
    assert desk.at("10:15").records("incident-closed").code == 0
