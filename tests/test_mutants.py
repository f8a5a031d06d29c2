"""`make mutants`: the faults that it puts in, and what it says of tests that do not notice them."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutations import mutations

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("line", "mutants"),
    [
        ("return a < b", {"return (a <= b)", "return (a >= b)"}),
        ("return a is not None", {"return (a is None)"}),
        ("return a and b or c", {"return (a and b)", "return (c)", "return (b) or c", "return (a) or c"}),
        ("return not a", {"return (a)"}),
        ("return a if b else c", {"return (a)", "return (c)"}),
        ("return a - 14", {"return (a + 14)", "return a - (15)"}),
        (
            "return {'by': min, 'all': False}",
            {"return {'by': (max), 'all': False}", "return {'by': min, 'all': (True)}"},
        ),
        ("return [x for x in a if b]", {"return [x for x in a if (True)]"}),
        ("return f'{a < b}'", set()),
        ("a.b = c", {"pass"}),
        ("a = b", set()),
        ("raise a", {"pass"}),
        ("å = b; a(å)", {"å = b; pass"}),
    ],
)
def test_a_fault_is_what_a_hand_slips_to_in_one_place_of_a_line(line: str, mutants: set[str]) -> None:
    source = f"def f(a=1, *b: 2) -> 3:\n    {line}\n"
    found = list(mutations(source))
    assert {mutation.source.splitlines()[1].strip() for mutation in found} == mutants
    assert {mutation.line for mutation in found} <= {2}


def test_every_mutant_of_a_file_of_ours_is_a_program_that_differs_in_one_place() -> None:
    found = list(mutations((HERE.parent / "domain/audience.py").read_text()))
    assert len(found) > 50
    for mutation in found:
        assert ast.parse(mutation.source)
        assert mutation.diff().count("\n    +") == 1


BEFORE = "LONGEST = 14\n\n\ndef is_late(days):\n    return days > 2\n\n\ndef is_long(days):\n    return days > 2\n"
AFTER = """LONGEST = 14


def is_late(days):
    return days > 2


def is_long(days):
    return days >= LONGEST


def is_read():
    return True
"""
WEAK = """from domain.days import is_late, is_long


def test_days():
    assert is_long(20)
    assert not is_long(1)
"""
STRONG = """from domain.days import is_late, is_long, is_read


def test_days():
    assert is_long(14)
    assert not is_long(13)
    assert is_read()
"""


def test_what_the_tests_do_not_notice_of_changed_lines_is_named_and_nothing_is_left_behind(tmp_path: Path) -> None:
    checkout, temporary = tmp_path / "checkout", tmp_path / "temporary"
    temporary.mkdir()
    files = {"domain/days.py": BEFORE, "domain/__init__.py": "", "tests/domain/test_days.py": WEAK}
    for path, text in {**files, ".gitignore": "__pycache__/\n"}.items():
        (checkout / path).parent.mkdir(parents=True, exist_ok=True)
        (checkout / path).write_text(text)
    for name in ("__init__.py", "mutants.py", "mutations.py"):
        shutil.copy2(HERE / name, checkout / "tests" / name)
    environ = {**os.environ, "TMPDIR": str(temporary), "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.se"}
    environ |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.se", "GIT_CONFIG_GLOBAL": os.devnull}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=checkout, env=environ, capture_output=True, text=True, check=False)

    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "before")):
        assert run("git", *words).returncode == 0
    (checkout / "domain" / "days.py").write_text(AFTER)
    weak = run(sys.executable, "-m", "tests.mutants", "--base", "HEAD")
    assert weak.returncode == 1, weak.stderr
    assert [line for line in weak.stdout.splitlines() if line.startswith("domain")] == [
        "domain/days.py:9: not noticed; 1 tests",
        "domain/days.py:13: not noticed; 0 tests",
    ]
    assert "    -    return days >= LONGEST\n    +    return (days > LONGEST)\n" in weak.stdout
    assert "tests/domain: 1 mutants noticed, 2 left." in weak.stdout
    (checkout / "tests" / "domain" / "test_days.py").write_text(STRONG)
    strong = run(sys.executable, "-m", "tests.mutants", "--files", "domain/days.py", "--tests", "tests/domain")
    assert "domain/days.py:5: not noticed; 0 tests" in strong.stdout, "of a whole file also what has not changed"
    assert "tests/domain: 4 mutants noticed, 3 left." in strong.stdout, strong.stdout
    assert run("git", "status", "--porcelain").stdout.split() == [
        "M",
        "domain/days.py",
        "M",
        "tests/domain/test_days.py",
    ]
    assert not list(temporary.iterdir())
