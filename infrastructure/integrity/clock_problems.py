"""Where the clocks that facts were recorded by do not agree with the order in which the log was written.

Nothing needs to have been altered for it: so it is told beside what does not match.
"""

from collections.abc import Iterable, Iterator

from domain.checkpoint import Signature
from domain.clock_order import Seen, runs, set_back
from infrastructure.database.backend import Connection
from infrastructure.integrity.problems import Problem
from infrastructure.integrity.witnesses import Witness
from infrastructure.log.clocks import timed


def clock_problems(connection: Connection, witnesses: Iterable[Witness]) -> Iterator[Problem]:
    """Of the whole log, and of what mails that a trusted key has signed had seen of it."""
    signed = (one for one in witnesses if one.extends and one.signature is Signature.VALID)
    seen = [Seen(one.checkpoint.size, one.as_of, one.name) for one in signed if one.as_of]
    for run in runs(set_back(timed(connection), seen)):
        first, count = run[0], len(run)
        said = {"recorded_at": first.recorded_at, "newest": first.newest, "after": first.after}
        if count > 1:
            said |= {"count": count, "until": run[-1].position}
        if first.mail:
            said["mail"] = first.mail
        yield Problem(first.position, REASONS[count > 1, bool(first.mail)], said)


REASONS = {
    (False, False): "clock-set-back",
    (True, False): "clocks-set-back",
    (False, True): "clock-before-mail",
    (True, True): "clocks-before-mail",
}
