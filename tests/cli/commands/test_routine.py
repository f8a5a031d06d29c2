"""The routine on the command line: readable, checked with line and mend, and tried on a past incident."""

import json
import re
from pathlib import Path

import pytest

from cli.commands.record import _example
from domain import facts as f
from domain.routine_document import parse
from infrastructure.log.codec import canonical
from tests.domain.test_routine import ONE_DUTY
from tests.rows import take_the_rules_away
from tests.terminal import Terminal

BUILTIN = (Path(__file__).parents[3] / "domain" / "routines" / "sesam.toml").read_text(encoding="utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "draft.toml"


def test_the_routine_in_force_is_shown_with_its_clauses(terminal: Terminal) -> None:
    shown = terminal.types("routine show")
    assert "Efter 4 timmar och om prognos fortfarande saknas" in shown.out.replace("\n  ", " ")
    assert "inom 15 min (lokalt)" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    document = terminal.types("routine show --json").json
    assert (document["id"], document["version"], document["valid_from"]) == ("reservrutin-sesam", "1.0.1", "2026-11-28")


def test_a_good_document_is_said_to_be_good(terminal: Terminal, written: Path) -> None:
    written.write_text(BUILTIN, encoding="utf-8")
    assert terminal.types(f"routine validate {written}").code == 0


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('fact = "escalated-internally"', 'fact = "escalated"', "escalated"),
        ('who = "system-owner"', 'who = "chefen"', "chefen finns inte under [functions]"),
        ('within = "4 h"', 'within = "fyra timmar"', "within"),
        ('owner = "VO Hjälpmedel"', "owner = ", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    terminal: Terminal, written: Path, right: str, wrong: str, said: str
) -> None:
    assert right in BUILTIN
    text = BUILTIN.replace(right, wrong, 1)
    written.write_text(text, encoding="utf-8")
    reply = terminal.types(f"routine validate {written} --json")
    assert reply.code == 6
    [problem] = reply.json["problems"]
    assert text.splitlines()[problem["line"] - 1].strip().startswith(wrong.split(" = ")[0].replace("fact", "done_by"))
    assert said in problem["problem"]
    assert terminal.types(f"review 1 --routine {written}").code == 2


def test_a_file_that_is_not_there_is_one_sentence(terminal: Terminal, written: Path) -> None:
    reply = terminal.types(f"routine validate {written}")
    assert (reply.code, len(reply.err.strip().splitlines())) == (2, 1)


def test_what_if_the_draft_had_been_in_force(outage: Terminal, written: Path) -> None:
    outage.at("08:30").records("system-owner-contacted --outcome reached")
    written.write_text(BUILTIN.replace('within = "15 min"', 'within = "45 min"'), encoding="utf-8")
    changes = outage.types(f"review 1 --routine {written} --json").json["changes"]
    assert changes == [
        {
            "duty": "report-to-system-owner",
            "was": ["late"],
            "was_late_seconds": [600],
            "becomes": ["kept"],
            "becomes_late_seconds": [0],
        }
    ]
    assert "för sent (10 min försenat)" in outage.types(f"review 1 --routine {written}").out


def test_a_lateness_alone_that_changes_is_shown(outage: Terminal, written: Path) -> None:
    outage.at("08:30").records("system-owner-contacted --outcome reached")
    written.write_text(BUILTIN.replace('within = "15 min"', 'within = "20 min"'), encoding="utf-8")
    shown = outage.types(f"review 1 --routine {written}")
    assert "10 min" in shown.out
    assert "5 min" in shown.out
    [change] = outage.types(f"review 1 --routine {written} --json").json["changes"]
    assert (change["was_late_seconds"], change["becomes_late_seconds"]) == ([600], [300])


def test_what_if_answers_with_the_whole_review_by_the_draft(outage: Terminal, written: Path) -> None:
    outage.at("08:30").records("system-owner-contacted --outcome reached")
    draft = BUILTIN.replace('version = "1.0.1"', 'version = "1.1"').replace('within = "15 min"', 'within = "45 min"')
    written.write_text(draft, encoding="utf-8")
    own, tried = (outage.types(f"review 1 {option} --json").json for option in ("", f"--routine {written}"))
    assert set(tried) == {*own, "changes"}
    assert tried["routine"] == {"id": "reservrutin-sesam", "version": "1.1"}
    words = [next(v["verdict"] for v in d["verdicts"] if v["rule"] == "SR-061") for d in (own, tried)]
    assert words == ["late", "kept"]


def test_every_incident_by_a_draft_shows_which_counts_change(outage: Terminal, written: Path) -> None:
    outage.at("08:30").records("system-owner-contacted --outcome reached")
    outage.records("outage-detected --scope local --system websesam")
    draft = BUILTIN.replace('version = "1.0.1"', 'version = "1.1"').replace('within = "15 min"', 'within = "45 min"')
    written.write_text(draft, encoding="utf-8")
    table = outage.types(f"review --all --routine {written}").out
    first = next(line for line in table.splitlines() if line.startswith("2026-0001"))
    assert "0 → 1" in first
    assert "1 → 0" in first
    assert "→" not in next(line for line in table.splitlines() if line.startswith("2026-0002"))
    assert first.endswith(" 1.0.1")
    assert "reservrutin-sesam 1.1" in table.splitlines()[0]
    assert max(map(len, table.splitlines())) <= 80
    row = outage.types(f"review --all --routine {written} --json").json[0]
    assert (row["late"], row["was"]["late"]) == (0, 1)
    assert (row["routine"]["version"], row["was"]["routine"]["version"]) == ("1.1", "1.0.1")


def test_one_incident_and_all_of_them_is_no_question(outage: Terminal) -> None:
    assert outage.types("review 1 --all").code == 2


def test_every_incident_in_a_table(outage: Terminal) -> None:
    outage.records("outage-detected --scope local --system websesam")
    table = outage.at("08:40").types("review --all")
    assert table.code == 6
    assert [line.split()[0] for line in table.out.splitlines()[1:3]] == ["2026-0001", "2026-0002"]
    assert [row["incident"] for row in outage.types("review --all --json").json] == ["2026-0001", "2026-0002"]


@pytest.fixture
def stricter(written: Path) -> Path:
    """A version of our own, valid from the day: the system owner within ten minutes, paper after three hours."""
    text = BUILTIN.replace('version = "1.0.1"', 'version = "1.1"').replace("2026-11-28", "2026-12-07")
    text = text.replace('within = "15 min"', 'within = "10 min"', 1).replace('after = "4 h"', 'after = "3 h"')
    written.write_text(text.replace('id = "report-to-system-owner"', 'id = "tell-system-owner"'), encoding="utf-8")
    return written


def test_sr_002_an_incident_is_judged_for_ever_by_the_version_it_began_with(outage: Terminal, stricter: Path) -> None:
    def judged_by(number: int) -> tuple[str, set[str]]:
        document = outage.types(f"review {number} --json").json
        return document["routine"]["version"], {verdict["duty"] for verdict in document["verdicts"]}

    adopted = outage.at("08:30").types(f"routine adopt {stricter} --as vo-hjalpmedel")
    assert adopted.code == 0, adopted.err
    assert "reservrutin-sesam 1.1" in adopted.out
    outage.at("08:40").records("outage-detected --scope all-users --system websesam")
    outage.records("outage-detected --scope all-users --system websesam --at 08:20")
    for _ in range(2):
        assert "report-to-system-owner" in judged_by(1)[1]
        assert judged_by(2)[0] == "1.1"
        assert "tell-system-owner" in judged_by(2)[1]
        assert judged_by(3)[0] == "1.0.1", "it began before the version was adopted"
        outage.records("entry-corrected --incident 1 --entry 1 --occurred-at 08:35 --reason klockan")
    assert judged_by(1)[0] == "1.0.1", "a correction of its start does not change by what it is judged"
    assert outage.status("1")["reserve_routine"]["due_at"].startswith("2026-12-07T11:35")
    assert outage.status("2")["reserve_routine"]["due_at"].startswith("2026-12-07T10:40")
    assert {duty["due_at"] for duty in outage.types("due 2 --json").json if duty["rule"] == "SR-090"} == {
        "2026-12-07T11:40:00Z"
    }
    refused = outage.at("10:00").types("record reserve-routine-activated --incident 2 --as vo-hjalpmedel")
    assert (refused.code, "11:40" in refused.err) == (5, True)


def test_what_is_adopted_is_shown_with_its_validity_and_by_whom(terminal: Terminal, stricter: Path) -> None:
    before = terminal.types("routine show --json").json
    assert (before["version"], before["adopted"]) == ("1.0.1", [])
    document = terminal.types(f"routine adopt {stricter} --as vo-hjalpmedel --json").json
    assert (document["routine"], document["routine_version"]) == ("reservrutin-sesam", "1.1")
    shown = terminal.types("routine show")
    assert "reservrutin-sesam 1.1" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    [listed] = terminal.types("routine show --json").json["adopted"]
    assert (listed["valid_from"], listed["recorded_as"]) == ("2026-12-07", "vo-hjalpmedel")
    assert terminal.types("routine show --toml").out.rstrip() == stricter.read_text(encoding="utf-8").rstrip()


def test_a_version_is_adopted_once_and_another_document_needs_another_version(
    terminal: Terminal, stricter: Path
) -> None:
    adopt = f"routine adopt {stricter} --as vo-hjalpmedel"
    assert terminal.types(adopt).code == 0
    again = terminal.types(adopt)
    assert (again.code, terminal.facts()) == (0, 1)
    stricter.write_text(stricter.read_text(encoding="utf-8").replace("10 min", "5 min"), encoding="utf-8")
    changed = terminal.types(adopt)
    assert (changed.code, terminal.facts(), len(changed.err.splitlines())) == (5, 1, 1)


def test_only_who_owns_the_routine_adopts_it_and_nothing_that_is_wrong(terminal: Terminal, stricter: Path) -> None:
    assert terminal.types(f"routine adopt {stricter} --as partner").code == 4
    assert terminal.types(f"routine adopt {stricter}").code == 4, "the help desk may not by default"
    stricter.write_text("id = 1", encoding="utf-8")
    assert terminal.types(f"routine adopt {stricter} --as vo-hjalpmedel").code == 2
    text = BUILTIN.replace("VO Hjälpmedel", "Anna 850709-9805", 1)
    stricter.write_text(text, encoding="utf-8")
    assert terminal.types(f"routine adopt {stricter} --as vo-hjalpmedel").code == 7
    assert terminal.facts() == 0


@pytest.mark.parametrize("document", ["instruction = 5\n", "x", None])
def test_an_adopted_routine_that_somebody_has_changed_is_named_and_stops_nothing(
    terminal: Terminal, stricter: Path, document: str | None
) -> None:
    """None stands for a fact that can't be read at all."""
    terminal.types(f"routine adopt {stricter} --as vo-hjalpmedel")
    terminal.records("outage-detected --scope local --system websesam")
    terminal.types("board")
    with terminal.desk.database.writing() as connection:
        take_the_rules_away(terminal.desk.database)
        [stored] = connection.execute("SELECT bytes FROM facts WHERE position = 1").fetchone()
        envelope = json.loads(bytes(stored))
        envelope["data"]["document"] = document
        altered = canonical(envelope).encode() if document else b"{}"
        connection.execute("UPDATE facts SET bytes = ? WHERE position = 1", (altered,))
    found = terminal.types("verify --json")
    assert found.code == 6
    named = {(problem["position"], problem["reason"]) for problem in found.json["problems"]}
    assert {(1, "bytes-changed"), (1, "undecodable"), (2, "incident-unjudged")} <= named
    board = terminal.types("board")
    assert "2026-0001" in board.out
    assert "Traceback" not in board.err


def test_an_adoption_is_no_incident(terminal: Terminal, stricter: Path) -> None:
    terminal.types(f"routine adopt {stricter} --as vo-hjalpmedel")
    assert terminal.types("board --json").json == []
    assert terminal.types("review --all --json").json == []
    assert terminal.types("projections rebuild").code == 0
    assert terminal.records("outage-detected --scope local --system websesam").json["incident"] == "2026-0001"
    assert terminal.types("worker --once").code == 0


def test_sr_100_sr_101_a_reference_without_an_address_is_said_to_lack_one(terminal: Terminal, written: Path) -> None:
    shown = terminal.types("routine show").out
    assert shown.count("adress saknas") == 2
    url = 'rules = ["SR-101"]\nurl = "https://vardgivare.example.se/ot"'
    written.write_text(
        BUILTIN.replace('version = "1.0.1"', 'version = "1.1"').replace('rules = ["SR-101"]', url), encoding="utf-8"
    )
    assert terminal.types(f"routine adopt {written} --as vo-hjalpmedel").code == 0
    shown = terminal.types("routine show").out
    assert shown.count("adress saknas") == 1
    assert "https://vardgivare.example.se/ot" in shown


def test_who_recorded_late_and_the_reviewers_conclusion_stand_in_the_review(outage: Terminal) -> None:
    outage.at("08:40").records("system-owner-contacted --outcome reached --at 08:12")
    outage.records("supplier-contacted --outcome reached --at 08:30")
    outage.records("incident-reviewed --as compliance-reviewer --verdict followed-with-deviations --findings Sent.")
    document = outage.types("review 1 --json").json
    assert [(late["entry"], late["late_seconds"]) for late in document["recorded_late"]] == [(2, 28 * 60)]
    assert [(r["entry"], r["verdict"], r["findings"]) for r in document["reviewed"]] == [
        (4, "followed-with-deviations", "Sent.")
    ]
    shown = outage.types("review 1").out
    assert "Registrerat i efterhand, post 2" in shown
    assert "Sent." in shown


def adopted(terminal: Terminal, written: Path, version: str, *changes: tuple[str, str]) -> str:
    """What adopting this version of the built-in routine answers, on one line."""
    text = BUILTIN.replace('version = "1.0.1"', f'version = "{version}"')
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    written.write_text(text, encoding="utf-8")
    reply = terminal.types(f"routine adopt {written} --as vo-hjalpmedel")
    assert reply.code == 0, reply.err
    return " ".join(reply.out.split())


FROM = "valid_from = 2026-11-28"


def test_an_adoption_says_from_when_it_judges(terminal: Terminal, written: Path) -> None:
    assert "från och med nu" in adopted(terminal, written, "2", (FROM, "valid_from = 2026-01-01"))
    assert "reservrutin-sesam 2 går före" in adopted(terminal, written, "3", (FROM, "valid_from = 2025-01-01"))
    assert "den 2027-02-01 eller senare" in adopted(terminal, written, "4", (FROM, "valid_from = 2027-02-01"))
    ending = (FROM, "valid_from = 2026-02-01\nvalid_to = 2026-12-31")
    assert "från och med nu" in adopted(terminal, written, "5", ending)
    assert "den 2027-01-01 eller senare" in adopted(terminal, written, "6", (FROM, "valid_from = 2026-01-15"))
    ended = (FROM, "valid_from = 0001-01-01\nvalid_to = 2025-02-01")
    assert "går före" in adopted(terminal, written, "7", ended)
    assert "från och med nu" in adopted(
        terminal, written, "8", (FROM, "valid_from = 2026-11-28\nvalid_to = 9999-12-31")
    )
    assert terminal.types("routine show --json").json["version"] == "8"


def test_an_ended_version_of_its_own_gives_way_to_the_built_in_one(terminal: Terminal, written: Path) -> None:
    answer = adopted(terminal, written, "1.1", (FROM, "valid_from = 2025-01-01\nvalid_to = 2025-02-01"))
    assert "reservrutin-sesam 1.0.1 går före" in answer
    assert terminal.types("routine show --json").json["version"] == "1.0.1"


def test_another_routine_that_has_ended_goes_on_where_nothing_follows_it(terminal: Terminal, written: Path) -> None:
    other = ('id = "reservrutin-sesam"', 'id = "annan"')
    adopted(terminal, written, "1", other, (FROM, "valid_from = 2025-01-01\nvalid_to = 2025-02-01"))
    adopted(terminal, written, "1.1", (FROM, "valid_from = 2024-02-14\nvalid_to = 2024-12-31"))
    assert terminal.types("routine show --json").json["id"] == "annan"


def test_the_built_in_version_can_not_be_taken_by_another_text(terminal: Terminal, written: Path) -> None:
    written.write_text(BUILTIN.replace('after = "4 h"', 'after = "1 h"'), encoding="utf-8")
    refused = terminal.types(f"routine adopt {written} --as vo-hjalpmedel")
    assert (refused.code, terminal.facts()) == (5, 0)
    assert "reservrutin-sesam 1.0.1 finns redan" in refused.err
    written.write_text(terminal.types("routine show --toml").out, encoding="utf-8")
    assert terminal.types(f"routine adopt {written} --as vo-hjalpmedel").code == 0, "the same text is no other version"


def test_the_text_that_an_incident_is_judged_by_is_printed(outage: Terminal, written: Path) -> None:
    adopted(outage, written, "1.1", ('after = "4 h"', 'after = "1 h"'))
    outage.at("09:00").records("outage-detected --scope local --system websesam")
    assert outage.types("routine show --incident 1 --toml").out == BUILTIN
    assert outage.types("routine show --incident 2 --toml").out == written.read_text(encoding="utf-8")
    assert outage.types("routine show --toml").out == written.read_text(encoding="utf-8")


LABORATORY = Path(__file__).parents[3] / "docs" / "examples" / "laboratory.toml"


def test_old_and_new_functions_are_given_together_while_both_routines_judge(outage: Terminal) -> None:
    assert outage.types("staff add anna --role lab-manager").code == 2, "no version knows it yet"
    assert outage.types(f"routine adopt {LABORATORY} --as vo-hjalpmedel").code == 0
    reply = outage.types("staff add anna --role vo-hjalpmedel --role lab-manager --json")
    assert reply.json["roles"] == ["vo-hjalpmedel", "lab-manager"]
    assert outage.types("staff add anna --role ingen-alls").code == 2
    told = outage.types("subscriber add a@example.se --audience staff --system sesam-s2 --system labb-lims --area tens")
    assert told.code == 0, told.err
    assert outage.types("subscriber add b@example.se --audience staff --system ingen-alls").code == 2
    shown = outage.types("staff add --help").out
    assert "lab-manager" in shown
    assert "vo-hjalpmedel" not in shown.split("--role")[-1], "help lists those of the routine in force"


def test_an_example_names_no_system_twice(terminal: Terminal) -> None:
    assert terminal.types(f"routine adopt {LABORATORY} --as vo-hjalpmedel").code == 0
    for fact in ("outage-detected", "service-restored", "disturbance-reported"):
        shown = terminal.types(f"record {fact} --help").out
        example = next(line for line in shown.splitlines() if "reservrutin record" in line)
        options = re.findall(r"--system [\w-]+", shown[: shown.index("--incident")])
        assert len(options) == len(set(options)), example


def test_an_example_of_a_routine_with_one_system_names_it_once() -> None:
    assert _example(f.ServiceRestored, parse(ONE_DUTY)) == "reservrutin record service-restored --system journalen"


def test_what_was_due_at_a_moment_is_told_of_what_was_open_then(outage: Terminal) -> None:
    outage.at("08:10").records("outage-detected --scope local --system websesam")
    outage.at("09:00").records("incident-closed --incident 1 --deviation övning")
    due_then = outage.at("12:00").types("due --at 08:30 --json").json
    assert {row["incident"] for row in due_then} == {"2026-0001", "2026-0002"}
    assert [row for row in due_then if row["incident"] == "2026-0001"] == outage.types("due 1 --at 08:30 --json").json
    assert {row["incident"] for row in outage.types("due --at 08:07 --json").json} == {"2026-0001"}
    assert {row["incident"] for row in outage.types("due --at 10:00 --json").json} == {"2026-0002"}
    assert outage.types("due --at 07:00 --json").json == []


def test_the_lateness_of_what_lapsed_ends_with_the_outage(outage: Terminal) -> None:
    outage.at("10:00").records("service-restored --system sesam-s2")

    def late(clock: str) -> int:
        found = outage.at(clock).types("review 1 --json").json["verdicts"]
        return next(int(v["late_seconds"]) for v in found if v["duty"] == "report-to-system-owner")

    assert late("10:01") == late("17:00") == 100 * 60
