"""A login is made system owner, publishes, and is struck from the register: what remains of it."""

import pytest

from domain.fact import Recorded
from domain.facts import StaffRegistered
from domain.vocabulary import Function
from infrastructure.outbox.figures import waiting
from infrastructure.registers.staff import Staff
from tests.terminal import Terminal


def test_who_might_record_as_what_at_any_moment(terminal: Terminal) -> None:
    registered = terminal.at("08:00").types("staff add anna --role hjalpmedel-administration --json").json
    assert terminal.at("09:00").types("staff add eve --role system-owner").code == 0
    assert terminal.at("09:10").types("staff remove eve").code == 0
    assert terminal.at("10:00").types("staff list --at 07:59 --json").json == []
    [anna, eve] = terminal.types("staff list --at 09:05 --json").json
    assert (anna["login"], anna["id"], anna["registered_by"]) == ("anna", registered["id"], "unregistered")
    assert (eve["login"], eve["roles"], eve["registered_at"]) == (None, ["system-owner"], "2026-12-07T08:00:00Z")
    assert [row["id"] for row in terminal.types("staff list --at 09:15 --json").json] == [anna["id"]]
    shown = terminal.types("staff list --at 09:05").out
    assert eve["id"] in shown
    assert "systemansvarig" in shown
    assert "09:00 CET av loggens ägare" in shown
    assert "Ingen var registrerad då." in terminal.types("staff list --at 07:59").out


def test_a_login_that_was_made_system_owner_to_publish_and_struck_again_is_told_of(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It published at 09:05, and said that it had happened at 08:20."""
    terminal.at("08:00").types("staff add anna --role vo-hjalpmedel --role hjalpmedel-administration")
    as_login("anna", monkeypatch)
    terminal.at("08:10").records("outage-detected --scope all-users --system sesam-s2")
    [anna] = terminal.types("staff list --json").json
    assert terminal.at("09:00").types("staff add eve --role system-owner").code == 0
    as_login("eve", monkeypatch)
    published = 'operating-information-published --channel vardgivare-skane --text "Nere" --at 08:20'
    terminal.at("09:05").records(published)
    eve = terminal.types("log --json").json[-1]["recorded_by"]
    as_login("anna", monkeypatch)
    assert terminal.at("09:10").types("staff remove eve").code == 0
    terminal.at("12:30").records("reserve-routine-activated --as vo-hjalpmedel --at 12:10")

    reply = terminal.at("13:00").types("review --json")
    by_entry = {stands["entry"]: stands for stands in reply.json["authority"]}
    assert by_entry.keys() == {2, 3}
    assert by_entry[2] | {"registered_by": anna["id"]} == by_entry[2]
    assert (by_entry[2]["standing"], by_entry[2]["registered_after_it_happened"]) == ("held", True)
    assert (by_entry[2]["registered_at"], by_entry[2]["until"]) == ("2026-12-07T08:00:00Z", "2026-12-07T08:10:00Z")
    assert (by_entry[3]["standing"], by_entry[3]["registered_after_it_happened"]) == ("held", False)
    said = " ".join(terminal.types("review").out.split())
    assert (
        f"Befogenhet, post 2: systemansvarig, {eve}: hade funktionen, registrerad 09:00 CET av loggens ägare, "
        f"{anna['id']} – EFTER att det sägs ha hänt, 08:20 CET; struken ur registret 09:10 CET av loggens ägare, "
        f"{anna['id']}" in said
    )
    assert f"Befogenhet, post 3: VO Hjälpmedel, {anna['id']} (anna): hade funktionen" in said
    early = terminal.types("review --known-at 09:07 --json").json["authority"]
    assert [(stands["entry"], stands["until"]) for stands in early] == [(2, None)], "nobody knew of the striking then"


def test_where_nobody_was_registered_it_is_said_so(outage: Terminal) -> None:
    outage.at("12:30").records("reserve-routine-activated --as vo-hjalpmedel --at 12:10")
    outage.at("12:40").types("staff add anna --role vo-hjalpmedel")
    assert "Befogenhet, post 2: VO Hjälpmedel: ingen var registrerad då" in outage.types("review").out


def as_login(login: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else sits down at the keyboard."""
    for command in ("record", "staff", "review", "subscriber", "deliveries", "bounces", "log"):
        monkeypatch.setattr(f"cli.commands.{command}.login_at_the_keyboard", lambda: login)


def test_nobody_waits_to_be_told_of_the_register(desk: Terminal) -> None:
    """It is in the log, and no mail is to go out about it: the board said that some had not."""
    assert desk.at("08:01").types("staff add anna --role system-owner").code == 0
    board = desk.types("board")
    assert "inte gått ut" not in board.out
    assert waiting(desk.desk.database).facts == 0


def test_a_decision_stands_on_an_authority_too(outage: Terminal) -> None:
    outage.at("12:30").records(
        "decision-made --decision 'Vi väntar.' --decided-by vo-hjalpmedel --reason 'Kort stopp.'"
    )
    assert [stands["entry"] for stands in outage.types("review 1 --json").json["authority"]] == [2]


def test_time_alone_is_not_said_to_have_been_changed_by_an_entry(desk: Terminal) -> None:
    """What the clock writes when a duty is overdue tells of that duty, and changed nothing."""
    desk.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    for minute in ("08:20", "08:35", "08:36", "09:05"):
        desk.at(minute).types("worker --once")
    desk.at("09:30").records("service-restored --system sesam-s2")
    verdicts = desk.at("10:00").types("review 1 --json").json["verdicts"]
    assert {verdict["verdict"] for verdict in verdicts} & {"missed", "overdue"}
    assert [verdict["duty"] for verdict in verdicts if verdict["changed_by"]] == []


def test_before_anything_was_known_there_is_nothing_to_review(outage: Terminal) -> None:
    reply = outage.at("13:00").types("review 1 --known-at 2026-11-01T08:00")
    assert (reply.code, "Inget var känt om 2026-0001" in reply.err) == (3, True)


def test_what_was_known_before_the_log_kept_the_register_accuses_nobody(
    outage: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade tells the log of the register later than what was recorded before it."""
    outage.at("12:30").records("reserve-routine-activated --as vo-hjalpmedel --at 12:10")
    upgraded_at = outage.at("13:00").desk.now()
    before = StaffRegistered(person="s-1", functions=(Function.VO_HJALPMEDEL,), from_before=True)
    told = Recorded("staff", 1, before, upgraded_at, upgraded_at, Function.CLOCK, "clock", "a" * 32, position=99)
    monkeypatch.setattr(Staff, "history", lambda _staff: [told])
    [stands] = outage.types("review 1 --known-at 12:45 --json").json["authority"]
    assert stands["standing"] == "not-kept"
    assert "Loggen förde inte registret då." in outage.types("staff list --at 12:45").out
