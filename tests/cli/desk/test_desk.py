"""The screen that stays open, driven as a person at the help desk drives it."""

import asyncio
import gc
import sqlite3
from pathlib import Path

import pytest
from textual.widget import Widget

from infrastructure.database import sqlite
from tests.cli.desk.screen import opened, press, seconds_pass, seen, settled, text, types
from tests.conftest import on_sqlite
from tests.terminal import Terminal

pytestmark = on_sqlite


@pytest.fixture
def outage(terminal: Terminal) -> Terminal:
    """Sesam has been down for all since 08:05, and it is 08:10."""
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    return terminal.at("08:10")


def last(terminal: Terminal) -> tuple[str, dict[str, object]]:
    entry = terminal.types("log --json").json[-1]
    return entry["fact"], entry["data"]


async def test_the_first_call_of_a_quiet_day_opens_the_suspected_incident(terminal: Terminal, tmp_path: Path) -> None:
    async with opened(terminal, tmp_path) as pilot:
        assert "Ingen händelse är öppen" in seen(pilot)[0]
        await press(pilot, "s")
        await types(pilot, "Ortopeden Lund", "enter")
        assert "2026-0001 MISSTÄNKT" in seen(pilot)[0]
        assert "Vi har fått veta att något inte fungerar" in text(pilot), "what to say to the next one"
        await press(pilot, "s")
        assert "Störning anmäld · 2026-0001" in text(pilot), "the next caller, too, says from where"
    assert last(terminal) == (
        "disturbance-reported",
        {"unit": "Ortopeden Lund", "systems": [], "description": "", "referred_to_servicedesk": False},
    )


async def test_an_outage_is_four_keys_from_a_quiet_screen(terminal: Terminal, tmp_path: Path) -> None:
    async with opened(terminal, tmp_path) as pilot:
        await press(pilot, "2", "2", "0", "enter")
        assert "2026-0001 PÅGÅR nere" in text(pilot)
    assert terminal.status()["systems"] == ["sesam-s2", "websesam", "visma-websesam"]


