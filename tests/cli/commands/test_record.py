"""`record`: its options come from the facts, its answer says what was written and what comes next."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cli.commands.record import record
from cli.terminal.options import options_of
from domain.fact import CATALOGUE
from infrastructure.log import snapshots
from tests.conftest import on_sqlite
from tests.rows import refuse_writes
from tests.terminal import Terminal

CONTRACT = {"incident", "entry", "position", "fact", "occurred_at", "recorded_at", "flags", "status"}
OUTAGE = "outage-detected --scope all-users --system sesam-s2"
SHOWN = {
    "incident", "status", "scope", "systems", "detected_at", "restored_at", "closed_at", "prognosis",
    "reserve_routine", "referrals", "deviations", "entries",
}  # fmt: skip


def test_every_fact_has_its_command_in_the_order_of_a_bad_day() -> None:
    assert record.list_commands(click.Context(record)) == [w for w, fact in CATALOGUE.items() if not fact.stream]


@on_sqlite
@pytest.mark.parametrize("fact", [fact for fact in CATALOGUE.values() if not fact.stream], ids=lambda fact: fact.wire)
def test_every_field_of_every_fact_has_an_option_and_its_words(terminal: Terminal, fact: type) -> None:
    wire = next(wire for wire, known in CATALOGUE.items() if known is fact)
    shown = terminal.types(f"record {wire} --help")
    assert shown.code == 0
    options = options_of(CATALOGUE[wire])
    assert [option.name for option in options] == list(CATALOGUE[wire].model_fields)
    for option in options:
        assert option.opts[0] in shown.out
        assert option.help
    assert "Exempel:" in shown.out
    assert shown.out.index("Exempel:") < shown.out.index("Flaggor:")


def test_the_answer_is_the_document_of_the_contract(outage: Terminal) -> None:
    document = outage.records("system-owner-contacted --outcome reached").json
    assert set(document) >= CONTRACT
    assert set(document["status"]) >= SHOWN
    assert document["incident"] == "2026-0001"
    assert document["entry"] == 2
    assert document["occurred_at"] == document["recorded_at"] == "2026-12-07T07:10:00Z"


def test_the_answer_says_what_was_written_and_what_comes_next(outage: Terminal) -> None:
    reply = outage.types("record system-owner-contacted --outcome off-duty")
    assert "Skrivet: 2026-0001 post 2, systemansvarig kontaktad, 08:10 CET" in reply.out
    assert "Resultat: inte i tjänst" in reply.out
    assert "ingen personal är registrerad" in reply.out
    assert "Härnäst: Kontakta enhetschef för systemansvarig" in reply.out
    assert "reservrutin record unit-manager-contacted --outcome" in reply.out
    assert max(map(len, reply.out.splitlines())) <= 80


def test_dry_run_says_what_would_happen_and_writes_nothing(outage: Terminal) -> None:
    reply = outage.types("record system-owner-contacted --outcome reached --dry-run")
    assert reply.code == 0
    assert "Skulle skrivas" in reply.out
    assert outage.facts() == 1


def test_the_same_command_id_answers_with_the_same_entry_and_adds_nothing(outage: Terminal) -> None:
    first = outage.records("note-added --text hej --command-id k-1").json
    again = outage.at("08:20").records("note-added --text hej --command-id k-1").json
    assert (again["entry"], again["position"], again["recorded_at"]) == (
        first["entry"],
        first["position"],
        first["recorded_at"],
    )
    assert outage.facts() == 2
    assert "Redan skrivet" in outage.types("record note-added --text hej --command-id k-1").out


def test_a_command_id_is_not_lent_to_another_fact(outage: Terminal) -> None:
    outage.records("note-added --text hej --command-id k-1")
    assert outage.types("record note-added --text nej --command-id k-1").code == 5
    assert outage.facts() == 2


SAID = (
    "note-added --text hej --at 08:10 --as hjalpmedel-administration --note lugnt --deviation övning "
    "--late-because telefonkö --command-id k-1"
)


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("--note lugnt", "--note oroligt"),
        ("--note lugnt", ""),
        ("--deviation övning", "--deviation allvar"),
        ("--late-because telefonkö", "--late-because strömavbrott"),
        ("--late-because telefonkö", ""),
        ("--as hjalpmedel-administration", "--as vo-hjalpmedel"),
        ("--at 08:10", "--at 08:11"),
        ("--at 08:10", ""),
        ("--at 08:10", "--at -10m"),
    ],
)
def test_a_command_id_is_not_lent_to_what_says_something_else_beside_the_fact(
    outage: Terminal, said: str, other: str
) -> None:
    outage.at("08:15").records(SAID)
    assert outage.at("08:15:40").types(f"record {SAID}").code == 0
    assert outage.types(f"record {SAID.replace(said, other)}").code == 5
    assert outage.facts() == 2


def test_a_command_id_is_not_lent_to_a_fact_of_another_time(outage: Terminal) -> None:
    outage.records("prognosis-received --restored-by 10:00 --command-id k-2")
    assert outage.types("record prognosis-received --restored-by 10:30 --command-id k-2").code == 5
    assert outage.types("record prognosis-received --restored-by 10:00 --command-id k-2").code == 0


@pytest.mark.parametrize(
    "line",
    [
        "prognosis-received --restored-by +2h",
        "prognosis-received --restored-by +2h --at -10m",
        "note-added --text hej --at nu",
        "entry-corrected --entry 1 --set since=-1h30 --reason fel",
        "entry-corrected --entry 1 --occurred-at -20m --reason fel",
    ],
)
def test_a_repeated_command_is_answered_although_its_relative_time_is_another_now(outage: Terminal, line: str) -> None:
    first = outage.at("08:24").records(f"{line} --command-id k-2").json
    assert outage.at("08:25").records(f"{line} --command-id k-2").json["entry"] == first["entry"]
    assert outage.facts() == 2


def test_a_repeated_closing_is_answered_although_nothing_is_open_any_more(outage: Terminal) -> None:
    outage.records("service-restored --system sesam-s2")
    closing = outage.records("incident-closed --command-id k-3").json
    assert outage.records("incident-closed --command-id k-3").json["entry"] == closing["entry"]


def test_another_outage_after_closing_is_on_the_board(outage: Terminal) -> None:
    outage.records("service-restored --system sesam-s2")
    outage.records("incident-closed")
    assert outage.types("board --json").json == []
    again = outage.at("09:00").records("outage-detected --incident 1 --scope all-users --system sesam-s2")
    assert again.flags == ["after-closing"]
    assert len(outage.types("board --json").json) == 1


def test_opening_a_second_incident_says_that_one_is_open_and_names_the_incident_in_what_comes_next(
    outage: Terminal,
) -> None:
    told = outage.types("record outage-detected --scope all-users --system websesam").out
    assert "Redan öppen: 2026-0001" in told
    assert "--incident 2026-0002" in " ".join(told.replace("\\", "").split())


def test_the_board_that_is_stuck_never_leads_a_fact_to_the_wrong_incident(outage: Terminal) -> None:
    outage.records("service-restored --system sesam-s2")
    outage.types("board")
    refuse_writes(outage.desk.database, "incidents")
    outage.records("incident-closed")
    outage.records("outage-detected --scope local --system websesam")
    assert outage.records("note-added --text hej").json["incident"] == "2026-0002"
    assert "board" in outage.types("board").out


def test_json_may_stand_before_the_command_too(outage: Terminal) -> None:
    assert outage.types("--json board").json == outage.types("board --json").json


def test_opening_twice_with_one_command_id_opens_one_incident(terminal: Terminal) -> None:
    line = "outage-detected --scope local --system websesam --command-id k-1"
    assert terminal.records(line).json["incident"] == terminal.records(line).json["incident"]
    assert len(terminal.types("board --json").json) == 1


def test_the_incident_may_be_left_out_while_exactly_one_is_open(outage: Terminal) -> None:
    assert outage.records("note-added --text hej").json["incident"] == "2026-0001"
    outage.records("outage-detected --scope local --system websesam")
    reply = outage.types("record note-added --text hej")
    assert reply.code == 2
    assert "2026-0001: Sesam S2 · alla användare; 2026-0002: websesam · bara Hjälpmedel Administration" in reply.err
    assert outage.records("note-added --text hej --incident 2").json["incident"] == "2026-0002"


def test_a_first_report_opens_a_suspected_incident_that_an_outage_confirms(terminal: Terminal) -> None:
    assert terminal.records("disturbance-reported --unit 'Ortopeden Lund'").json["status"]["status"] == "suspected"
    terminal.records("disturbance-reported --unit 'VC Kävlinge'")
    confirmed = terminal.records("outage-detected --incident 1 --scope all-users --system sesam-s2").json
    assert (confirmed["incident"], confirmed["entry"], confirmed["status"]["status"]) == ("2026-0001", 3, "ongoing")


def test_sr_015_only_the_system_owner_publishes(outage: Terminal) -> None:
    line = "record operating-information-published --channel vardgivare-skane --text Nere"
    refused = outage.types(line)
    assert refused.code == 4
    assert "operating-information-requested" in refused.err
    for other in ("vo-hjalpmedel", "region-it", "hjalpmedel-administration", "partner"):
        assert outage.types(f"{line} --as {other}").code == 4
    assert outage.facts() == 1
    assert outage.types(f"{line} --as system-owner").code == 0


def test_once_staff_is_registered_only_they_write_and_in_their_own_functions(outage: Terminal) -> None:
    outage.types("staff add somebody-else --role vo-hjalpmedel")
    refused = outage.types("record note-added --text hej")
    assert refused.code == 4
    assert len(outage.types("log --json").json) == 1
    assert outage.types("board").code == 0
    from cli.terminal.login import login_at_the_keyboard

    outage.types(f"staff add {login_at_the_keyboard()} --role partner")
    assert outage.types("record note-added --text hej --as vo-hjalpmedel").code == 4
    assert outage.types("record system-owner-contacted --outcome reached").code == 4
    assert outage.records("referral-received --serial A-1").json["recorded_as"] == "partner"


def test_a_correction_is_read_as_the_fact_s_own_options_are(outage: Terminal) -> None:
    outage.records("callers-informed --count 3")
    outage.records("entry-corrected --entry 2 --set count=5 --set advice=use-paper-referral --reason räknade-fel")
    outage.records("entry-corrected --entry 1 --set system=sesam-s2,websesam --occurred-at 07:50 --reason sent")
    entries = outage.types("log --json").json
    assert entries[1]["data"]["count"] == 3
    assert entries[1]["corrected_by"] == [3]
    assert entries[2]["corrects"] == 2
    status = outage.status()
    assert status["systems"] == ["sesam-s2", "websesam"]
    assert status["detected_at"] == "2026-12-07T06:50:00Z"


def test_a_sentence_stands_ready_for_every_refusal_in_the_code() -> None:
    import ast
    from pathlib import Path

    from domain.vocabulary import Flag
    from wording.sentences import SENTENCES

    kinds = {"Invalid", "NotFound", "NotAuthorised", "NotAdmitted", "PersonalData", "Unavailable", "Damaged"}
    reasons = {
        node.args[0].value
        for room in ("domain", "wording", "infrastructure", "notifiers", "application", "cli", "web")
        for path in Path(__file__).parents[3].joinpath(room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in kinds
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert reasons
    by_their_place = {"setting", "unknown-setting"}
    assert by_their_place < reasons
    expected = {f"{reason}-{place}" for reason in by_their_place for place in ("variable", "in-file")}
    assert (reasons - by_their_place | expected) - set(SENTENCES) == set()
    noted = {
        node.args[0].value
        for node in ast.walk(
            ast.parse(Path(__file__).parents[3].joinpath("domain/incident.py").read_text(encoding="utf-8"))
        )
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "note"
        and isinstance(node.args[0], ast.Constant)
    }
    assert noted - {flag.value for flag in Flag} == set()


@pytest.mark.parametrize("words", [f"record {OUTAGE}", "board", "subscriber add anna@example.se --audience staff"])
def test_when_a_command_is_over_the_whole_log_is_in_its_one_file(words: str, tmp_path: Path) -> None:
    """So that whoever copies the file, and that file alone, has everything that was answered for."""
    around = os.environ | {"RESERVRUTIN_DATABASE_URL": f"sqlite:///{tmp_path / 'log.sqlite'}"}
    for said in (f"record {OUTAGE}", words):
        subprocess.run([sys.executable, "-m", "cli", *said.split()], env=around, check=True, capture_output=True)
        assert [file.name for file in tmp_path.iterdir()] == ["log.sqlite"]


def test_who_records_for_a_program_keeps_a_long_incident_short_for_the_next(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "EVERY", 3)
    terminal.records(OUTAGE)
    for minute in range(3):
        terminal.at(f"08:1{minute}").records("note-added --text lugnt --incident 1")
    assert terminal.desk.database.connection().execute("SELECT entry FROM courses").fetchall() == [(3,)]


@pytest.mark.parametrize("as_json", ["", " --json"])
def test_a_board_that_is_gone_takes_nothing_from_the_answer(terminal: Terminal, as_json: str) -> None:
    terminal.records(OUTAGE)
    with terminal.desk.database.writing() as connection:
        connection.execute("DROP TABLE incidents")
    told = terminal.types(f"record note-added --text lugnt --incident 1{as_json}")
    assert told.code == 0
    if as_json:
        assert told.json["status"]["entries"] == 2
    else:
        assert "record system-owner-contacted" in told.out
