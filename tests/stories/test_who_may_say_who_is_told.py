"""A partner's login adds itself to an internal audience, erases a manager's address and sends mail again."""

from pathlib import Path

import pytest

from tests.stories.test_on_whose_authority import as_login
from tests.terminal import Terminal

STAFF = {
    "anna": "hjalpmedel-administration",
    "aktiv": "partner",
    "visma": "supplier",
    "granskaren": "compliance-reviewer",
}


@pytest.fixture
def staffed(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A log that belongs to somebody else than who is at the keyboard, with a manager who is told."""
    terminal.records("outage-detected --scope all-users --system sesam-s2")
    for login, role in STAFF.items():
        assert terminal.types(f"staff add {login} --role {role}").code == 0
    assert terminal.types("subscriber add chefen@example.se --audience duty").code == 0
    monkeypatch.setattr("infrastructure.database.database.Database.is_own", lambda _database: False)
    return terminal


@pytest.mark.parametrize("login", ["aktiv", "visma", "granskaren", "okänd"])
def test_who_is_told_and_what_becomes_of_mail_is_for_the_desk_to_say(
    staffed: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, login: str
) -> None:
    [manager] = staffed.types("subscriber list --json").json
    as_login(login, monkeypatch)
    for act in (
        "subscriber add aktiv@example.se --audience staff",
        f"subscriber remove {manager['subscriber']}",
        f"subscriber pause {manager['subscriber']}",
        "deliveries --retry 1",
        "deliveries --give-up 1",
        f"bounces read {tmp_path}",
        "staff add aktiv --role system-owner",
    ):
        refused = staffed.types(act)
        assert (refused.code, refused.out) == (4, ""), act
        assert len(refused.err.strip().splitlines()) <= 2, refused.err
    assert staffed.types("subscriber list --json").json == [manager]
    assert len(staffed.types("log --of subscribers --json").json) == 1
    if login == "aktiv":
        said = " ".join(staffed.types("subscriber add aktiv@example.se --audience staff").err.split())
        assert said == (
            "Bara Hjälpmedel Administration eller VO Hjälpmedel, eller loggens ägare, får ändra vilka som får besked: "
            "du är registrerad som Aktiv ortopedteknik."
        )


def test_the_desk_may_and_the_log_says_by_whom_what_was_changed_and_never_an_address(
    staffed: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_login("anna", monkeypatch)
    anna = next(row["id"] for row in staffed.types("staff list --json").json if row["login"] == "anna")
    [manager] = staffed.types("subscriber list --json").json
    added = staffed.at("09:00").types("subscriber add berit@example.se --audience staff --system websesam --json").json
    for change in ("pause", "pause", "resume", "remove"):
        assert staffed.at("09:05").types(f"subscriber {change} {added['subscriber']}").code == 0
    entries = staffed.types("log --of subscribers --json").json
    assert [(entry["data"]["subscriber"], entry["data"]["change"]) for entry in entries] == [
        (manager["subscriber"], "added"),
        *((added["subscriber"], change) for change in ("added", "paused", "resumed", "removed")),
    ]
    assert {(entry["recorded_as"], entry["recorded_by"]) for entry in entries[1:]} == {
        ("hjalpmedel-administration", anna)
    }
    assert entries[1]["data"] | {"audience": "staff", "systems": ["websesam"], "channel": "email"} == entries[1]["data"]
    shown = staffed.types("log --of subscribers").out
    assert f"Hjälpmedel Administration, {anna} (anna)" in " ".join(shown.split())
    assert "@" not in shown
    assert staffed.types("verify").code == 0
    assert [row["incident"] for row in staffed.types("board --json").json] == ["2026-0001"]
