"""The program as it is, on a clock that runs faster: `python -m tests.chaos.hurried worker`.

Leases and waits are minutes by design. Every process of a chaos run shares one clock that runs CHAOS_SPEED times
as fast since CHAOS_EPOCH (seconds, UTC), so that nothing in the program need be changed to be tried in minutes.
"""

import os
import sys
import time
from datetime import UTC, datetime

from cli.app import run
from cli.desk import Desk
from infrastructure.settings import load


class HurriedDesk(Desk):
    def now(self) -> datetime:
        epoch, speed = float(os.environ["CHAOS_EPOCH"]), float(os.environ["CHAOS_SPEED"])
        return datetime.fromtimestamp(epoch + (time.time() - epoch) * speed, UTC)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], HurriedDesk(load())))
