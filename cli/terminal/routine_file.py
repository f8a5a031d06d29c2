"""A routine document that somebody names on the command line."""

from datetime import datetime
from pathlib import Path

from domain.refusals import Invalid, PersonalData
from domain.routine import Routine
from domain.routine_document import parse
from wording.routine_problems import problems_of
from wording.words import Texts


def read(path: str) -> str:
    """A routine's text. Raises Invalid if the file can't be read."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise Invalid("routine-file-missing", path=path) from error
    except IsADirectoryError as error:
        raise Invalid("routine-file-folder", path=path) from error
    except UnicodeDecodeError as error:
        raise Invalid("routine-file-text", path=path) from error
    except (OSError, ValueError) as error:
        raise Invalid("routine-file", path=path) from error


def draft(path: str, texts: Texts, now: datetime) -> tuple[Routine, str]:
    """The routine in this file, and its text. Raises Invalid or PersonalData with the first thing that is wrong."""
    text = read(path)
    for problem in problems_of(text, texts, now):
        if problem.personal:
            raise PersonalData("routine-personal-data", path=path, line=problem.line)
        raise Invalid("routine", path=path, line=problem.line, problem=problem.text.removesuffix("."))
    return parse(text), text
