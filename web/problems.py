"""What a page says where a request came to nothing: what happened, and what to do instead."""

from domain.texts import N_

PROBLEMS = {
    400: (N_("That could not be read"), N_("Go back, fill the form in again and send it once more.")),
    404: (N_("There is no such page"), N_("Check the address, or begin at the first page.")),
    405: (N_("That can't be done with this page"), N_("Begin at the first page.")),
    413: (N_("That was too much"), N_("Go back and send the form with shorter text.")),
    415: (N_("That could not be read"), N_("Go back, fill the form in again and send it once more.")),
    429: (
        N_("Too many have asked just now"),
        N_("Nothing was changed. Try again in an hour."),
    ),
    503: (
        N_("The page can't be reached just now"),
        N_("Try again in a while. If you pressed a button it may have been done: to press it again does no harm."),
    ),
}
"""A title and a sentence, by status. Of a log whose answer was lost (503) nobody knows what it has done."""

OUR_FAULT = (N_("Something went wrong"), N_("The fault is ours. Try again in a while."))


def problem_of(status: int) -> tuple[str, str]:
    return PROBLEMS.get(status, OUR_FAULT)
