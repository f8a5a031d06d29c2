"""A signed note is found again in whatever is left of the mail that carried it."""

import textwrap
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.checkpoint import Checkpoint, Signature, VerifierKey, signature_line, signature_of
from domain.merkle import leaf_hash
from domain.notes_in_text import notes_in
from infrastructure.integrity.keys import verify

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = VerifierKey("logg.example.se/sesam", PRIVATE.public_key().public_bytes_raw())


def signed(size: int) -> str:
    checkpoint = Checkpoint(KEY.name, size, leaf_hash(b"%d" % size))
    return f"{checkpoint.text}\n{signature_line(KEY, PRIVATE.sign(checkpoint.text.encode()))}"


NOTE = signed(7)
MAIL = f"Hej,\n\nallt är i drift igen.\n\n-- \nSå stod loggen:\n\n{NOTE}\nAvsluta: https://example.se/a=b\n"


def wrapped(width: int) -> Callable[[str], str]:
    return lambda text: "\n".join("\n".join(textwrap.wrap(line, width)) for line in text.splitlines())


def quoted(marks: str) -> Callable[[str], str]:
    return lambda text: "\n".join(marks + line for line in text.splitlines())


@pytest.mark.parametrize(
    "mangled",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", " \n"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("\n", " "),
        lambda text: text.replace(" ", "\xa0"),
        lambda text: text.replace(KEY.name, f"{KEY.name} <http://{KEY.name}>"),
        lambda text: text.replace("— ", "\ufeff— \u200b"),
        quoted("> "),
        quoted(">"),
        quoted("> >> | "),
        *(wrapped(width) for width in (40, 72, 76, 78)),
        lambda text: quoted("> ")(wrapped(72)(text)),
        lambda text: wrapped(72)(quoted("> > ")(text)),
        *(lambda text, dash=dash: text.replace("— ", dash) for dash in ("", "? ", "- ", "â€” ", "\x97 ", "\ufffd ")),
    ],
)  # fmt: skip
def test_a_note_is_found_whatever_became_of_the_text_around_it(mangled: Callable[[str], str]) -> None:
    assert list(notes_in(mangled(MAIL))) == [NOTE]
    assert signature_of(NOTE, [KEY], verify) is Signature.VALID


def test_every_note_of_an_answer_is_found() -> None:
    older = quoted("> ")(f"Hej\n\n{signed(3)}")
    assert list(notes_in(f"{NOTE}\n\nDen 2 mars skrev loggen:\n{older}")) == [NOTE, signed(3)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hej\n5\n\n",
        NOTE.partition("\n\n")[0],
        NOTE.replace(KEY.name, "två ord"),
        NOTE[:-20],
        NOTE.replace("\n7\n", "\n07\n"),
        "A" * 5000 + " " + "A b " * 5000,
    ],
)
def test_what_is_no_note_is_none(text: str) -> None:
    assert list(notes_in(text)) == []


def test_what_was_changed_is_found_as_it_stands() -> None:
    [found] = notes_in(NOTE.replace("\n7\n", "\n8\n"))
    assert signature_of(found, [KEY], verify) is Signature.FORGED
