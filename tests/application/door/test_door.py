"""What can be asked at the door, and what is found there by a link; on PostgreSQL as the role that may do no more."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from application.door.door import Door
from domain.choices import Choices
from domain.refusals import Invalid, PersonalData, Unavailable
from domain.vocabulary import Area, Audience, System
from infrastructure.database.grants import DOOR
from infrastructure.database.roles import set_up
from infrastructure.registers import wishes
from infrastructure.registers.confirmations import Confirmation, count_letter
from infrastructure.registers.subscribers import Subscribers
from infrastructure.registers.tokens import new_token
from infrastructure.registers.ways_out import make_ways_out
from infrastructure.registers.wishes import LeadsTo
from tests import postgres
from tests.conftest import BOTH, POSTGRESQL
from tests.terminal import Terminal

HERE = "192.0.2.0/24"
ORTHOPAEDICS = Choices("en", (System.SESAM_S2,), (Area.ORTHOPAEDIC,))


@pytest.fixture(params=BOTH)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Terminal, Door]]:
    """The log's owner, and the door."""
    if request.param != POSTGRESQL:
        terminal = Terminal(tmp_path).at("08:00")
        yield terminal, Door(terminal.desk)
        terminal.close()
        return
    with postgres.database_url(empty=True) as url:
        set_up(url)
        owner = Terminal(tmp_path, url=url).at("08:00")
        other = Terminal(tmp_path, url=url.replace("//postgres@", f"//{DOOR}@")).at("08:00")
        yield owner, Door(other.desk)
        owner.close()
        other.close()


def a_reader(terminal: Terminal) -> str:
    """The token of somebody who subscribes."""
    database = terminal.desk.database
    added = Subscribers(database).add("anna@example.se", Audience.PUBLIC, [System.SESAM_S2], [], "sv")
    with database.writing() as connection:
        return make_ways_out(connection, {added.id}, database.now())[added.id]


def test_a_link_leads_to_its_readers_choices_and_to_nothing_once_they_have_left(desk: tuple[Terminal, Door]) -> None:
    terminal, door = desk
    token = a_reader(terminal)
    assert door.way("a" * 26) is None
    assert not door.leave("a" * 26)
    found = door.way(token)
    assert found is not None
    assert (found.leads_to, found.over) == (LeadsTo.READER, False)
    assert found.choices == Choices("sv", (System.SESAM_S2,))
    chosen = Choices("en", (), (Area.ORTHOPAEDIC,), terminal.desk.now() + timedelta(days=2))
    assert door.choose(token.upper(), chosen, HERE), "mail programs change case"
    again = door.way(token)
    assert again is not None
    assert again.choices == chosen, "what was chosen is shown, also where no worker has seen it yet"
    assert door.move(token, "b@example.se", HERE)
    assert door.leave(token)
    left = door.way(token)
    assert left is not None
    assert left.over
    assert door.leave(token), "a second time as well"
    assert not door.choose(token, chosen, HERE)
    assert not door.move(token, "b@example.se", HERE)
    assert not door.confirm(token), "it is good for nothing else"
    with terminal.desk.database.reading() as connection:
        left_behind = wishes.waiting(connection, terminal.desk.now())
    assert [wish.kind for wish in left_behind] == ["choose", "leave", "move"]
    assert left_behind[2].choices == chosen, "whoever is written to at a new address is so in their own language"


def test_what_is_no_address_and_a_pause_that_is_none_leave_no_wish(desk: tuple[Terminal, Door]) -> None:
    terminal, door = desk
    token, now = a_reader(terminal), terminal.desk.now()
    for wrong in ("anna", "anna@", "anna@example.se, b@example.se", "a b@example.se", "anna@localhost"):
        with pytest.raises(Invalid, match="mail-address"):
            door.subscribe(wrong, Choices(), HERE)
    with pytest.raises(PersonalData):
        door.subscribe("19121212-1212@example.se", Choices(), HERE)
    for until in (now, now - timedelta(minutes=1), now + timedelta(days=367)):
        with pytest.raises(Invalid, match="pause-until"):
            door.choose(token, Choices(paused_until=until), HERE)
    with terminal.desk.database.reading() as connection:
        assert wishes.waiting(connection, now) == []


def test_a_network_has_its_pace_and_so_have_all_but_nobody_is_kept_from_leaving(
    desk: tuple[Terminal, Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal, door = desk
    token = a_reader(terminal)
    monkeypatch.setattr(wishes, "MOST_FROM_ONE_NETWORK", 3)
    monkeypatch.setattr(wishes, "MOST_IN_ALL", 5)
    for number in range(3):
        door.subscribe(f"a{number}@example.se", Choices(), HERE)
    with pytest.raises(Unavailable, match="too-many-wishes"):
        door.subscribe("a3@example.se", Choices(), HERE)
    with pytest.raises(Unavailable, match="too-many-wishes"):
        door.move(token, "a3@example.se", HERE)
    with pytest.raises(Unavailable, match="too-many-wishes"):
        door.choose(token, ORTHOPAEDICS, HERE)
    for number in range(2):
        door.subscribe(f"b{number}@example.se", ORTHOPAEDICS, f"198.51.{number}.0/24")
    with pytest.raises(Unavailable, match="too-many-wishes"):
        door.subscribe("b3@example.se", Choices(), "203.0.113.0/24")
    assert door.leave(token)


def test_what_a_link_leads_to_is_found_without_looking_through_what_waits(tmp_path: Path) -> None:
    """Thousands may have asked for a letter within the hour, and nobody's way out takes longer for that."""
    terminal = Terminal(tmp_path)
    plan = terminal.desk.database.connection().execute(f"EXPLAIN QUERY PLAN {wishes.LEADS_TO}", ("x",)).fetchall()
    steps = [step for *_, step in plan]
    assert [step for step in steps if "SCAN" in step and "SUBQUERY" not in step] == []
    assert len([step for step in steps if "wishes_by_way (kind=?" in step]) == 3
    terminal.close()


def test_a_button_that_is_pressed_again_before_a_worker_has_seen_it_asks_for_nothing_more(
    desk: tuple[Terminal, Door],
) -> None:
    terminal, door = desk
    database, now = terminal.desk.database, terminal.desk.now()
    token = new_token()
    with database.engine.begin() as connection:
        wanted = Confirmation("anna@example.se", Choices(), now + timedelta(hours=48))
        assert count_letter(connection, token, wanted, now)
    for _press in range(3):
        assert door.confirm(token)
    with database.reading() as connection:
        assert [wish.kind for wish in wishes.waiting(connection, now)] == ["confirm"]
