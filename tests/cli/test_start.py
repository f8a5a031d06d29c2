"""What a command loads on its way: no more than its work needs, and whatever comes in is named.

Loading is most of what a command costs. Each list says why the module is there; one that is not listed fails the test
by its name. Take it off the hot path (an import inside the one function that needs it), or list it with a reason that
the person at the telephone would accept.
"""

import os
import subprocess
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("reservrutin")
OURS = ("application", "cli", "domain", "infrastructure", "notifiers", "reservrutin", "web", "wording")

TELL_WHAT_WAS_LOADED = """
import atexit, sys
already = set(sys.modules)
told, script, *words = sys.argv[1:]
sys.argv = [script, *words]
atexit.register(lambda: open(told, "w").write("\\n".join(set(sys.modules) - already)))
exec(compile(open(script).read(), script, "exec"))
"""
"""The console script as it stands, which leaves a note of its modules on the way out."""

HELP = {
    "click": "parses every command line",
    "reservrutin.__main__": "the console script",
    "cli.__main__": "a command's beginning and end",
    "cli.app": "finds the command",
    "cli.terminal.command": "what all commands have in common",
    "cli.terminal.streams": "output that can't be written",
    "cli.terminal.screen": "the program alone is the desk, where there is a screen",
    "application.desk": "what a command opens, opened when it is used",
    "wording.words": "the help is in Swedish",
    "wording.catalogue": "the Swedish texts, each where it stands",
    "cli.terminal.parameters": "options in the words of whoever asks",
    "cli.terminal.lines": "the help is wrapped",
    "cli.terminal.option_names": "an option has a Swedish name, too",
    "domain.refusals": "a setting may be wrong",
    "domain.texts": "marks what is translated",
    "application.settings": "the language may stand there",
}
READING = HELP | {
    "pydantic": "a stored fact is checked as it is read",
    "pydantic_core": "pydantic's own",
    "annotated_types": "pydantic's own",
    "typing_extensions": "pydantic's own",
    "typing_inspection": "pydantic's own",
    "application.board_notes": "what is said below the board",
    "application.documents": "the JSON contract",
    "cli.terminal.colours": "what stands out",
    "application.incidents": "which incident is meant",
    "cli.terminal.options": "a time and a text on the command line",
    "cli.terminal.named": "a value that has a name",
    "cli.terminal.incident_number": "which incident it is about",
    "cli.commands.board": "the commands board and show",
    "cli.terminal.clock": "whoever looks is told of a clock that is off",
    "domain.clock_order": "by how much it may be",
    "infrastructure.log.pulse": "whether it is",
    "cli.terminal.standing": "an incident in a terminal's lines",
    "wording.facts": "names, listed",
    "wording.naming": "a value is taken by its name",
    "wording.marked": "what stands out, and why",
    "wording.sentences": "flags in people's words",
    "wording.standing": "the lines of an incident",
    "wording.times": "times as people read them",
    "application.authority": "what is theirs to do hangs on who looks",
    "cli.terminal.login": "who looks",
    "infrastructure.registers.staff": "in which functions they look",
    "domain.personal_data": "which holds no personnummer",
    "domain.callers": "what to tell callers",
    "wording.callers": "in the routine's own sentences",
    "domain.whose_turn": "what others are waited for",
    "domain.conditions": "what deadlines hang on",
    "domain.course": "an incident gone through once",
    "domain.durations": "the routine's deadlines",
    "domain.fact": "what a fact is",
    "domain.facts": "the facts",
    "domain.history": "corrections, and the order things happened in",
    "domain.incident": "the incident as it stands",
    "domain.judging": "how a duty fares",
    "domain.review": "what is due",
    "domain.routine": "by which routine",
    "domain.routine_document": "the routine is read",
    "domain.verdict": "what a verdict is",
    "domain.versions": "which version of it",
    "domain.vocabulary": "the words of all of these",
    "infrastructure.database.faults": "whose an error of it is",
    "infrastructure.database.backend": "what is asked of either database",
    "infrastructure.read_models.board": "which incidents are open",
    "infrastructure.read_models.catch_up": "the board is brought up to the newest fact",
    "infrastructure.log.codec": "stored bytes to facts",
    "infrastructure.log.snapshots": "how far a long incident had come",
    "infrastructure.log.streams": "which facts are an incident's",
    "infrastructure.database.database": "the log",
    "infrastructure.log.histories": "an incident's facts",
    "infrastructure.log.routines": "the versions that the log has adopted",
    "infrastructure.database.sqlite_checksums": "the driver's connection, which keeps checksums of rows",
    "infrastructure.database.row_checksums": "the checksum of a row",
    "infrastructure.database.sqlite": "the driver",
    "infrastructure.outbox.figures": "the board says how much mail waits",
}
RECORDING = READING | {
    "eventsourcing": "the event store by which facts are written",
    "application.authority": "who may record",
    "application.recording": "the door to record by",
    "cli.commands.record": "the command record",
    "cli.terminal.login": "who records",
    "cli.terminal.interrupts": "Ctrl-C beside a fact that is being written",
    "cli.terminal.first_log": "whether it is the first fact of all",
    "cli.terminal.acknowledged": "what was written, in lines",
    "cli.terminal.questions": "what would be flagged is asked before it is written",
    "cli.terminal.suggestion": "the command that comes next",
    "domain.acts": "how it would be recorded, if it would be admitted",
    "domain.admission": "the incident admits the fact or refuses it",
    "domain.merkle": "the tree over the facts",
    "domain.presumed": "what the fact takes for granted",
    "infrastructure.log.fact_store": "appends the fact",
    "infrastructure.log.event_store": "what the event store's library asks for",
    "infrastructure.log.incident_log": "the one door to write by",
    "infrastructure.registers.staff": "who may record",
    "infrastructure.log.tree": "the fact's leaf, in its own transaction",
}

