"""The program as it is, on a clock that runs faster: `python -m tests.chaos.hurried worker`.

Leases and waits are minutes by design. Every process of a chaos run shares one clock that runs CHAOS_SPEED times
as fast since CHAOS_EPOCH (seconds, UTC), so that nothing in the program need be changed to be tried in minutes. What
the program sleeps between two renewals of its leases is shortened alike, else they would run out in its hands.
"""

import importlib
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from application.desk import Desk
from application.settings import load
from cli.app import run

SLEPT = (("application.worker.round", "RENEWED_EVERY"),)
"""Spans, by module and name, that the program sleeps by the machine's clock."""


class HurriedDesk(Desk):
    def now(self) -> datetime:
        epoch, speed = float(os.environ["CHAOS_EPOCH"]), float(os.environ["CHAOS_SPEED"])
        return datetime.fromtimestamp(epoch + (time.time() - epoch) * speed, UTC)

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.now


def hurry() -> None:
    for module, name in SLEPT:
        place = importlib.import_module(module)
        if hasattr(place, name):  # not before leases are renewed
            setattr(place, name, getattr(place, name) / float(os.environ["CHAOS_SPEED"]))


if __name__ == "__main__":
    if "worker" in sys.argv:
        hurry()
    sys.exit(run(sys.argv[1:], HurriedDesk(load())))
