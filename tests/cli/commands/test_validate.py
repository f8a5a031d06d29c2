"""`routine validate`: whatever a file holds, each fault has its line and its mend; what it accepts is adopted."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.personal_data import personal_number
from tests.empty_log import empty_log
from tests.terminal import Terminal
from wording.routine_problems import problems_of
from wording.words import texts_in

BUILTIN = (Path(__file__).parents[3] / "domain" / "routines" / "sesam.toml").read_text(encoding="utf-8")
NEXT = BUILTIN.replace('version = "1.0.1"', 'version = "1.1"')
PERSONAL = "850709-9805"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """In a file alone: no database has a part in how a document is read."""
    return empty_log(tmp_path / "log.sqlite")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "egen.toml"


def faults(terminal: Terminal, written: Path, text: str) -> list[tuple[str, str]]:
    """What is wrong with this text: the line itself, and what is said of it."""
    written.write_text(text, encoding="utf-8")
    reply = terminal.types(f"routine validate {written} --json")
    assert reply.code == 6, reply.out
    assert terminal.types(f"routine adopt {written} --as vo-hjalpmedel").code in (2, 7)
    lines = text.splitlines() or [""]
    return [(lines[problem["line"] - 1], problem["problem"]) for problem in reply.json["problems"]]


def changed(old: str, new: str) -> str:
    assert old in NEXT
    return NEXT.replace(old, new, 1)


def one_more(body: str) -> str:
    """The document with a duty of these lines at its end."""
    return NEXT + (
        '\n[[duty]]\nid = "egen"\nrules = ["local"]\nwho = "vo-hjalpmedel"\n'
        'text = { sv = "Gör", en = "Do" }\nquote = { sv = "Gör.", en = "Do." }\n' + body
    )


DONE = 'done_by = [{ fact = "supplier-contacted" }]\n'
STARTS = 'during = ["outage"]\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (changed('within = "15 min"', 'within = "99999999 d"'), 'within = "99999999 d"', "högst 366 dygn"),
        (changed('within = "15 min"', 'within = "99999999999999 d"'), 'within = "99999999999999 d"', "högst 366 dygn"),
        (changed('after = "4 h"', 'after = "8785 h"'), 'after = "8785 h"', "högst 366 dygn"),
        (changed('rules = ["SR-027"]\nwho', "rules = []\nwho"), "rules = []", "minst ett"),
        (changed('rules = ["SR-100"]', "rules = []"), "rules = []", "minst ett"),
        (changed("applies = [true]", 'applies = ["true"]'), '"true"', "citattecken"),
        (one_more(STARTS + 'done_by = [{ fact = "callers-informed", where = { count = ["5"] } }]'), '"5"', "count"),
        (one_more(STARTS + 'done_by = [{ fact = "callers-informed", where = { count = [true] } }]'), "true", "count"),
        (one_more(STARTS + 'done_by = [{ fact = "callers-informed", where = { count = [5.5] } }]'), "5.5", "heltal"),
        (one_more(STARTS + 'done_by = [{ fact = "supplier-contacted", where = { outcome = [] } }]'), "[]", "minst ett"),
        (one_more(STARTS), "[[duty]]", "done_by"),
        (one_more(STARTS + DONE + 'done_when_over = "restored"'), "[[duty]]", "restored"),
        (changed('version = "1.1"', 'version = ""'), 'version = ""', "tom"),
        (changed('version = "1.1"', 'version = "  "'), 'version = "  "', "tom"),
        (changed('id = "reservrutin-sesam"', f'id = "{"x" * 2001}"'), "xxx", "2000"),
        (changed('recorded_by = ["vo-hjalpmedel"]\nrules = ["SR-002"]', 'recorded_by = ["clock"]'), "clock", "klocka"),
        (changed('help_desk = "hjalpmedel-administration"', 'help_desk = "clock"'), "clock", "klocka"),
        (changed('who = "vo-hjalpmedel"', 'who = "clock"'), "clock", "klocka"),
        (changed('functions = ["partner"]', 'functions = ["clock"]'), "clock", "klocka"),
        (changed("[functions]\n", '[functions]\nclock = { sv = "k", en = "c" }\n'), "clock", "klocka"),
        (changed("valid_from = 2026-11-28", "valid_from = 12345"), "12345", "datum"),
        (changed("valid_from = 2026-11-28", "valid_from = 2026-11-28T10:00:00"), "T10:00:00", "datum"),
        (changed("valid_from = 2026-11-28", 'valid_from = "2026-12-06"'), "valid_from", "datum"),
        (changed('scopes = ["region-wide"]', 'scopes = ["whole"]'), "whole", "region-wide, all-users eller local"),
        (changed('since = "outage"', 'since = "outage"\nsince = "outage"'), "since", "TOML"),
        ("x = " + "9" * 5000, "x = ", "TOML"),
        ("\n\nx = " + "[" * 100_000, "x = ", "djupare"),
        ("x = " + "[" * 90_000 + "]" * 90_000, "x = ", "djupare"),
        ("", "", "saknas"),
        ("x = " + '"' + "y" * 200_001 + '"', "yyy", "200000"),
    ],
)
def test_each_fault_is_told_on_its_line_with_its_mend(
    terminal: Terminal, written: Path, text: str, line: str, said: str
) -> None:
    found = faults(terminal, written, text)
    assert [wrong for wrong in found if line in wrong[0] and said in wrong[1]], found
    if text.startswith(NEXT[:100]) and "[functions]\nclock" not in text:
        assert len(found) == 1, found


LAST = NEXT.rindex('within = "24 h"')
WRONG_LAST = NEXT[:LAST] + NEXT[LAST:].replace('within = "24 h"', 'within = "24 hours"')


@pytest.mark.parametrize(
    "text",
    [
        WRONG_LAST,
        WRONG_LAST.replace("[[duty]]", "[[ duty ]]", 1),
        WRONG_LAST.replace("[[duty]]", "[[duty]] # först", 1),
        WRONG_LAST.replace("[[duty]]", '[["duty"]]'),
        WRONG_LAST.replace("[[duty]]\n", "  [[duty]]\n  # [[duty]]\n"),
        WRONG_LAST.replace('owner = "VO Hjälpmedel"', 'owner = """VO\n[[duty]]\nHjälpmedel"""'),
        WRONG_LAST.replace("\n", "\r\n"),
    ],
    ids=["plain", "spaces", "comment", "quoted", "indented", "in a text", "carriage returns"],
)
def test_the_line_is_right_however_the_headings_are_written(terminal: Terminal, written: Path, text: str) -> None:
    [(line, said)] = faults(terminal, written, text)
    assert line == 'within = "24 hours"'
    assert said.startswith("within")


def test_duties_in_one_list_have_the_line_of_their_own(terminal: Terminal, written: Path) -> None:
    text = NEXT[: NEXT.index("[[reference]]")].replace(
        "\n[systems]", '\nduty = [\n  {id = "a"},\n  {id = 1},\n]\n[systems]'
    )
    found = faults(terminal, written, text)
    assert ("  {id = 1},", "id är en text: sätt den inom citattecken.") in found


def test_a_count_may_be_waited_for(terminal: Terminal, written: Path) -> None:
    written.write_text(
        one_more(STARTS + 'done_by = [{ fact = "callers-informed", where = { count = [5, 6] } }]'), encoding="utf-8"
    )
    assert terminal.types(f"routine adopt {written} --as vo-hjalpmedel").code == 0
    terminal.records("outage-detected --scope local --system websesam")

    def verdict() -> str:
        document = terminal.types("review 1 --json").json
        return str(next(found["verdict"] for found in document["verdicts"] if found["duty"] == "egen"))

    terminal.records("callers-informed --advice wait --count 4")
    assert verdict() == "pending"
    terminal.records("callers-informed --advice wait --count 6")
    assert verdict() == "kept"


@pytest.mark.parametrize(
    "text",
    [
        NEXT.replace('owner = "VO Hjälpmedel"', f'owner = "{PERSONAL}"'),
        NEXT.replace('owner = "VO Hjälpmedel"', 'owner = "85070\\u0039-9805"'),
        NEXT.replace('who = "partner"', f'who = "{PERSONAL}"'),
        NEXT.replace('version = "1.1"', f'version = "{PERSONAL}"'),
        NEXT + f"\n# {PERSONAL}\n",
    ],
)
def test_a_personnummer_is_told_with_its_line_and_never_repeated(terminal: Terminal, written: Path, text: str) -> None:
    written.write_text(text, encoding="utf-8")
    reply = terminal.types(f"routine validate {written} --json")
    [problem] = reply.json["problems"]
    line = text.splitlines()[problem["line"] - 1]
    assert (reply.code, PERSONAL in line or "\\u0039" in line) == (6, True)
    adopted = terminal.types(f"routine adopt {written} --as vo-hjalpmedel")
    assert (adopted.code, terminal.facts()) == (7, 0)
    assert f"rad {problem['line']}" in adopted.err
    for said in (reply.out, reply.err, adopted.err, terminal.types(f"routine validate {written}").out):
        assert personal_number(said, terminal.desk.now()) is None


def test_a_document_is_read_once_and_may_come_through_a_pipe(terminal: Terminal) -> None:
    for command in ("routine validate", "routine adopt --as vo-hjalpmedel"):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, NEXT.encode())
            os._exit(0)
        os.close(writing)
        reply = terminal.types(f"{command} /dev/fd/{reading}")
        os.close(reading)
        os.wait()
        assert reply.code == 0, reply.err


def test_a_byte_order_mark_is_no_fault_and_is_not_kept(terminal: Terminal, written: Path) -> None:
    written.write_text(NEXT, encoding="utf-8-sig")
    assert terminal.types(f"routine validate {written}").code == 0
    assert terminal.types(f"routine adopt {written} --as vo-hjalpmedel").code == 0
    assert terminal.types("routine show --toml").out == NEXT


@pytest.mark.parametrize(("content", "said"), [(None, "Det finns ingen"), (b"\xff\xfe\x00", "UTF-8"), ("", "mapp")])
def test_a_file_that_can_not_be_read_is_told_as_the_routine_file(
    terminal: Terminal, written: Path, content: bytes | str | None, said: str
) -> None:
    if content == "":
        written.mkdir()
    elif isinstance(content, bytes):
        written.write_bytes(content)
    for command in ("routine validate", "routine adopt --as vo-hjalpmedel", "review --all --routine"):
        reply = terminal.types(f"{command} {written}")
        assert reply.code == 2
        [sentence] = reply.err.splitlines()
        assert said in sentence
        assert not re.search(r"Errno|codec|nställning", sentence)


VALUES: Any = st.sampled_from(
    [
        '"x"',
        "1",
        "true",
        "[]",
        "{}",
        "[1]",
        "nan",
        "inf",
        "1e999",
        "2026-01-01",
        '"*"',
        "[[]]",
        '{a = [{b = "c"}]}',
        "-1",
    ]
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_stands_in_a_line_the_answer_is_a_line_and_a_sentence(data: st.DataObject) -> None:
    lines = NEXT.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        key = lines[place].split("=")[0] if "=" in lines[place] else ""
        lines[place] = data.draw(VALUES.map(lambda value, key=key: f"{key}= {value}") | st.text(max_size=20))
    text = "\n".join(lines)
    for problem in problems_of(text, texts_in("sv"), datetime.now(UTC)):
        assert 1 <= problem.line <= max(len(text.splitlines()), 1)
        assert problem.text
