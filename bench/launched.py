"""`python bench/launched.py FILE COMMAND…` runs a command and prints its seconds, its processor's seconds, its peak
memory and its exit code.

A process of its own, and a small one: Linux counts a parent's memory as its child's from before the child has begun.
What the command says goes to the file.
"""

import os
import sys
import time

FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def main() -> None:
    said, program, *arguments = sys.argv[1:]
    redirected = [(os.POSIX_SPAWN_OPEN, 1, said, FLAGS, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)]
    began = time.perf_counter()
    pid = os.posix_spawn(program, [program, *arguments], os.environ, file_actions=redirected)
    _pid, status, used = os.wait4(pid, 0)
    took = time.perf_counter() - began
    print(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
