"""`verify`: recompute everything from the first fact, and say what does not match."""

from base64 import b64encode
from typing import Any

import click

from application.desk import Desk
from application.evidence import as_json, known_keys, remembered
from application.kept_mails import witnesses
from cli.terminal.command import Command, answer
from cli.terminal.exit_codes import FINDINGS
from cli.terminal.lines import wrapped
from cli.terminal.options import Written
from cli.terminal.parameters import Option
from cli.terminal.witnessed import checked, problem_document, problem_text, progress, witness_document, witness_text
from domain.checkpoint import VerifierKey
from domain.texts import N_
from infrastructure.integrity.verifying import Verified
from infrastructure.integrity.verifying import verify as verified
from infrastructure.integrity.witnesses import Witness
from wording.words import Words


def _verify(desk: Desk, against: tuple[str, ...], keys: tuple[str, ...], bundle: str | None) -> int:
    settings = desk.settings
    seen = [witness for path in against for witness in witnesses(path)]
    known = known_keys(settings, keys)
    if bundle:
        return _verify_bundle(desk, bundle, known, seen)
    found = verified(desk.database, known, seen, remembered(settings), progress())
    words, keyed = desk.words, bool(known)
    answer(_document(found, keyed, words), _text(found, keyed, words))
    return FINDINGS if found.problems or found.clocks else 0


def _verify_bundle(desk: Desk, path: str, known: list[VerifierKey], seen: list[Witness]) -> int:
    """No log is needed for it, and none is opened."""
    from application.bundles import check
    from cli.terminal.bundled import bundle_code, bundle_document, bundle_lines

    checked = check(path, known, seen)
    answer(bundle_document(checked, desk.texts), "\n".join(bundle_lines(checked, desk.texts)))
    return bundle_code(checked)


def _document(found: Verified, keyed: bool, words: Words) -> dict[str, Any]:
    kept = found.checkpoint
    return {
        "ok": not (found.problems or found.clocks),
        "facts": None if found.is_cut_short else found.facts,
        "checked_by_database": found.is_checked,
        "root": b64encode(found.head.root).decode(),
        "checkpoint": as_json(kept) | {"signature": checked(found.signature, keyed=keyed)} if kept else None,
        "unseen": list(found.unseen),
        "unsealed": found.unsealed,
        "against": [witness_document(seen, keyed=keyed) for seen in found.witnesses],
        "problems": [problem_document(problem, words) for problem in [*found.problems, *found.clocks]],
    }


def _text(found: Verified, keyed: bool, words: Words) -> str:
    _, ngettext = words.gettext, words.ngettext
    lines = [problem_text(problem, words) for problem in [*found.problems, *found.clocks]]
    if found.is_cut_short:
        said = _("The database is damaged, and the rest could not be looked at: restore it from a backup.")
        return "\n".join(wrapped(line, 0) for line in [*lines, click.style(said, fg="red", bold=True)])
    if not found.is_checked:
        lines.append(_("The database's own check was not made: amcheck is not there, or this role may not use it."))
    lines += [witness_text(seen, words, keyed=keyed) for seen in found.witnesses]
    if found.checkpoint:
        signature = words.name(found.signature) if keyed else _("its signature was not checked")
        said = _("Newest checkpoint: up to position {size}, {signature}.").format(
            size=found.checkpoint.size, signature=signature
        )
        lines.append(said)
    else:
        lines.append(_("No checkpoint has been signed: nothing but the log itself says that it is whole."))
    if found.unsealed:
        said = ngettext(
            "{count} attempt to send mail is not sealed in the log yet: what it was, the ledger alone says.",
            "{count} attempts to send mail are not sealed in the log yet: what they were, the ledger alone says.",
            found.unsealed,
        )
        lines.append(said.format(count=found.unsealed))
    if found.unseen:
        said = _("Not looked at, because this database role may not read them: the rows of {tables}.")
        lines.append(said.format(tables=", ".join(found.unseen)))
    if not keyed:
        lines.append(_("No public key is known here: give one with --key, or set RESERVRUTIN_VERIFIER_KEYS."))
    facts = ngettext("{count} fact", "{count} facts", found.facts).format(count=found.facts)
    if count := len(found.problems) + len(found.clocks):
        wrong = ngettext("{count} thing does not match", "{count} things do not match", count).format(count=count)
        lines.append(click.style(f"{facts}: {wrong}.", fg="red", bold=True))
    else:
        lines.append(click.style(_("{facts}: everything matches.").format(facts=facts), fg="green", bold=True))
    return "\n".join(wrapped(line, 0) for line in lines)


verify = Command(
    "verify",
    _verify,
    help=N_(
        "Recompute the log's integrity from its first fact: bytes, order, clocks, hashes, checkpoints and their "
        "signatures, the read models, the registers and the ledger. Ends with 6 if anything does not match."
    ),
    examples=(
        "reservrutin verify\n"
        "reservrutin verify --against mail.eml\n"
        "reservrutin verify --against 2026-03-02.checkpoint --key driftlogg.example.se+1a2b3c4d+AW…\n"
        "reservrutin verify --bundle bevis.zip --key driftlogg.example.se+1a2b3c4d+AW…"
    ),
    params=[
        Option(
            ["--against"],
            multiple=True,
            type=Written(),
            metavar=N_("FILE"),
            help=N_("an old checkpoint, or a mail as it was received, that the log is to be an extension of"),
        ),
        Option(
            ["--bundle"],
            type=Written(),
            metavar=N_("FILE"),
            help=N_("an evidence bundle instead of the log: 6 if it is wrong, 1 if not all of it could be checked"),
        ),
        Option(
            ["--key", "keys"], multiple=True, type=Written(), metavar=N_("KEY"), help=N_("a public key that is trusted")
        ),
    ],
)
