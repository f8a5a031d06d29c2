"""A login is made system owner, publishes, and is struck from the register: what remains of it."""

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
