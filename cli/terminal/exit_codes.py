"""What a command ends with: the contract's exit codes."""

from domain.refusals import Damaged, Invalid, NotAdmitted, NotAuthorised, NotFound, PersonalData, Refusal, Unavailable

EXIT_CODES: dict[type[Refusal], int] = {
    Invalid: 2,
    NotFound: 3,
    NotAuthorised: 4,
    NotAdmitted: 5,
    PersonalData: 7,
    Unavailable: 75,
    Damaged: 1,
}

FINDINGS = 6
"""Nothing went wrong, and something was found that is not as it should be."""

INTERRUPTED = 130
"""Stopped by Ctrl-C. `record` has then written nothing, unless it was stopped twice."""


def exit_code(refusal: Refusal) -> int:
    return EXIT_CODES.get(type(refusal), 1)
