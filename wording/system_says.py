"""Why a file or a line is not to be had, said in English by the system or by us: told in the reader's words."""

from domain.texts import N_
from wording.words import Texts

_SAYS = frozenset({
    N_("Address already in use"),
    N_("Broken pipe"),
    N_("Cannot assign requested address"),
    N_("Connection refused"),
    N_("Disk quota exceeded"),
    N_("File exists"),
    N_("File name too long"),
    N_("Input/output error"),
    N_("Is a directory"),
    N_("Name or service not known"),
    N_("No space left on device"),
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Operation not permitted"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("Too many open files"),
    N_("no signing key"),
})  # fmt: skip


def said(problem: str, texts: Texts) -> str:
    """What is not listed, another system's answer or another program's, stays as it came. One line."""
    problem = " ".join(problem.split())
    return texts.gettext(problem) if problem in _SAYS else problem
