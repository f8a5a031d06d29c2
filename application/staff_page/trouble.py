"""What stands in place of a page that can't be shown: what is wrong, and what to do instead."""

from dataclasses import dataclass
from datetime import datetime

from domain.refusals import Invalid, NotAuthorised, NotFound, Refusal, Unavailable
from domain.texts import N_
from wording.sentences import sentence
from wording.times import clock
from wording.words import Texts, Words

NOT_SEEN, NO_PAGE, ONLY_READ, ANOTHER_NAME, OUR_FAULT, AWAY = 403, 404, 405, 421, 500, 503

TITLES = {
    NOT_SEEN: N_("You may not see this"),
    NO_PAGE: N_("There is no such page"),
    ONLY_READ: N_("Here you can only read"),
    ANOTHER_NAME: N_("This page has another address"),
    OUR_FAULT: N_("Something went wrong"),
    AWAY: N_("The log does not answer"),
}
SAID = {
    NOT_SEEN: N_("The proxy in front does not say who you are: log in anew, or tell whoever runs it."),
    NO_PAGE: N_("Begin with the board, or with all incidents."),
    ONLY_READ: N_("Nothing is taken in here: the pages are asked for with GET."),
    ANOTHER_NAME: N_("It answers to 127.0.0.1 and localhost, also to a proxy on this machine."),
    OUR_FAULT: N_("Something is wrong in reservrutin itself: the server's own log says more."),
    AWAY: N_("What is written is kept. Go on with paper, and look here again in a moment."),
}
"""By the status of the answer."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """`status` is HTTP's. The page comes back by itself where the trouble may pass."""

    status: int
    title: str
    said: str

    @property
    def may_pass(self) -> bool:
        return self.status == AWAY


def trouble(status: int, texts: Texts, said: str = "") -> Trouble:
    """Of this status, in its usual words or in these."""
    known = status if status in TITLES else OUR_FAULT
    return Trouble(status, texts.gettext(TITLES[known]), said or texts.gettext(SAID[known]))


def refused(refusal: Refusal, words: Words, read_at: datetime | None) -> Trouble:
    """Why the page was not shown. The log was last read at `read_at` (aware)."""
    if isinstance(refusal, Unavailable) or refusal.reason == "no-log":
        since = words.gettext("The log was last read {time}.").format(time=clock(read_at)) if read_at else ""
        return trouble(AWAY, words, " ".join(filter(None, (since, words.gettext(SAID[AWAY])))))
    status = {NotFound: NO_PAGE, Invalid: NO_PAGE, NotAuthorised: NOT_SEEN}.get(type(refusal), OUR_FAULT)
    return trouble(status, words, sentence(refusal, words))