async def test_what_is_to_be_said_is_always_in_sight(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        for key in ("1", "s", "f", "p", "n", "r", "question_mark"):
            await press(pilot, key)
            assert "SÄG TILL DEN SOM RINGER" in text(pilot)
            assert "Sesam S2 ligger nere sedan 08:05" in text(pilot)
            await press(pilot, "escape")
    assert outage.status()["entries"] == 1, "nothing is written before Enter"


async def test_a_digit_does_the_duty_beside_it(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        assert "1 Anmäl till systemansvarig om 10 min" in text(pilot)
        await press(pilot, "1")
        assert "1 fick kontakt 2 svarar inte 3 inte i tjänst" in text(pilot), "each value with its key"
        await press(pilot, "2", "enter")
        assert "✓ Skrivet: post 2, systemansvarig kontaktad, 08:10. u tar tillbaka." in text(pilot)
        assert "Kontakta enhetschef" in text(pilot), "what follows from it is to be done now"
    assert last(outage) == ("system-owner-contacted", {"outcome": "no-answer", "channel": ""})


async def test_who_else_is_waited_for_stands_below_ones_own(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        screen = text(pilot)
        assert screen.index("ATT GÖRA") < screen.index("Anmäl till systemansvarig") < screen.index("VÄNTAR PÅ")
        assert screen.index("VÄNTAR PÅ") < screen.index("Systemansvarig: publicera")


async def test_what_is_flagged_or_refused_is_said_while_the_form_is_open(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "p")
        await types(pilot, "0805")
        assert "prognosen hade redan passerat" in text(pilot)
        assert "Enter skriver: prognos mottagen" in text(pilot)
        await press(pilot, "escape", "n")
        await types(pilot, "reservrutin aktiverad", "enter")
        assert "För tidigt" in text(pilot) or "avvikelse" in text(pilot).lower()
        await press(pilot, "enter")
        assert outage.status()["reserve_routine"]["state"] == "inactive", "and it is not written"


async def test_a_time_that_has_not_been_yet_is_asked_for_yesterday(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "n")
        await types(pilot, "notering", "enter")
        await types(pilot, "Lugnt", "down")
        await types(pilot, "2230", "enter")
        assert "i går 2230? Enter skriver det." in text(pilot)
        await press(pilot, "enter")
    entry = outage.types("log --json").json[-1]
    assert (entry["fact"], entry["occurred_at"]) == ("note-added", "2026-12-06T21:30:00Z")


async def test_yesterday_is_asked_for_in_the_language_of_whoever_reads(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path, lang="en") as pilot:
        await press(pilot, "s", "down", "down")
        await types(pilot, "2230", "enter")
        assert "Was it yesterday 2230? Enter writes it." in text(pilot)
        await press(pilot, "enter")
    assert outage.types("log --json").json[-1]["occurred_at"] == "2026-12-06T21:30:00Z"


async def test_an_outage_that_began_last_night_is_asked_for_yesterday_too(terminal: Terminal, tmp_path: Path) -> None:
    async with opened(terminal, tmp_path) as pilot:
        await press(pilot, "2", "2", "0", "down")
        await types(pilot, "2200", "enter")
        assert "i går 2200? Enter skriver det." in text(pilot)
        await press(pilot, "enter")
    entry = terminal.types("log --json").json[-1]
    assert (entry["fact"], entry["data"]["since"]) == ("outage-detected", "2026-12-06T21:00:00Z")


async def test_a_beginning_after_a_detection_that_has_passed_is_no_yesterday(
    terminal: Terminal, tmp_path: Path
) -> None:
    async with opened(terminal.at("08:10"), tmp_path) as pilot:
        await press(pilot, "2", "2", "0", "down")
        await types(pilot, "0805", *["down"] * 4)
        await types(pilot, "0800", "enter")
        assert "kontrollera Började och När" in text(pilot)
        assert "i går" not in text(pilot).split("kontrollera")[0].split("Avvikelse")[1]


async def test_a_value_that_is_missing_is_asked_for_by_its_key(terminal: Terminal, tmp_path: Path) -> None:
    async with opened(terminal, tmp_path) as pilot:
        await press(pilot, "2", "2")
        assert "System saknas: välj med siffran." in text(pilot)
        assert "sesam-s2" not in text(pilot), "nobody types what a command line takes"
        assert "kan upprepas" not in text(pilot)


async def test_a_value_that_is_typed_as_a_word_is_chosen_and_no_other(terminal: Terminal, tmp_path: Path) -> None:
    """A space in it chose the first value instead: the whole region."""
    async with opened(terminal, tmp_path) as pilot:
        await press(pilot, "2")
        await types(pilot, "Alla anv", "tab")
        await types(pilot, "sesam, websesam", "tab")
        assert "Omfattning * alla användare System Sesam S2, websesam Började" in text(pilot)
        await press(pilot, "shift+tab", "shift+tab")
        await types(pilot, "nere", "tab")
        assert "Omfattning * alla användare" in text(pilot), "what begins no value changes none"
        await press(pilot, "enter")
    assert terminal.status()["scope"] == "all-users"


async def test_a_name_in_a_number_is_told_what_to_write(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "s")
        await types(pilot, "Lund", "enter")
        assert "Antal inringande: ett tal med siffror, till exempel 5." in text(pilot)


async def test_every_duty_and_every_outcome_is_whole_where_there_is_room(outage: Terminal, tmp_path: Path) -> None:
    outage.records("system-owner-contacted --outcome off-duty")
    async with opened(outage, tmp_path) as pilot:
        left = [line[:47].strip() for line in seen(pilot)]
        duty = next(place for place, line in enumerate(left) if line.startswith("1 Kontakta enhetschef för"))
        assert left[duty].endswith("om 15 min")
        assert left[duty + 1] == "systemansvarig"
        right = " ".join(" ".join(line[47:] for line in seen(pilot)).split())
        assert "08:10 systemansvarig kontaktad: inte i tjänst" in right


async def test_where_not_all_have_room_the_last_alone_are_a_line_each(outage: Terminal, tmp_path: Path) -> None:
    outage.records("system-owner-contacted --outcome off-duty")
    outage.at("12:10").records("reserve-routine-activated")
    async with opened(outage, tmp_path) as pilot:
        left = [line[:47].strip() for line in seen(pilot)]
        first = next(place for place, line in enumerate(left) if line.startswith("1 "))
        assert "…" not in left[first], "there is room for the first"
        assert any("…" in line for line in left[first:]), "and not for all"


async def test_what_is_of_another_day_says_so(terminal: Terminal, tmp_path: Path) -> None:
    terminal.records('disturbance-reported --unit Lund --at "igår 22:10"')
    async with opened(terminal, tmp_path) as pilot:
        assert "i går 22:10 störning anmäld" in text(pilot)
        await press(pilot, "s")
        await types(pilot, "Malmö", *["down"] * 5)
        await types(pilot, "-1d", "enter")
        assert "✓ Skrivet: post 2, störning anmäld, i går 08:10." in text(pilot)


async def test_a_correction_that_changes_nothing_yet_is_told_so_in_the_words_of_the_form(
    outage: Terminal, tmp_path: Path
) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "r", "r", *["down"] * 7)
        await types(pilot, "fel", "enter")
        assert "En rättelse behöver När eller ett annat fält." in text(pilot)


async def test_what_a_correction_would_change_is_said_before_it_is_written(outage: Terminal, tmp_path: Path) -> None:
    outage.records("supplier-contacted --outcome no-answer")
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "r", "r", "down", "1", "down")
        await types(pilot, "fel knapp")
        assert "som Hjälpmedel Administration: 2; fel knapp; Resultat fick kontakt" in text(pilot)
        await press(pilot, "enter", "l")
        assert "post rättad: 2; fel knapp; Resultat fick kontakt" in text(pilot)


async def test_u_takes_back_what_was_just_written_and_both_stay_in_the_log(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "s", "enter")
        assert "u tar tillbaka" in text(pilot)
        await press(pilot, "u", "enter")
        assert "post återtagen" in text(pilot)
    assert last(outage) == ("entry-withdrawn", {"entry": 2, "reason": "skrevs av misstag", "moved_to": None})
    assert [entry["fact"] for entry in outage.types("log --json").json][1] == "callers-informed"


async def test_an_entry_with_a_reason_of_its_own_is_corrected_for_another(outage: Terminal, tmp_path: Path) -> None:
    outage.records("prognosis-received --restored-by 11:00")
    outage.records("prognosis-withdrawn --reason 'felet var större'")
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "r", "r", "down")
        await types(pilot, "felet var större än väntat")
        await press(pilot, "down")
        await types(pilot, "ofullständigt", "enter")
        assert "✓ Skrivet: post 4, post rättad" in text(pilot)
    fact, data = last(outage)
    assert (fact, data["reason"], data["fields"]) == (
        "entry-corrected", "ofullständigt", {"reason": "felet var större än väntat"}
    )  # fmt: skip


