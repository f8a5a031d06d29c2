"""What a witness of the log is found to say: as a line, and as JSON."""

import sys
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import click

from cli.terminal.command import wants_json
from cli.terminal.lines import is_plain
from domain.checkpoint import Signature
from infrastructure.integrity.problems import Problem
from infrastructure.integrity.witnesses import Witness
from wording.sentences import told
from wording.words import Words


def progress() -> Callable[[int], None] | None:
    """How far the log has been read, on a terminal alone and once there is something to wait for."""
    if wants_json() or is_plain() or not sys.stderr.isatty():
        return None

    def tell(count: int) -> None:
        click.echo(f"\r{count}\r", err=True, nl=False)

    return tell


def witness_text(seen: Witness, words: Words, *, keyed: bool) -> str:
    """`keyed`: whether any key is known that its signature could be checked with."""
    _ = words.gettext
    if seen.proves_nothing:
        said = _("{name}: proves nothing. It does not fit the log, and no key that is trusted here has signed it.")
        if not seen.note:
            said = _("{name}: proves nothing. It does not fit the log, and of its checkpoint nothing signed is left.")
        elif not keyed:
            said = _("{name}: proves nothing yet. It does not fit the log, and no key is known to check it with.")
        elif seen.signature is Signature.FORGED:
            said = _("{name}: proves nothing of the log. A known key's signature on it does not hold.")
    elif seen.extends:
        said = _("{name}: the log extends what it saw, up to position {size}.")
    else:
        said = _("{name}: the log does NOT extend what it saw, up to position {size}.")
    signature = "" if seen.proves_nothing or not (keyed and seen.note) else f" ({words.name(seen.signature)})"
    return said.format(name=seen.name, size=seen.checkpoint.size) + signature + erased_text(seen, words)


def erased_text(seen: Witness, words: Words) -> str:
    """That the reader can't be held against the mail any more."""
    said = words.gettext("The ledger has it as delivery {id}; its reader has been erased since.")
    return " " + said.format(id=seen.delivery) if seen.reader_is_erased else ""


def witness_document(seen: Witness, *, keyed: bool) -> dict[str, Any]:
    return {
        "file": seen.name,
        "size": seen.checkpoint.size,
        "root": b64encode(seen.checkpoint.root).decode(),
        "signature": checked(seen.signature, keyed=keyed) if seen.note else None,
        "extended": seen.extends,
        "proves_nothing": seen.proves_nothing,
        "delivery": seen.delivery,
        "reader_erased": seen.reader_is_erased,
        "consistency": [b64encode(node).decode() for node in seen.proof],
    }


def checked(signature: Signature, *, keyed: bool) -> str:
    return signature.value if keyed else "unchecked"


def problem_text(problem: Problem, words: Words) -> str:
    _ = words.gettext
    said = told(problem.reason, words, **problem.data)
    return said if problem.position is None else _("Position {position}: {what}").format(
        position=problem.position, what=said
    )  # fmt: skip


def problem_document(problem: Problem, words: Words) -> dict[str, Any]:
    return {
        "position": problem.position,
        "table": problem.data.get("table"),
        "row": problem.data.get("row"),
        "rows": problem.data.get("rows"),
        "reason": problem.reason,
        "problem": told(problem.reason, words, **problem.data),
    }
