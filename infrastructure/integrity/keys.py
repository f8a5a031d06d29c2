"""The log's signing key: one file that its owner alone can read. It never enters the database.

Beside it the newest checkpoint that it has signed is remembered: so a log that was put back from an older backup
is not signed for as if nothing had been. `cryptography` is imported when a key is used.
"""

import contextlib
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from domain.checkpoint import ED25519, VerifierKey, key_name, parse_key, signature_line
from domain.refusals import Damaged, Invalid, NotAdmitted

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_BEGINS = "PRIVATE+KEY+"
_SEED = 32
SIGNED = ".signed"
"""Ends the name of the file that remembers what was signed last. It is no secret, nor is the public key's."""
PUBLIC = ".pub"


@dataclass(frozen=True)
class SigningKey:
    """A private key with the name of its log, and where it lies."""

    path: Path
    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey({str(self.path)!r}, {self.name!r})"

    @cached_property
    def _private(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw())

    def note(self, text: str) -> str:
        """The text as a note signed by this key."""
        return f"{text}\n{signature_line(self.verifier, self._private.sign(text.encode()))}"

    def last_signed(self) -> str | None:
        """The newest checkpoint's note that this key has signed, None if it has signed none. Raises Damaged."""
        return last_signed(self.path)

    def remember(self, note: str) -> None:
        """Durably, before anybody sees it. Raises Damaged where that can't be written."""
        remembered = _beside(self.path, SIGNED)
        new = _beside(self.path, SIGNED + ".new")
        try:
            _write_for_all(new, note)
            new.replace(remembered)
        except OSError as error:
            raise Damaged("key-memory", path=str(remembered), problem=_why(error)) from error


def last_signed(path: Path) -> str | None:
    """What the key in this file has signed last, also for whoever can't read the key itself. Raises Damaged."""
    remembered = _beside(path, SIGNED)
    try:
        return remembered.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Damaged("key-memory", path=str(remembered), problem=_why(error)) from error


def public_key(path: Path) -> VerifierKey:
    """The public half of the key in this file, also for whoever can't read the key itself. Raises Invalid."""
    try:
        return parse_key(_beside(path, PUBLIC).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return read(path).verifier


def is_readable(path: Path) -> bool:
    """Whether this person may sign with the key; where it is missing or open to others `read` says so."""
    return not path.exists() or os.access(path, os.R_OK)


def _why(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def create(path: Path, name: str) -> SigningKey:
    """Make a new key in a new file. Raises NotAdmitted if there is a file already, Invalid for a name that is none."""
    key = SigningKey(path, key_name(name), os.urandom(_SEED))
    text = f"{_BEGINS}{name}+{key.verifier.id.hex()}+{b64encode(ED25519 + key.seed).decode()}\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        if path.exists():
            raise NotAdmitted("key-exists", path=str(path)) from error
        raise Invalid("key-file", path=str(path), problem=_why(error)) from error
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _write_for_all(_beside(path, PUBLIC), f"{key.verifier}\n")
    return key


def _write_for_all(path: Path, text: str) -> None:
    """Durably, and whatever the umask to be read by all who get into the folder: they verify by it."""
    with path.open("w", encoding="utf-8") as file:
        path.chmod(0o644)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> SigningKey:
    """The key in this file. Raises Invalid if it is none, or if others than its owner can read it."""
    try:
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise Invalid("key-open-to-others", path=str(path))
            text = file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("key-file", path=str(path), problem=_why(error)) from error
    with contextlib.suppress(ValueError):
        name, id_, coded = text.removeprefix(_BEGINS).split("+", 2)
        material = b64decode(coded, validate=True)
        key = SigningKey(path, key_name(name), material[1:])
        if text.startswith(_BEGINS) and material[:1] == ED25519 and key.verifier.id.hex() == id_:
            return key
    raise Invalid("key-file", path=str(path), problem="no signing key")


def verify(key: VerifierKey, text: bytes, signature: bytes) -> bool:
    """Whether this is the key's signature of the text."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True