async def test_a_correction_carries_what_was_changed_and_nothing_else(outage: Terminal, tmp_path: Path) -> None:
    outage.records("supplier-contacted --outcome no-answer --reference VS-1")
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "r", "r")
        assert "Post rättad: post 2, systemleverantör kontaktad" in text(pilot)
        await press(pilot, "down", "1", "enter")
        assert "Skäl att rätta saknas" in text(pilot)
        await types(pilot, "fel knapp", "enter")
    assert last(outage) == (
        "entry-corrected",
        {"entry": 2, "reason": "fel knapp", "occurred_at": None, "fields": {"outcome": "reached"}},
    )


async def test_anything_is_found_by_what_people_call_it(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "n")
        await types(pilot, "LAMNA over", "enter")
        assert "Loggen överlämnad" in text(pilot)
        await press(pilot, "escape", "n")
        await types(pilot, "orsak")
        assert "Orsak fastställd – systemansvarig" in text(pilot), "whose it is"


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        ("fullskaligt", "Avbrott upptäckt"),
        ("IT-haveri", "Avbrott upptäckt"),
        ("oatkomlig", "Avbrott upptäckt"),
        ("kabel", "Avbrott upptäckt"),
        ("tjanstemobil", "Mobil uppkoppling provad"),
        ("enhetschef", "Enhetschef kontaktad"),
        ("30 000", "Incident skapad hos Servicedesk"),
        ("instruktion", "Instruktion mottagen"),
        ("fel post", "Post rättad"),
        ("fel nummer", "Post rättad"),
        ("samma händelse", "Händelse ogiltig"),
    ],
)
async def test_the_instructions_own_words_find_what_they_are_about(
    outage: Terminal, tmp_path: Path, words: str, fact: str
) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "n")
        await types(pilot, words)
        assert fact in text(pilot)


async def test_only_what_one_may_record_opens(outage: Terminal, tmp_path: Path) -> None:
    outage.types("staff add anna --role hjalpmedel-administration")
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "n")
        await types(pilot, "orsak", "enter")
        assert "Orsak fastställd skrivs av systemansvarig eller Region Skånes IT-avdelning." in text(pilot)


async def test_q25_a_stand_in_publishes_while_the_system_owner_is_away(outage: Terminal, tmp_path: Path) -> None:
    outage.records("system-owner-contacted --outcome no-answer")
    outage.types("staff add anna --role unit-manager")
    async with opened(outage, tmp_path) as pilot:
        assert "1 Publicera driftinformation" in text(pilot)
        await press(pilot, "n")
        await types(pilot, "driftinformation publicerad", "enter")
        assert "skrivs av" not in text(pilot), "the form opens"


