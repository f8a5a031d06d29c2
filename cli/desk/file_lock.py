"""A file that one process at a time has, until it closes it or ends, however it ends."""

import sys
from io import FileIO

if sys.platform == "win32":
    import msvcrt

    BEYOND = 1 << 30
    """The octet that is locked: nobody else may read one that is, so it is none that anybody writes."""

    def lock(file: FileIO, *, wait: bool) -> None:
        """Raises OSError where another has it, after ten seconds if it waits."""
        file.seek(BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def lock(file: FileIO, *, wait: bool) -> None:
        """Raises OSError where another has it, unless it waits."""
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
