"""What a run has found, as its readers meet it: verdicts, the table, the JSON, the picture, the docs."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench import __main__ as bench
from bench import publish
from bench.chart import draw
from bench.figures import WIDTH, Figure, Found, Run, Unmeasured, number, read, table, verdicts, warned
from bench.ground import Ground

GROWN = "record, 9 incidents"
MACHINE = {"cpu": "AMD <EPYC>", "cores": 2, "python": "3.11.7", "system": "Linux 6", "load": 0.1}


def figure(what: str = "fact store", **more: Any) -> Figure:
    fields: dict[str, Any] = {"part": "appends", "values": (3000.0, 3600.0, 3400.0), "unit": "facts/s"}
    fields |= {"database": "SQLite", "ratios": (0.7, 0.72, 0.9), "of": "the raw driver", "at_least": 0.75}
    return Figure(**{"what": what} | fields | more)


@pytest.fixture
def run() -> Run:
    found: list[Found] = [
        figure(cpu=(0.131, 0.129, 0.2)),
        figure(database="PostgreSQL", of="the raw driver with a lock", ratios=(0.9,)),
        figure("eventsourcing & others", peer=True, at_least=None, ratios=(0.5,)),
        figure(GROWN, part="growth", of="what it costs with 2", ratios=(40.0,), at_least=None, at_most=1.2),
        Unmeasured(part="growth", what="an idle worker", why="no /proc here"),
    ]  # fmt: skip
    return Run(MACHINE, "2026-11-23T06:00Z", 3, "usual", ("appends", "growth"), found)


def test_a_figure_is_a_median_with_its_spread() -> None:
    assert figure().median == 3400
    assert figure().spread == (3000, 3600)
    assert figure().ratio == 0.72


@pytest.mark.parametrize(
    ("ratio", "goal", "verdict"),
    [
        (0.75, {"at_least": 0.75}, "met"),
        (0.7462, {"at_least": 0.75}, "met"),
        (0.72, {"at_least": 0.75}, "missed by 4 %"),
        (0.749, {"at_least": 0.8}, "missed by 7 %"),
        (1.2, {"at_least": None, "at_most": 1.2}, "met"),
        (1.26, {"at_least": None, "at_most": 1.2}, "missed by 5 %"),
        (24.0, {"at_least": None, "at_most": 10.0}, "missed by 140 %"),
        (91.2, {"at_least": None, "at_most": 1.2}, "missed 76-fold"),
        (0.5, {"at_least": None}, ""),
    ],
)
def test_a_verdict_holds_the_shown_ratio_against_the_goal(ratio: float, goal: dict[str, Any], verdict: str) -> None:
    assert figure(ratios=(ratio,), **goal).verdict == verdict


def test_without_a_ratio_the_goal_is_for_the_value() -> None:
    assert figure(ratios=(), values=(0.4,), unit="% core", at_least=None, at_most=1.0).verdict == "met"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(305474, "305k"), (12345.6, "12,346"), (99.94, "99.9"), (4.567, "4.57"), (0.1234, "0.123"), (0.00123, "0.00123")],
)
def test_numbers_have_three_digits_that_say_something(value: float, shown: str) -> None:
    assert number(value) == shown


def test_the_table_fits_a_terminal_and_says_what_was_not_measured(run: Run) -> None:
    lines = list(table(run.found))
    assert all(len(line) <= WIDTH for line in lines)
    assert "APPENDS – SQLite – ratios of the raw driver" in lines
    [ours] = [line for line in lines if line.endswith("≥ 0.75 missed by 4 %")]
    assert "3,400 facts/s (3,000–3,600)" in ours
    assert "0.131 s cpu" in ours
    assert lines[-1] == "an idle worker was not measured: no /proc here."


def test_the_end_of_a_run_counts_its_goals(run: Run) -> None:
    first, *missed = verdicts(run)
    assert first == "1 of 3 goals met."
    assert [line.strip().split(":")[0] for line in missed] == [
        "appends SQLite fact store", "growth SQLite record, 9 incidents",
    ]  # fmt: skip


def test_a_run_is_read_as_it_was_written(run: Run, tmp_path: Path) -> None:
    run.write(tmp_path / "build" / "bench.json")
    document = json.loads((tmp_path / "build" / "bench.json").read_text(encoding="utf-8"))
    assert document["figures"][0]["median"] == 3400
    assert document["figures"][0]["verdict"] == "missed by 4 %"
    again = read(tmp_path / "build" / "bench.json")
    assert again.figures() == run.figures()
    assert again.unmeasured() == run.unmeasured()
    assert again.machine == run.machine


def test_a_busy_machine_is_told() -> None:
    assert warned(MACHINE) == ""
    assert "Others used this machine too" in warned(MACHINE | {"load": 2.4})


def test_the_picture_is_whole_and_shows_bars_goals_and_peers(run: Run) -> None:
    drawn = draw(run)
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own
    texts = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")]
    assert "eventsourcing & others" in texts
    assert "0.72 ✗" in texts
    assert "0.90 ✓" in texts
    assert "40.0 ✗" in texts
    assert "AMD <EPYC>, 2 cores" in " ".join(texts)
    kinds = [element.get("class") for element in root.iter()]
    assert {"sqlite", "postgresql", "peer", "goal", "limit", "cut"} <= set(kinds)
    assert "prefers-color-scheme: dark" in drawn
    assert "http://www.w3.org/2000/svg" in drawn
    assert drawn.count("http") == 1


def test_a_picture_of_nothing_is_a_picture() -> None:
    nothing = Run(MACHINE, "2026-11-23T06:00Z", 3, "usual", (), [])
    assert ElementTree.fromstring(draw(nothing)) is not None  # noqa: S314 - our own


PAGE = """# Costs

