"""`keys`: the key that signs for the log."""

from pathlib import Path

from application.desk import Desk
from application.evidence import known_keys, origin
from cli.terminal.command import Command, Group, answer
from cli.terminal.options import Written
from cli.terminal.parameters import Argument
from domain.refusals import Invalid, NotFound
from domain.texts import N_
from infrastructure.integrity import keys as key_files


def _create(desk: Desk, file: str | None) -> None:
    _, settings = desk.texts.gettext, desk.settings
    path = Path(file) if file else settings.signing_key_file
    if not path:
        raise Invalid("no-key-file")
    key = key_files.create(path, origin(settings))
    said = _(
        "The key of {name} lies in {path}, which its owner alone can read. Give others this public key:\n{verifier}"
    )
    answer(
        {"name": key.name, "path": str(path), "verifier": str(key.verifier)},
        said.format(name=key.name, path=path, verifier=key.verifier),
    )


def _show(desk: Desk) -> None:
    known = known_keys(desk.settings)
    if not known:
        raise NotFound("no-signing-key")
    answer([{"name": key.name, "verifier": str(key)} for key in known], "\n".join(map(str, known)))


keys = Group(
    "keys",
    [
        Command(
            "create",
            _create,
            help=N_("Make the log's signing key in a new file. The key's name is the log's name for ever."),
            examples="reservrutin keys create /var/lib/reservrutin/signing.key",
            params=[Argument(["file"], metavar=N_("FILE"), required=False, type=Written())],
        ),
        Command("show", _show, help=N_("The public keys that are trusted here, as others give them to verify --key.")),
    ],
    help=N_("The key that signs for the log. It stands in a file, never in the database."),
    examples="reservrutin keys create /var/lib/reservrutin/signing.key\nreservrutin keys show",
)
