"""Where `verify` says that something is wrong: the position, the entry, the row in its sentence are the right ones.

The log: a subscriber, an outage (2026-0001) and a note, another outage (2026-0002) and a note, a correction and the end
of the first, a colleague; signed for after the third, the sixth and the eighth.
"""

import re

import pytest

from cli.terminal.witnessed import problem_text
from domain.routine_document import builtin
from tests.conftest import SQLITE
from tests.infrastructure.told import Told
from wording.words import Words, catalogue

ENGLISH = Words(catalogue("en"), "en", builtin())
NOT_SIGNED = "is not what was signed for then; which of them can't be told."
NUMBERS = re.compile(r"-?[0-9]+")
COPY_OF_5 = "SELECT {position}, incident, {entry}, fact, bytes, {command} FROM facts WHERE position = 5"


@pytest.mark.parametrize("original", [SQLITE], indirect=True)
@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (
            "DELETE FROM facts WHERE position = 6",
            {
                "Position 6: Facts are missing, up to position 6.",
                "Position 7: 2026-0001 has entry 4 where entry 3 was to come.",
                "The tree has leaves of facts that are not there (1).",
            },
        ),
        ("DELETE FROM facts WHERE position IN (5, 6)", {"Position 5: Facts are missing, up to position 6."}),
        ("DELETE FROM facts WHERE position > 6", {"Position 7: Facts are missing, up to position 8."}),
        (
            "DELETE FROM facts WHERE position = 8",
            {
                "Position 8: Facts are missing, up to position 8.",
                "Position 8: The tree has leaves of facts that are not there (1).",
            },
        ),
        (
            "UPDATE facts SET position = 11 WHERE position = 8",
            {
                "Position 8: Facts are missing, up to position 10.",
                "Position 9: The facts from here to position 11 are not in the tree.",
            },
        ),
        *(
            (
                f"UPDATE facts SET position = {none} WHERE position = 1",
                {
                    f"Position {none}: A fact stands at a position that is none ({none}).",
                    "Position 1: Facts are missing, up to position 1.",
                },
            )
            for none in (0, -7)
        ),
        (
            "DELETE FROM leaves WHERE position = 4",
            {"Position 4: The fact was not written by this program: it is no leaf of the tree."},
        ),
        (
            "UPDATE leaves SET hash = (SELECT hash FROM leaves WHERE position = 5) WHERE position = 4",
            {"Position 4: The fact's bytes are not those that were written, or its leaf is not."},
        ),
        (
            "UPDATE facts SET entry = 7 WHERE position = 5",
            {
                "Position 5: 2026-0002 has entry 7 where entry 2 was to come.",
                "Position 5: The column entry says something else than the fact's bytes.",
            },
        ),
        (
            "UPDATE facts SET command_id = 'x', incident = '2026-0001' WHERE position = 5",
            {
                "Position 5: The column command_id says something else than the fact's bytes.",
                "Position 5: The column incident says something else than the fact's bytes.",
                "Position 5: 2026-0001 has entry 2 where entry 3 was to come.",
            },
        ),
        (
            "UPDATE facts SET bytes = x'7b7d' WHERE position = 4",
            {
                "Position 4: The fact's bytes can't be read.",
                f"Position 4: Something between positions 4 and 6 {NOT_SIGNED}",
            },
        ),
        (
            "UPDATE facts SET bytes = x'7b7d' WHERE position = 7",
            {f"Position 7: Something between positions 7 and 8 {NOT_SIGNED}"},
        ),
        (
            f"INSERT INTO facts {COPY_OF_5.format(position=9, entry='entry', command='command_id')}",
            {
                "Position 9: The same command has written twice.",
                "Position 9: 2026-0002 has entry 2 where entry 3 was to come.",
                "Position 9: The facts from here to position 9 are not in the tree.",
            },
        ),
        (
            "INSERT INTO leaves SELECT 12, hash FROM leaves WHERE position = 3",
            {"Position 12: The tree has leaves of facts that are not there (1)."},
        ),
        (
            "UPDATE incidents SET status = 'closed'",
            {
                "Position 5: The board's row of 2026-0002 is not what the facts make it.",
                "Position 7: The board's row of 2026-0001 is not what the facts make it.",
            },
        ),
        (
            "DELETE FROM attempts",
            {"Position 7: Delivery 3 is said to be sent at a moment when no attempt was accepted."},
        ),
        (
            "UPDATE deliveries SET state = 'refused' WHERE id = 3",
            {
                "Position 7: Delivery 3 is said to have ended otherwise than its attempts say.",
                "Row 3 of deliveries is not as this program wrote it.",
            },
        ),
        (
            "UPDATE deliveries SET message_id = 'x' WHERE id = 2",
            {"Position 4: Delivery 2 has a Message-ID that is not its own."},
        ),
        ("UPDATE attempts SET delivery = 99 WHERE id = 2", {"Attempt 2 is of no delivery, or ended as none can."}),
        ("DELETE FROM attempts WHERE id = 2", {"Attempts are missing among those that are not sealed yet: 2."}),
        (
            "UPDATE checkpoints SET root = x'00' WHERE size = 6",
            {"Position 6: Checkpoint 6 says something else in its note than beside it."},
        ),
        (
            "UPDATE tracking SET problem = 'x' WHERE projection = 'board'",
            {"Position 8: The read model board says that it is stuck, and is not."},
        ),
        (
            "UPDATE tracking SET position = 3 WHERE projection = 'outbox'",
            {
                "Position 4: Delivery 2 is of a fact that nobody has planned for yet.",
                "Position 7: Delivery 3 is of a fact that nobody has planned for yet.",
            },
        ),
    ],
)
def test_verify_names_the_very_place(told: Told, harm: str, said: set[str]) -> None:
    told.stranger(harm)
    lines = [problem_text(problem, ENGLISH) for problem in told.verified().problems]
    assert said <= set(lines), lines
    kinds = {NUMBERS.sub("", line) for line in said}
    assert {line for line in lines if NUMBERS.sub("", line) in kinds} == said, "and no other place"


@pytest.mark.parametrize("original", [SQLITE], indirect=True)
def test_what_is_stuck_and_says_so_is_accused_of_nothing(told: Told) -> None:
    told.stranger("INSERT OR REPLACE INTO tracking VALUES ('clock', 7, 'RuntimeError: trasig')")
    assert told.verified().problems == []
