"""The routine on the command line: readable, checked with line and mend, and tried on a past incident."""

from pathlib import Path

import pytest

from tests.terminal import Terminal

BUILTIN = (Path(__file__).parents[2] / "domain" / "routines" / "sesam.toml").read_text(encoding="utf-8")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "draft.toml"


def test_the_routine_in_force_is_shown_with_its_clauses(terminal: Terminal) -> None:
    shown = terminal.types("routine show")
    assert "Efter 4 timmar och om prognos fortfarande saknas" in shown.out.replace("\n  ", " ")
    assert "inom 15 min (lokalt)" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    document = terminal.types("routine show --json").json
    assert (document["id"], document["version"], document["valid_from"]) == ("reservrutin-sesam", "1.0", "2024-02-14")


def test_a_good_document_is_said_to_be_good(terminal: Terminal, written: Path) -> None:
    written.write_text(BUILTIN, encoding="utf-8")
    assert terminal.types(f"routine validate {written}").code == 0


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('fact = "escalated-internally"', 'fact = "escalated"', "escalated"),
        ('who = "system-owner"', 'who = "chefen"', "who"),
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
    assert changes == [{"duty": "report-to-system-owner", "was": ["late"], "becomes": ["kept"]}]
    assert "sen" in outage.types(f"review 1 --routine {written}").out


def test_every_incident_in_a_table(outage: Terminal) -> None:
    outage.records("outage-detected --scope local --system websesam")
    table = outage.at("08:40").types("review --all")
    assert table.code == 6
    assert len(table.out.splitlines()) == 3
    assert [row["incident"] for row in outage.types("review --all --json").json] == ["2026-0001", "2026-0002"]
