"""The clock: reminders before a deadline and deadlines that pass, each recorded once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mailroom import mailroom, text
from tests.terminal import Terminal


@pytest.fixture
def outage(tmp_path: Path) -> Iterator[Terminal]:
    with mailroom() as mails:
        terminal = Terminal(tmp_path, smtp_url=mails.url).at("08:05")
        terminal.mails = mails  # type: ignore[attr-defined]
        for name, audience in (("kollega", "staff"), ("ansvarig", "duty"), ("partner", "partner")):
            assert terminal.types(f"subscriber add {name}@example.se --audience {audience}").code == 0
        terminal.records("outage-detected --scope all-users --system sesam-s2")
        yield terminal
        terminal.close()


def clocks(terminal: Terminal) -> list[tuple[str, str]]:
    """What the clock has recorded, in the order of the log."""
    return [
        (entry["fact"], entry["data"]["duty"])
        for entry in terminal.types("log 1 --json").json
        if entry["recorded_as"] == "clock"
    ]


ACTIVATE = [
    ("deadline-approaching", "activate-without-prognosis"),
    ("deadline-approaching", "activate-after-four-hours"),
]


def test_half_an_hour_before_the_four_hours_whoever_is_to_act_is_reminded_once(outage: Terminal) -> None:
    outage.records("system-owner-contacted --outcome reached")
    outage.records("supplier-contacted --outcome reached")
    outage.records('operating-information-published --as system-owner --channel vardgivare-skane --text "Avvakta."')
    outage.at("11:34").types("worker --once")
    assert clocks(outage) == []
    for time in ("11:35", "11:36", "12:00"):
        outage.at(time).types("worker --once")
        assert clocks(outage) == ACTIVATE
    mails = outage.mails  # type: ignore[attr-defined]
    reminders = [mail for mail in mails.to("kollega") if "Tidsgräns närmar sig" in mail["Subject"]]
    assert len(reminders) == 1, "both rules ask for the same act, in one mail"
    assert text(reminders[0]).count("Tidsgräns närmar sig") == 2
    assert "12:05" in text(reminders[0])
    assert not [mail for name in ("ansvarig", "partner") for mail in mails.to(name) if "närmar" in mail["Subject"]]
    outage.at("12:05").types("worker --once")
    assert [wire for wire, _ in clocks(outage)] == ["deadline-approaching"] * 2 + ["deadline-passed"] * 2


def test_what_gives_no_more_time_than_a_reminder_would_is_not_reminded_of(outage: Terminal) -> None:
    outage.types("worker --once")
    assert clocks(outage) == []


def test_a_worker_that_slept_over_the_deadline_does_not_remind_of_what_has_passed(outage: Terminal) -> None:
    outage.at("12:30").types("worker --once")
    assert {wire for wire, _ in clocks(outage)} == {"deadline-passed"}


def test_a_deadline_that_has_moved_is_reminded_of_anew(outage: Terminal) -> None:
    outage.at("11:35").types("worker --once")
    outage.at("11:40").records("prognosis-received --restored-by 13:00")
    outage.at("12:35").types("worker --once")
    assert clocks(outage).count(("deadline-approaching", "activate-without-prognosis")) == 2


def test_the_publication_is_the_system_owners_to_be_reminded_of(outage: Terminal) -> None:
    outage.at("08:35").types("worker --once")
    mails = outage.mails  # type: ignore[attr-defined]
    assert any("närmar sig: Publicera" in mail["Subject"] for mail in mails.to("ansvarig"))
    assert not any("närmar sig" in mail["Subject"] for mail in mails.to("kollega"))


def test_how_long_before_is_the_routines_to_say(outage: Terminal, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.toml"
    document = outage.types("routine show --toml").out
    earlier.write_text(
        document.replace('version = "1.0"', 'version = "1.1"').replace(
            'remind_before = "30 min"', 'remind_before = "1 h"'
        ),
        encoding="utf-8",
    )
    assert outage.types(f"routine adopt {earlier} --as vo-hjalpmedel").code == 0
    outage.records("outage-detected --scope all-users --system websesam --at 08:05")
    outage.at("11:05").types("worker --once")
    of_two = [entry["data"]["duty"] for entry in outage.types("log 2 --json").json if entry["fact"].endswith("aching")]
    assert of_two == ["activate-without-prognosis", "activate-after-four-hours"]
