"""Small faults are put into lines that were changed, one at a time: which do the tests not notice? `make mutants`.

All of it happens in a copy of the checkout. The tests of a folder are collected once, and run as they are, which tells
whom each line is reached by; then each mutant has a process of its own, forked from there, in which its functions have
the mutant's code. A program that a test starts reads the copy's file, where the mutant stands meanwhile.
"""

import argparse
import gc
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple, NoReturn

import pytest

from tests.mutations import Mutation, mutations

ROOMS = ("domain", "wording", "infrastructure", "notifiers", "application", "cli", "web", "reservrutin")
PASSED, FAILED, NOT_TRIED = 0, 1, 2


class AsItIs(NamedTuple):
    """By file and line the numbers of the tests that reach it; the seconds of CPU that each test takes; and those that
    fail already."""

    reached: dict[str, dict[str, list[int]]]
    seconds: list[float]
    failing: list[int]

    def tests(self, path: str, mutation: Mutation) -> list[int]:
        """The quickest first."""
        found = {number for line in mutation.lines for number in self.reached[path].get(str(line), ())}
        if not mutation.lines:  # a value that is read elsewhere
            found = set(range(len(self.seconds)))
        return sorted(found.difference(self.failing), key=self.seconds.__getitem__)


class Trial:
    """A session of pytest that runs its tests as they are, and then once for each mutant."""

    def __init__(self, chosen: dict[str, list[Mutation]]) -> None:
        self.chosen = chosen
        self.functions: list[FunctionType] = []
        self.noticed = 0
        self.left: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.functions = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
        gc.freeze()
        as_it_is = self._as_it_is(session)
        for number in as_it_is.failing:
            self.left.append(f"{session.items[number].nodeid}: not asked, for it fails as it is\n")
            _say(self.left[-1])
        for path, mutation in ((path, mutation) for path, some in self.chosen.items() for mutation in some):
            numbers = as_it_is.tests(path, mutation)
            patience = 60 + 20 * sum(as_it_is.seconds[number] for number in numbers)
            outcome = self._tried(session, numbers, path, mutation, patience) if numbers else PASSED
            if outcome in (PASSED, NOT_TRIED):
                what = "not noticed" if outcome == PASSED else "could not be put in place"
                self.left.append(f"{path}:{mutation.line}: {what}; {len(numbers)} tests\n{mutation.diff()}\n")
                _say(self.left[-1])
            else:
                self.noticed += 1
        return True

    def _as_it_is(self, session: pytest.Session) -> AsItIs:
        told = Path("as_it_is.json")

        def look() -> int:
            told.write_text(json.dumps(_followed(session, set(self.chosen))))
            return PASSED

        if _forked(look) != PASSED:
            pytest.exit("The tests end badly as they are.", returncode=FAILED)
        return AsItIs(*json.loads(told.read_text()))

    def _tried(
        self, session: pytest.Session, numbers: list[int], path: str, mutation: Mutation, patience: float
    ) -> int:
        compiled = Path(cache_from_source(path))  # which is told from another by the second and the size
        Path(path).write_text(mutation.source)
        compiled.unlink(missing_ok=True)
        try:
            return _forked(lambda: _run(session, numbers, path, mutation, self.functions), patience)
        finally:
            Path(path).write_text(mutation.original)
            compiled.unlink(missing_ok=True)


def _followed(session: pytest.Session, paths: set[str]) -> AsItIs:
    """Run all tests and see which lines of these files each of them reaches, in whatever thread."""
    files: dict[str, dict[int, set[int]]] = {str(Path(path).absolute()): defaultdict(set) for path in paths}
    seconds: list[float] = []
    failing: list[int] = []

    def line(frame: FrameType, event: str, _: Any) -> Any:
        files[frame.f_code.co_filename][frame.f_lineno].add(len(seconds))
        return line

    def call(frame: FrameType, event: str, _: Any) -> Any:
        return line if frame.f_code.co_filename in files else None

    threading.settrace(call)
    for item, following in zip(session.items, [*session.items[1:], None], strict=True):
        began, failed_before = time.process_time(), session.testsfailed
        sys.settrace(call)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        sys.settrace(None)
        if session.testsfailed > failed_before:
            failing.append(len(seconds))
        seconds.append(time.process_time() - began)
    reached = {_file(path): {str(n): list(t) for n, t in lines.items()} for path, lines in files.items()}
    return AsItIs(reached, seconds, failing)


def _run(
    session: pytest.Session, numbers: list[int], path: str, mutation: Mutation, functions: Sequence[FunctionType]
) -> int:
    exchange(path, mutation, functions)
    spent = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (round(spent) + 120, round(spent) + 121))
    items = [session.items[number] for number in numbers]
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            session._setupstate.teardown_exact(None)  # what is open for more tests than this one
            return FAILED
    return PASSED


def _forked(work: Callable[[], int], seconds: float | None = None) -> int:
    """What it comes to in a process of its own; FAILED where that comes to no end."""
    pid = os.fork()
    if not pid:
        _child(work)
    until = time.monotonic() + seconds if seconds else None
    try:
        while not (ended := os.waitpid(pid, os.WNOHANG if until else 0))[0]:
            if until and time.monotonic() > until:
                return FAILED
            time.sleep(0.01)
        pid = 0
        return NOT_TRIED if ended[1] == NOT_TRIED << 8 else FAILED if ended[1] else PASSED
    finally:
        if pid:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _child(work: Callable[[], int]) -> NoReturn:
    outcome = NOT_TRIED
    try:
        os.setsid()
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        outcome = work()
    finally:
        os._exit(outcome)