HEAVY = {
    "asyncio", "concurrent.futures", "ctypes", "difflib", "email", "http", "importlib.metadata", "importlib.resources",
    "logging", "multiprocessing", "pickle", "socket", "ssl", "subprocess", "tempfile", "unittest", "xml", "zipfile",
}  # fmt: skip
"""Of the standard library, what none of these commands has any use for."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A log with one outage, and nothing set but where such things lie."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RESERVRUTIN_")}
    kept |= {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    opens = ["record", "outage-detected", "--scope", "all-users", "--system", "sesam-s2"]
    subprocess.run([PROGRAM, *opens], env=kept, check=True, capture_output=True)
    return kept


def loaded(environment: dict[str, str], tmp_path: Path, *words: str) -> set[str]:
    note = tmp_path / "loaded.txt"
    script = [sys.executable, "-c", TELL_WHAT_WAS_LOADED, str(note), str(PROGRAM), *words]
    answered = subprocess.run(script, env=environment, check=True, capture_output=True, text=True)
    assert answered.stdout, answered.stderr
    return set(note.read_text(encoding="utf-8").split())


def crept_in(found: Collection[str], listed: Iterable[str]) -> set[str]:
    """Our own modules and other people's packages that are not listed, and what of the standard library is heavy."""
    ours = {name for name in found if name.split(".")[0] in OURS and "." in name}
    tops = {name for name in found if "." not in name and not name.startswith("_sysconfigdata")}
    others = tops - set(OURS) - sys.stdlib_module_names
    heavy = {name for name in found if name in HEAVY}
    folders = {name.rpartition(".")[0] for name in listed}
    return (ours | others | heavy) - set(listed) - folders - set(OURS)


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        ("--help", HELP),
        ("board", READING),
        ("board --json", READING),
        ("show", READING),
        ("record callers-informed --count 3", RECORDING),
        ("record service-restored --system sesam-s2 --json", RECORDING),
    ],
)
def test_a_command_loads_what_its_work_needs_and_nothing_else(
    words: str, listed: dict[str, str], environment: dict[str, str], tmp_path: Path
) -> None:
    found = crept_in(loaded(environment, tmp_path, *words.split()), listed)
    assert not found, f"reservrutin {words} loads {', '.join(sorted(found))}, which its work does not need"


def test_the_tab_key_loads_no_more_than_a_help_text(environment: dict[str, str], tmp_path: Path) -> None:
    typed = {"_RESERVRUTIN_COMPLETE": "bash_complete", "COMP_WORDS": "reservrutin ", "COMP_CWORD": "1"}
    assert not crept_in(loaded(environment | typed, tmp_path), HELP | {"cli.terminal.bash": "as bash is answered"})


def test_what_creeps_in_is_named() -> None:
    assert crept_in(
        {"click.core", "cli.app", "cli.commands.worker", "sqlalchemy", "sqlalchemy.orm", "ssl", "json"}, HELP
    ) == {
        "cli.commands.worker",
        "sqlalchemy",
        "ssl",
    }


def test_nothing_is_listed_that_no_command_loads(environment: dict[str, str], tmp_path: Path) -> None:
    found = loaded(environment, tmp_path, "record", "callers-informed") | loaded(environment, tmp_path, "board")
    assert set(RECORDING) <= found
