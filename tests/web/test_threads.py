"""The threads that speak with the log leave it one after another, each once."""

import time
from threading import get_ident

from web.threads import AT_ONCE, LogThreads


def test_each_thread_leaves_once_and_none_while_another_does() -> None:
    """SQLite's last connection puts all of the log into the one file: two at once each take the other for one that
    stays."""
    leaving: list[int] = []
    left: list[int] = []

    def leave() -> None:
        leaving.append(get_ident())
        time.sleep(0.02)
        assert leaving == [get_ident()]
        left.append(leaving.pop())

    LogThreads(leave).close()
    assert len(set(left)) == len(left) == AT_ONCE
