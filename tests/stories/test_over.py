"""That it is over reaches whoever was told that it began, and nobody else."""

from tests.mailroom import Mailroom, text
from tests.terminal import Terminal

BEGUN, ENDED, CLOSED = "outage-detected", "service-restored", "incident-closed"
PUBLISHED = "operating-information-published"
OUTAGE = f"{BEGUN} --scope all-users --system sesam-s2"
RESTORED = f"{ENDED} --system sesam-s2"
DOWN = 'operating-information-published --as system-owner --channel vardgivare-skane --text "Nere. Avvakta."'
WORKS = 'operating-information-published --as system-owner --channel vardgivare-skane --text "Fungerar igen."'


def told(desk: Terminal, name: str, incident: int = 1) -> list[str]:
    """Of which facts the mail server has taken a mail to this reader, but for the clock's."""
    everybody = desk.types("subscriber list --json").json
    [reader] = [s["subscriber"] for s in everybody if s["address"] == f"{name}@example.se"]
    sent = [d for d in desk.types(f"deliveries {incident} --json").json if d["state"] == "sent"]
    return [d["fact"] for d in sent if d["subscriber"] == reader and not d["fact"].startswith("deadline")]


def happens(desk: Terminal, *facts: tuple[str, str]) -> None:
    """Each at its time, and told before the next."""
    for clock, fact in facts:
        desk.at(clock).records(fact)
        assert desk.types("worker --once").code == 0


def test_an_outage_without_paper_is_over_for_the_owner_and_was_never_told_to_the_partner(
    desk: Terminal, mails: Mailroom
) -> None:
    happens(
        desk, ("08:05", OUTAGE), ("08:30", DOWN), ("09:00", RESTORED), ("09:10", WORKS), ("09:20", "incident-closed")
    )
    assert told(desk, "handlaggare") == [BEGUN, PUBLISHED, ENDED, PUBLISHED, CLOSED]
    assert told(desk, "systemansvarig") == [BEGUN, ENDED]
    assert told(desk, "forskrivare") == [PUBLISHED, PUBLISHED]
    assert told(desk, "aktiv") == []


def test_whoever_got_paper_and_whoever_was_to_publish_it_hear_when_it_ends(desk: Terminal, mails: Mailroom) -> None:
    happens(
        desk,
        ("08:05", OUTAGE),
        ("12:10", "reserve-routine-activated"),
        ("14:00", RESTORED),
        ("14:10", "reserve-routine-deactivated"),
    )
    assert [mail for mail in mails.to("systemansvarig") if "reservrutinen har upphört" in " ".join(text(mail).split())]
    became = {(d["audience"], d["fact"]) for d in desk.types("deliveries 1 --json").json if d["state"] == "sent"}
    for fact in ("service-restored", "reserve-routine-deactivated"):
        assert {("staff", fact), ("partner", fact), ("duty", fact)} <= became


def test_the_end_of_a_second_outage_without_paper_is_not_told_to_the_partner(desk: Terminal, mails: Mailroom) -> None:
    happens(
        desk,
        ("08:05", OUTAGE),
        ("12:10", "reserve-routine-activated"),
        ("12:30", RESTORED),
        ("12:35", "reserve-routine-deactivated"),
    )
    before = len(mails.to("aktiv"))
    happens(desk, ("12:45", f"{OUTAGE} --incident 1"), ("12:55", RESTORED))
    assert len(mails.to("aktiv")) == before == 3
    assert told(desk, "systemansvarig")[-2:] == [BEGUN, ENDED]


def test_what_was_over_before_it_was_told_is_one_mail_that_says_both(desk: Terminal, mails: Mailroom) -> None:
    desk.at("08:05").records(OUTAGE)
    happens(desk, ("08:06", RESTORED))
    for name in ("handlaggare", "systemansvarig"):
        assert told(desk, name) == [ENDED]
        [mail] = mails.to(name)
        assert "08.05" in text(mail), "when it went down"
    assert told(desk, "aktiv") == []


def test_whoever_was_away_while_it_began_is_told_of_its_end_once_told_of_anything_in_it(
    desk: Terminal, mails: Mailroom
) -> None:
    away = desk.types("subscriber add borta@example.se --audience staff --json").json["subscriber"]
    desk.types(f"subscriber pause {away}")
    happens(desk, ("08:05", OUTAGE))
    desk.types(f"subscriber resume {away}")
    happens(desk, ("08:30", RESTORED))
    assert told(desk, "borta") == []
    desk.types(f"subscriber pause {away}")
    happens(desk, ("08:40", f"{OUTAGE} --incident 1"))
    desk.types(f"subscriber resume {away}")
    happens(desk, ("08:50", "prognosis-received --restored-by 09:30"), ("09:00", RESTORED))
    assert told(desk, "borta") == ["prognosis-received", ENDED]


def test_a_late_subscriber_who_got_the_summary_knows(desk: Terminal, mails: Mailroom) -> None:
    happens(desk, ("08:05", OUTAGE))
    for name, audience in (("sen", "duty"), ("senpartner", "partner"), ("senlasare", "public")):
        desk.types(f"subscriber add {name}@example.se --audience {audience}")
    happens(desk, ("08:30", 'note-added --text "lugnt"'), ("09:00", RESTORED), ("09:10", WORKS))
    assert told(desk, "sen") == [BEGUN, ENDED]
    assert told(desk, "senpartner") == []
    assert told(desk, "senlasare") == [], "nothing was published that it was down"


def test_what_was_told_is_ended_for_its_reader_whatever_it_has_turned_out_to_concern(
    desk: Terminal, mails: Mailroom
) -> None:
    desk.types("subscriber add visma@example.se --audience staff --system visma-websesam")
    happens(desk, ("08:05", "outage-detected --scope all-users --system visma-websesam"))
    happens(desk, ("08:20", 'entry-corrected --entry 1 --reason "fel system" --set systems=sesam-s2'))
    happens(desk, ("09:00", RESTORED))
    assert told(desk, "visma") == [BEGUN, "entry-corrected", ENDED]


def test_a_suspicion_that_nobody_was_mailed_of_is_closed_without_a_mail_and_reopened_for_those_who_were(
    desk: Terminal, mails: Mailroom
) -> None:
    happens(desk, ("08:05", 'disturbance-reported --unit "Ortopeden Lund"'), ("08:30", "incident-closed --incident 1"))
    assert told(desk, "handlaggare") == []
    happens(desk, ("09:00", OUTAGE), ("09:30", RESTORED), ("09:40", "incident-closed --incident 2"))
    desk.types("subscriber add ny@example.se --audience staff")
    desk.types("worker --once")
    happens(desk, ("10:00", 'incident-reopened --as vo-hjalpmedel --reason "papper kom" --incident 2'))
    assert told(desk, "handlaggare", 2) == [BEGUN, ENDED, CLOSED, "incident-reopened"]
    assert told(desk, "ny", 2) == []
