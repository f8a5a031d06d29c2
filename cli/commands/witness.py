"""`witness read`: any number of old mails, held against the log at once."""

from typing import Any

import click

from application.desk import Desk
from application.evidence import known_keys, remembered
from application.kept_mails import KeptMails, read
from cli.terminal.command import Command, Group, answer
from cli.terminal.exit_codes import FINDINGS
from cli.terminal.lines import wrapped
from cli.terminal.options import Written
from cli.terminal.parameters import Argument, Option
from cli.terminal.witnessed import erased_text, problem_document, problem_text, progress, witness_document, witness_text
from domain.checkpoint import Signature
from domain.refusals import Invalid
from domain.texts import N_
from infrastructure.integrity.verifying import Verified, verify
from infrastructure.integrity.witnesses import Witness
from wording.system_says import said
from wording.words import Words


def _read(desk: Desk, paths: tuple[str, ...], keys: tuple[str, ...]) -> int:
    kept = read(paths)
    if not kept.witnesses and not kept.unreadable:
        raise Invalid("no-witness", path=", ".join(paths))
    known = known_keys(desk.settings, keys)
    found = verify(desk.database, known, kept.witnesses, remembered(desk.settings), progress())
    answer(_document(found, kept, desk.words, keyed=bool(known)), _text(found, kept, desk.words, keyed=bool(known)))
    return FINDINGS if found.problems or found.clocks else 0


def _document(found: Verified, kept: KeptMails, words: Words, *, keyed: bool) -> dict[str, Any]:
    return {
        "ok": not (found.problems or found.clocks),
        "facts": None if found.is_cut_short else found.facts,
        "mails": [witness_document(seen, keyed=keyed) for seen in found.witnesses],
        "without": kept.without,
        "unreadable": [{"file": name, "problem": problem} for name, problem in kept.unreadable.items()],
        "problems": [problem_document(problem, words) for problem in [*found.problems, *found.clocks]],
    }


def _text(found: Verified, kept: KeptMails, words: Words, *, keyed: bool) -> str:
    _ = words.gettext
    lines = [_line(seen, words, keyed=keyed) for seen in found.witnesses]
    lines += [_("{name}: carries no checkpoint.").format(name=name) for name in kept.without]
    unreadable = _("{name}: can't be read ({problem}).")
    lines += [unreadable.format(name=name, problem=said(problem, words)) for name, problem in kept.unreadable.items()]
    lines += [problem_text(problem, words) for problem in [*found.problems, *found.clocks]]
    if not keyed:
        lines.append(_("No public key is known here: give one with --key, or set RESERVRUTIN_VERIFIER_KEYS."))
    lines.append(_verdict(found, words))
    return "\n".join(wrapped(line, 0) for line in lines)


def _line(seen: Witness, words: Words, *, keyed: bool) -> str:
    """What is as it should be is soon said, for there may be hundreds."""
    if not (seen.extends and seen.signature is Signature.VALID):
        return witness_text(seen, words, keyed=keyed)
    _ = words.gettext
    said = _("{name}: signed up to position {size}, the log extends it.")
    return said.format(name=seen.name, size=seen.checkpoint.size) + erased_text(seen, words)


def _verdict(found: Verified, words: Words) -> str:
    """What all of them say together: only what a known key has signed counts."""
    _, ngettext = words.gettext, words.ngettext
    if found.is_cut_short:
        said = _("The database is damaged, and the rest could not be looked at: restore it from a backup.")
        return click.style(said, fg="red", bold=True)
    if count := len(found.problems) + len(found.clocks):
        wrong = ngettext("{count} thing does not match", "{count} things do not match", count).format(count=count)
        return click.style(f"{wrong}.", fg="red", bold=True)
    sizes = [seen.checkpoint.size for seen in found.witnesses if seen.extends and seen.signature is Signature.VALID]
    if not sizes:
        return click.style(_("Nothing is proved: none of it is signed by a key that is known."), bold=True)
    said = ngettext(
        "{count} signed checkpoint, and the log extends it: its first {size} facts are what they were then.",
        "{count} signed checkpoints, and the log extends them all: its first {size} facts are what they were then.",
        len(sizes),
    )
    return click.style(said.format(count=len(sizes), size=max(sizes)), fg="green", bold=True)


witness = Group(
    "witness",
    [
        Command(
            "read",
            _read,
            help=N_(
                "Hold the log against old mails: files (.eml, .msg, text), mailboxes (mbox), Maildirs and folders of "
                "them, also mails that were quoted, wrapped or saved as UTF-16. Ends with 6 if anything does not match."
            ),
            examples="reservrutin witness read ~/Maildir\nreservrutin witness read 2026-03-02.eml svar.msg",
            params=[
                Argument(["paths"], nargs=-1, required=True, metavar=N_("PATH…"), type=Written()),
                Option(
                    ["--key", "keys"],
                    multiple=True,
                    type=Written(),
                    metavar=N_("KEY"),
                    help=N_("a public key that is trusted"),
                ),
            ],
        )
    ],
    help=N_("Whoever keeps a mail from the log is its witness."),
    examples="reservrutin witness read ~/Maildir",
)
