"""A checkpoint: how large the log was and what its root was, signed so that it can be shown to others.

The text is C2SP's tlog-checkpoint in its signed-note: origin, size and root, an empty line, a line for each
signature. How a signature is made or checked is handed in: a key is no matter of the domain.
"""

import re
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from domain.merkle import HASH
from domain.refusals import Invalid
from domain.texts import N_
from domain.vocabulary import Word

ED25519 = b"\x01"
"""The kind of signature, as signed-note numbers them."""

SIGNED = "— "
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")


class Signature(Word):
    """What the signatures on a checkpoint say."""

    VALID = "valid", N_("signed by a known key")
    FORGED = "forged", N_("a known key's signature does not hold")
    UNKNOWN = "unknown", N_("signed by no known key")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How large the log was, and its root then. `origin` says which log it is."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name of the log whose checkpoints it signs."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature says whose it is."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode()}"


Verify = Callable[[VerifierKey, bytes, bytes], bool]
"""Whether the second bytes are this key's signature of the first."""


def key_name(name: str) -> str:
    """The name, if it can be one. Raises Invalid."""
    if not name or "+" in name or any(c.isspace() or unicodedata.category(c)[0] == "C" for c in name):
        raise Invalid("log-origin", name=name)
    return name


def parse_key(text: str) -> VerifierKey:
    """A key as `keys show` prints it. Raises Invalid."""
    name, _, rest = text.strip().partition("+")
    id_, _, coded = rest.partition("+")
    try:
        material = b64decode(coded, validate=True)
        key = VerifierKey(key_name(name), material[1:])
        if material[:1] != ED25519 or len(key.public) != 32 or key.id.hex() != id_:
            raise ValueError("not an Ed25519 key")
    except ValueError as error:
        raise Invalid("verifier-key", text=text.strip()) from error
    return key


def signature_line(key: VerifierKey, signature: bytes) -> str:
    return f"{SIGNED}{key.name} {b64encode(key.id + signature).decode()}\n"


def parse(note: str) -> tuple[Checkpoint, list[tuple[str, bytes, bytes]]]:
    """The checkpoint that a note holds, and its signatures: whose, by which key id, and the signature itself.

    Raises Invalid for a text that is no such note.
    """
    text, parted, signatures = note.rpartition("\n\n")
    lines = f"{text}\n".split("\n")
    try:
        origin, size, coded = lines[:3]
        root = b64decode(coded, validate=True)
        if not parted or not _NUMBER.fullmatch(size) or len(root) != HASH:
            raise ValueError("no checkpoint")
        if lines[3:] != [""] or not signatures.endswith("\n"):
            raise ValueError("more than a checkpoint")
        found = [_signature(line) for line in signatures.removesuffix("\n").split("\n")]
    except (ValueError, NotBase64) as error:
        raise Invalid("checkpoint") from error
    return Checkpoint(key_name(origin), int(size), root), found


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, coded = line.removeprefix(SIGNED).partition(" ")
    signed = b64decode(coded, validate=True)
    if not line.startswith(SIGNED) or not name or "+" in name or len(signed) < 5:
        raise ValueError("no signature")
    return name, signed[:4], signed[4:]


def signature_of(note: str, keys: Iterable[VerifierKey], verify: Verify) -> Signature:
    """Whether a known key has signed this note. Others' signatures are passed over. Raises Invalid for no note."""
    checkpoint, signatures = parse(note)
    known = {(key.name, key.id): key for key in keys}
    held = [
        verify(known[name, id_], checkpoint.text.encode(), signature)
        for name, id_, signature in signatures
        if (name, id_) in known
    ]
    if not all(held):
        return Signature.FORGED
    ours = any((name, id_) in known and name == checkpoint.origin for name, id_, _ in signatures)
    return Signature.VALID if ours else Signature.UNKNOWN