async def test_two_incidents_are_never_mixed(outage: Terminal, tmp_path: Path) -> None:
    outage.records("disturbance-reported --incident new --unit Lund")
    async with opened(outage, tmp_path) as pilot:
        assert "2026-0002 MISSTÄNKT 2 av 2" in text(pilot)
        await press(pilot, "h")
        assert "2026-0001 PÅGÅR" in text(pilot)
        await press(pilot, "s", "enter")
    assert last_of(outage, "2026-0001") == "callers-informed"


def last_of(terminal: Terminal, incident: str) -> str:
    return str(terminal.types(f"log {incident} --json").json[-1]["fact"])


async def test_a_deadline_rings_once_and_stays_marked(
    outage: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    async with opened(outage, tmp_path) as pilot:
        monkeypatch.setattr(pilot.app, "bell", lambda: rung.append(outage.desk.time.strftime("%H:%M")))
        outage.at("08:19")
        await pilot.pause(1.2)
        outage.at("08:21")
        await pilot.pause(2.4)
        assert rung == ["08:21"]
        assert "1 Anmäl till systemansvarig ! 1 min sen" in text(pilot)


async def test_a_log_that_is_away_takes_nothing_of_what_was_typed(
    outage: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    other = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "n")
        await types(pilot, "notering", "enter")
        await types(pilot, "Fyra har ringt")
        other.execute("BEGIN IMMEDIATE")
        await press(pilot, "enter")
        assert "Loggen svarar inte" in text(pilot)
        assert "Det du fyllt i står kvar: Enter försöker igen." in text(pilot)
        assert "Fyra har ringt" in text(pilot)
        other.execute("ROLLBACK")
        await press(pilot, "enter")
        assert "✓ Skrivet: post 2" in text(pilot)
    other.close()
    assert outage.status()["entries"] == 2, "and not twice"


async def test_another_incidents_old_deadlines_do_not_ring(
    outage: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage.at("08:12").records("outage-detected --incident new --scope all-users --system websesam")
    outage.at("08:40")
    rung: list[str] = []
    async with opened(outage, tmp_path) as pilot:
        monkeypatch.setattr(pilot.app, "bell", lambda: rung.append("rung"))
        await press(pilot, "h")
        assert "2026-0001 PÅGÅR" in text(pilot)
        outage.records("incident-voided --incident 2026-0001 --reason Dubblett")
        await seconds_pass(pilot, 2)
        assert "2026-0002 PÅGÅR" in text(pilot)
        assert "1 Anmäl till systemansvarig !" in text(pilot), "it is late"
        assert rung == []


async def test_a_digit_with_nothing_beside_it_opens_nothing(terminal: Terminal, tmp_path: Path) -> None:
    async with opened(terminal, tmp_path) as pilot:
        before = text(pilot)
        await press(pilot, "9")
        assert text(pilot) == before


async def test_only_a_log_that_is_away_is_said_to_be_away(outage: Terminal, tmp_path: Path) -> None:
    outage.types("staff add anna --role hjalpmedel-administration")
    outage.types("staff add bo --role region-it")
    async with opened(outage, tmp_path) as pilot:
        outage.types("staff remove anna")
        await seconds_pass(pilot, 2)
        assert "! anna är inte registrerad som personal: be administratören köra reservrutin staff add." in text(pilot)
        assert "LOGGEN SVARAR INTE" not in text(pilot)
        assert "2026-0001 PÅGÅR" in text(pilot), "what was seen last stays in sight"


async def test_a_form_that_is_left_has_its_text_the_next_time(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "n")
        await types(pilot, "notering", "enter")
        await types(pilot, "Lugnt i ", "escape")
        assert "Inget skrevs" in text(pilot)
        await press(pilot, "n")
        await types(pilot, "notering", "enter")
        assert "Lugnt i" in text(pilot)


async def test_the_command_that_does_the_same_is_a_key_away(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "1", "2", "ctrl+k")
        shown = "reservrutin record system-owner-contacted --incident 2026-0001 --outcome no-answer"
        assert shown in text(pilot)
    assert outage.types(shown.removeprefix("reservrutin ")).code == 0


async def test_who_keeps_the_log_stands_in_the_head(outage: Terminal, tmp_path: Path) -> None:
    outage.records("desk-handed-over --to vo-hjalpmedel")
    async with opened(outage, tmp_path) as pilot:
        assert "loggen: VO Hjälpmedel sedan 08:10" in seen(pilot)[1]
        assert "ingen worker" in seen(pilot)[2], "what is wrong covers nothing"


async def test_a_worker_that_is_gone_is_missed_whether_or_not_anybody_is_mailed(
    outage: Terminal, tmp_path: Path
) -> None:
    async with opened(outage.at("08:06"), tmp_path) as pilot:
        assert "worker" not in text(pilot), "it is given the time that a round may take"
    async with opened(outage.at("08:10"), tmp_path) as pilot:
        assert "! ingen worker sedan 08:05: starta reservrutin worker" in text(pilot)
        await asyncio.to_thread(outage.types, "worker --once")
        await seconds_pass(pilot, 2)
        assert "✉ ok" in seen(pilot)[1], "it has followed the log"
        outage.at("08:25")
        await seconds_pass(pilot, 2)
        assert "! ingen worker sedan 08:21" in text(pilot), "a deadline has passed, and nobody has recorded it"


async def test_a_deadline_that_a_late_entry_puts_in_the_past_is_missed_from_that_entry_on(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.at("12:00").records("outage-detected --scope all-users --system sesam-s2 --at 08:05")
    async with opened(terminal, tmp_path) as pilot:
        assert "ingen worker" not in text(pilot), "it is given the time that a round may take"
        terminal.at("12:05")
        await seconds_pass(pilot, 2)
        assert "! ingen worker sedan 12:00: starta reservrutin worker" in text(pilot)


async def test_a_clock_that_is_behind_the_log_is_said(outage: Terminal, tmp_path: Path) -> None:
    outage.at("09:00").records("note-added --text Lugnt")
    async with opened(outage.at("08:40"), tmp_path) as pilot:
        assert "! klockan här går 20 min efter: ställ den" in text(pilot)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
@pytest.mark.parametrize("lang", ["sv", "en"])
async def test_it_fits(outage: Terminal, tmp_path: Path, size: tuple[int, int], lang: str) -> None:
    async with opened(outage, tmp_path, size, lang) as pilot:
        screen = seen(pilot)
        assert (len(screen), {len(line) for line in screen}) == (size[1], {size[0]})
        assert "08:10" in screen[0]
        assert ("Report to the system owner" if lang == "en" else "Anmäl till systemansvarig") in text(pilot)
        assert ("in 10 min" if lang == "en" else "om 10 min") in text(pilot)
        assert "?" in screen[-1]
        assert "vardgivare.skane.se" in text(pilot)
        await press(pilot, "1", "1")
        assert ("Enter writes: " if lang == "en" else "Enter skriver: ") in text(pilot)
        await settled(pilot)


async def test_a_screen_that_grows_or_shrinks_shows_what_there_is_room_for(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path, (60, 20)) as pilot:
        assert "SENAST" not in text(pilot)
        await pilot.resize_terminal(120, 40)
        await settled(pilot)
        assert "SENAST" in text(pilot)
        await pilot.resize_terminal(60, 20)
        await settled(pilot)
        assert "SENAST" not in text(pilot)


@pytest.mark.long
async def test_a_desk_that_stays_open_for_weeks_keeps_nothing_of_the_forms_it_has_shown(
    outage: Terminal, tmp_path: Path
) -> None:
    async with opened(outage, tmp_path) as pilot:

        async def widgets_left() -> int:
            for key in ("1", "s", "f", "p", "n", "r", "question_mark"):
                await press(pilot, key)
                await press(pilot, "escape")
            gc.collect()
            return sum(isinstance(held, Widget) for held in gc.get_objects())

        first = await widgets_left()
        assert [await widgets_left() for _ in range(3)] == [first] * 3


async def test_whoever_publishes_reads_the_mail_first_and_comes_back_to_what_was_typed(
    outage: Terminal, tmp_path: Path
) -> None:
    outage.types("subscriber add lund@example.se --audience public")
    outage.types("staff add anna --role system-owner")
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "n")
        await types(pilot, "driftinformation publicerad", "enter", "ctrl+e")
        assert "saknas" in text(pilot), "there is no mail without a text"
        await press(pilot, "1", "down")
        await types(pilot, "Sesam ligger nere. Avvakta.", "ctrl+e")
        shown = text(pilot)
        assert "1 läsare får det som mejl" in shown
        assert "Sesam ligger nere. Avvakta." in shown
        assert outage.types("log --json").json[-1]["fact"] == "outage-detected", "nothing is written yet"
        await press(pilot, "escape")
        assert "Enter skriver: driftinformation publicerad" in text(pilot)
        await press(pilot, "enter")
    assert last(outage)[1]["text"] == "Sesam ligger nere. Avvakta."


async def test_no_other_form_has_a_mail_to_show(outage: Terminal, tmp_path: Path) -> None:
    async with opened(outage, tmp_path) as pilot:
        await press(pilot, "p")
        await types(pilot, "1000", "ctrl+e")
        assert "Ctrl+E" not in text(pilot)
        assert "Enter skriver: prognos mottagen" in text(pilot)
