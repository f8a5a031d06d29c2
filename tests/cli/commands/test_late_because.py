"""What is written long after it happened may say why: wherever the entry is read, its lateness has its reason."""

import json
from pathlib import Path

from tests.pseudo_terminal import Screen, plainly
from tests.terminal import Terminal

WHY = "satt i telefon"
LATE = f"system-owner-contacted --outcome reached --at 08:15 --late-because '{WHY}'"


def test_the_reason_is_read_wherever_the_late_entry_is(outage: Terminal, tmp_path: Path) -> None:
    outage.at("09:00").records(LATE)
    for command in ("log", "replay 1", "review 1"):
        assert WHY in outage.types(command).out, command
    for command in ("log --json", "replay 1 --json"):
        assert [entry["late_because"] for entry in outage.types(command).json] == ["", WHY], command
    assert [late["late_because"] for late in outage.types("review 1 --json").json["recorded_late"]] == [WHY]
    for kind in ("html", "ocel", "xes", "cloudevents"):
        outage.types(f"export 1 --format {kind} -o {tmp_path / kind}")
        assert WHY in (tmp_path / kind).read_text(encoding="utf-8"), kind
    assert outage.types("verify").code == 0


def test_what_says_no_reason_is_stored_as_it_always_was(outage: Terminal, tmp_path: Path) -> None:
    outage.at("09:00").records("system-owner-contacted --outcome reached --at 08:15")
    outage.types(f"export 1 --format cloudevents -o {tmp_path / 'log'}")
    events = [json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()]
    assert not any("late_because" in event["data"] for event in events)


def test_a_person_is_asked_why_and_need_not_answer(tmp_path: Path) -> None:
    plainly(tmp_path, "record outage-detected --scope all-users --system sesam-s2 --at -30m")
    answers = {
        "--at -20m": "född 811218-9876\n",  # a patient's number: asked for again
        "--at -25m": "\n",
    }
    for at, answer in answers.items():
        screen = Screen(tmp_path, f"record note-added --text lugnt {at}")
        screen.until("Varför skrivs det först nu?")
        screen.types(answer)
        if answer.strip():
            screen.until("personnummer")
            screen.until("Varför skrivs det först nu?")
            screen.types(f"{WHY}\n")
        screen.until("Skrivet")
        assert screen.ends() == 0
    soon = Screen(tmp_path, "record note-added --text lugnt --at -10m")
    soon.until("Skrivet")
    assert soon.ends() == 0
    assert [entry["late_because"] for entry in plainly(tmp_path, "log")] == ["", WHY, "", ""]
    assert soon.shown.count("Varför") == 0