By hand.

<!-- figures: help-desk -->
old
<!-- /figures -->

Also by hand.

<!-- figures: missed -->
<!-- /figures -->
"""


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs" / "images").mkdir(parents=True)
    (tmp_path / "docs" / "performance.md").write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr(publish, "MATTERS", {"help-desk": (("appends", "fact store"), ("growth", GROWN))})
    return tmp_path / "docs"


def test_the_docs_are_those_of_the_last_run(run: Run, docs: Path) -> None:
    publish.publish(run, docs)
    page = (docs / "performance.md").read_text(encoding="utf-8")
    assert "\nold\n" not in page
    assert "By hand." in page
    assert "Also by hand." in page
    ours = "**0.72** · 3,400 facts/s (3,000–3,600) · ≥ 0.75 missed by 4 %"
    assert f"| fact store, as a ratio of the raw driver | {ours} | **0.90** · " in page
    assert read(docs / "performance.json").figures() == run.figures()
    assert "1 of 3 goals met" in page
    assert "- **growth**: record, 9 incidents: SQLite 40.00 (≤ 1.2)" in page
    assert (docs / "images" / "bench.svg").read_text(encoding="utf-8") == draw(run)
    publish.publish(run, docs)
    assert (docs / "performance.md").read_text(encoding="utf-8") == page


def test_a_run_that_is_not_whole_is_not_published(
    run: Run, docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish.main(tmp_path, docs) == 1
    assert "no build/bench.json yet" in capsys.readouterr().err
    Run(run.machine, run.began, 3, "quick", run.parts, run.found).write(tmp_path / "bench.json")
    assert publish.main(tmp_path, docs) == 1
    assert "A quick run" in capsys.readouterr().err
    Run(run.machine, run.began, 3, "usual", ("growth",), run.found[3:]).write(tmp_path / "bench.json")
    assert publish.main(tmp_path, docs) == 1
    assert "did not measure appends" in capsys.readouterr().err
    Run(run.machine, run.began, 3, "usual", run.parts, run.found[2:]).write(tmp_path / "bench.json")
    assert publish.main(tmp_path, docs) == 1
    assert "no figure 'fact store' of appends" in capsys.readouterr().err
    assert (docs / "performance.md").read_text(encoding="utf-8") == PAGE
    run.write(tmp_path / "bench.json")
    assert publish.main(tmp_path, docs) == 0


def test_every_block_of_our_docs_is_one_that_is_published() -> None:
    text = (publish.DOCS / "performance.md").read_text(encoding="utf-8")
    named = [name for _begin, name, _end in publish.BLOCK.findall(text)]
    assert sorted(named) == sorted([*publish.MATTERS, "machine", "missed"])


def test_one_command_measures_writes_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def measured(on: Ground) -> list[Figure]:
        seen.append(on.scale.name)
        return [figure()]

    monkeypatch.setenv("TEST_POSTGRES_URL", _server())
    monkeypatch.setattr(bench, "PARTS", {"appends": measured, "mail": measured})
    assert bench.main(["--parts", "appends", "--quick", "--runs", "1"], tmp_path) == 0
    said = capsys.readouterr().out
    assert "cores, Python" in said
    assert "APPENDS – SQLite – ratios of the raw driver" in said
    assert "0 of 1 goals met." in said
    assert seen == ["quick"]
    assert read(tmp_path / "bench.json").parts == ("appends",)
    assert (tmp_path / "bench.svg").read_text(encoding="utf-8").startswith("<svg")


def _server() -> str:
    from tests.postgres import server_url

    return server_url()
