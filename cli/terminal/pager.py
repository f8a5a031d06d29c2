"""Answers that are longer than the screen, leafed through there with the reader's own program: PAGER, else `less`."""

import os

import click

from cli.terminal.interrupts import not_heeded

LESS = {"LESS": "-FRX", "LESSCHARSET": "utf-8"}
"""As git has it, where nobody has said otherwise: colours are shown, what was read stays on the screen, and å is a
letter in any locale."""


def leaf_through(text: str) -> None:
    """Until whoever reads leaves it; Ctrl-C belongs to the pager meanwhile, and what the command ends with is as ever.

    Printed as it is where there is no pager. Raises cli.terminal.streams.Unshown where that can't be done.
    """
    for name, value in LESS.items():
        os.environ.setdefault(name, value)
    with not_heeded():
        click.echo_via_pager(text)
