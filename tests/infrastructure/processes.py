"""Real second processes: each opens the database for itself, and all begin at the same moment."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import TypeVar

T = TypeVar("T")

if "forkserver" in multiprocessing.get_all_start_methods():
    CONTEXT: multiprocessing.context.BaseContext = multiprocessing.get_context("forkserver")
    CONTEXT.set_forkserver_preload(["tests.infrastructure.work"])
else:
    CONTEXT = multiprocessing.get_context("spawn")
PATIENCE = 300


def all_at_once(work: Callable[..., T], each: Sequence[tuple[object, ...]]) -> list[T]:
    """What `work` answered to each of these arguments, every one in a process of its own."""
    start = CONTEXT.Barrier(len(each))
    running = []
    for arguments in each:
        ours, theirs = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=_answer, args=(start, theirs, work, arguments))  # type: ignore[attr-defined]
        process.start()
        theirs.close()
        running.append((process, ours))
    answers: list[T] = []
    for process, ours in running:
        assert ours.poll(PATIENCE), "a process never answered"
        answer = ours.recv()
        process.join(PATIENCE)
        ours.close()
        if isinstance(answer, BaseException):
            raise answer
        answers.append(answer)
    return answers


@contextmanager
def told_until_it_ends(
    work: Callable[..., None], *arguments: object
) -> Iterator[tuple[multiprocessing.process.BaseProcess, Iterator[str]]]:
    """A process that does `work`, and what it says into the pipe that is its first argument, to its last whole word."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=work, args=(theirs, *arguments))  # type: ignore[attr-defined]
    process.start()
    theirs.close()
    try:
        yield process, _heard(ours)
    finally:
        process.kill()
        process.join(PATIENCE)
        ours.close()


def _heard(pipe: Connection) -> Iterator[str]:
    with suppress(EOFError, OSError):
        while pipe.poll(PATIENCE):
            yield pipe.recv()


def _answer(start: Barrier, pipe: Connection, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    start.wait(PATIENCE)
    try:
        pipe.send(work(*arguments))
    except BaseException as error:
        pipe.send(AssertionError(f"{type(error).__name__}: {error}"))