def exchange(path: str, mutation: Mutation, functions: Sequence[FunctionType]) -> None:
    """Give those of the functions that are that file's the mutant's code, or all who hold its value the mutant's."""
    if mutation.value is not None:
        module = next((m for m in list(sys.modules.values()) if _file(getattr(m, "__file__", None)) == path), None)
        if module is None:  # whoever imports it reads the file
            return
        as_it_was, becoming = vars(module)[mutation.name], {**vars(module)}
        exec(mutation.value, becoming)  # noqa: S102 - it is our own source
        for holder in list(sys.modules.values()):
            if vars(holder).get(mutation.name) is as_it_was:
                setattr(holder, mutation.name, becoming[mutation.name])
        return
    old, new = (_codes(compile(source, path, "exec")) for source in (mutation.original, mutation.source))
    becomes = {(code.co_qualname, code.co_firstlineno): new.get(which) for which, code in old.items()}
    for function in functions:
        if _file(function.__code__.co_filename) == path:
            code = becomes.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
            function.__code__ = code or function.__code__


def _codes(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """Every code in it, by its name and which of that name it is."""
    found: dict[tuple[str, int], CodeType] = {}
    waiting = [code]
    for at in waiting:
        nth = sum(name == at.co_qualname for name, _ in found)
        found[at.co_qualname, nth] = at
        waiting.extend(const for const in at.co_consts if isinstance(const, CodeType))
    return found


def _say(what: str) -> None:
    sys.stdout.write(what)
    sys.stdout.flush()


def _file(name: str | None) -> str:
    return os.path.relpath(name) if name else ""


def changed_since(base: str) -> dict[str, set[int]]:
    """The lines of the rooms that differ from what they were at this commit."""
    command = ["git", "diff", "-U0", base, "--", *ROOMS]
    diff = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    changed: dict[str, set[int]] = defaultdict(set)
    path = ""
    for row in diff.splitlines():
        if row.startswith("+++ "):
            path = row.removeprefix("+++ b/")
        elif row.startswith("@@") and path.endswith(".py"):
            start, _, count = row.split()[2].removeprefix("+").partition(",")
            changed[path].update(range(int(start), int(start) + int(count or 1)))
    return changed


def tests_of(path: str) -> str:
    """The folder of tests that stands where the file stands."""
    return next(str(folder) for above in Path(path).parents if (folder := "tests" / above).is_dir())


def copy_to(copy: Path) -> None:
    """Every file that is, or may come, under version control, and what was compiled of them."""
    known = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], check=True, capture_output=True)
    compiled = [*Path("wording/locale").rglob("*.mo"), *Path("domain/routines").glob("*.json")]
    for path in {*map(Path, known.stdout.decode().split("\0")[:-1]), *compiled}:
        if path.is_file():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy / path)


def main(words: Sequence[str] | None = None) -> int:
    """0 where every mutant was noticed, 1 where one was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--base", default="origin/main", help="the commit since which lines have changed")
    parser.add_argument("--files", nargs="+", help="every line of these files instead")
    parser.add_argument("--tests", nargs="+", help="these, instead of the folder that stands where the file does")
    parser.add_argument("--sample", type=int, help="so many of the mutants, each time the same")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(FAILED))
    if asked.inside:
        return inside(json.loads(asked.inside), asked.tests)
    lines = dict.fromkeys(asked.files) if asked.files else changed_since(asked.base)
    found = [
        (path, number)
        for path, among in lines.items()
        for number, mutation in enumerate(mutations(Path(path).read_text()))
        if among is None or mutation.line in among
    ]
    if asked.sample and asked.sample < len(found):
        found = random.Random(1).sample(found, asked.sample)  # noqa: S311 - no secret
    by_tests: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for path, number in sorted(found):
        by_tests[tuple(asked.tests or [tests_of(path)])][path].append(number)
    if not found:
        _say(f"Nothing that could go wrong has changed since {asked.base}.\n")
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        copy_to(copy := Path(temporary).resolve() / "copy")
        environ = {**os.environ, "PYTHONPATH": str(copy)}
        for tests, numbers in by_tests.items():
            command = [sys.executable, "-m", "tests.mutants", "--inside", json.dumps(numbers), "--tests", *tests]
            with subprocess.Popen(command, cwd=copy, env=environ) as running:
                try:
                    failed |= running.wait() != 0
                finally:
                    running.terminate()
    return FAILED if failed else PASSED


def inside(numbers: dict[str, list[int]], tests: list[str]) -> int:
    """In the copy: try these mutants, by file and number."""
    _say(f"{' '.join(tests)}: {sum(map(len, numbers.values()))} mutants.\n")
    every = {path: list(mutations(Path(path).read_text())) for path in numbers}
    trial = Trial({path: [every[path][number] for number in some] for path, some in numbers.items()})
    how = ["-q", "-s", "-n", "0", "-p", "no:cacheprovider", "-m", "not long", "-k", "not postgresql"]
    ended = pytest.main([*how, *tests], [trial])
    _say(f"{' '.join(tests)}: {trial.noticed} mutants noticed, {len(trial.left)} left.\n")
    return FAILED if ended or trial.left else PASSED


if __name__ == "__main__":
    sys.exit(main())
