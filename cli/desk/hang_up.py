"""A terminal that goes away while somebody draws for it: Textual then waits for ever to be read, and reads without a
pause. The signal that tells of it comes to a loop that comes to nothing any more."""

import os
import select
import sys
import threading
import time


def end_with_terminal(within: int) -> None:
    """End this process by force so many seconds after its terminal has gone, if it has not ended by then. What was
    typed has been kept, key by key. A console on Windows ends its programs itself."""
    if sys.platform != "win32" and hasattr(select, "poll"):
        threading.Thread(target=_end, args=(sys.stdin.fileno(), within), daemon=True).start()


def _end(terminal: int, within: int) -> None:
    if sys.platform != "win32":
        watching = select.poll()
        watching.register(terminal, 0)  # nothing but its end
        watching.poll()
        time.sleep(within)
        os._exit(1)
