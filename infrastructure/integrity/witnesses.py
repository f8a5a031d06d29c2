"""What others have kept of the log, held against what the log is now.

Only what a trusted key has signed bears witness. Anybody can write down a size and a root; where they fit the log that
does no harm, and where they do not it is no finding. Two that the same key has signed and that no one log can have are
the key's fault, or its thief's: they say so of each other, whatever the log is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.checkpoint import Checkpoint, Signature, VerifierKey, parse, signature_of
from domain.refusals import Refusal
from infrastructure.integrity.checkpoints import StoredCheckpoint
from infrastructure.integrity.keys import verify
from infrastructure.integrity.problems import Problem


@dataclass(frozen=True, slots=True)
class Witness:
    """What somebody outside the log holds: a checkpoint, and what its signatures say. `note` is empty where only the
    size and root have come down. `extends` is whether the log's first facts are what it saw; `proof` shows it. The
    rest is what the mail says of itself, where it was one: its Message-ID, to whom it went, its Date, and as of when
    the log held no more than the checkpoint (both aware)."""

    name: str
    checkpoint: Checkpoint
    note: str = ""
    signature: Signature = Signature.UNKNOWN
    extends: bool = False
    proof: tuple[bytes, ...] = ()
    message_id: str = ""
    reader: str = ""
    date: datetime | None = None
    as_of: datetime | None = None
    delivery: int | None = None
    """The ledger's, where that knows the mail."""
    reader_is_erased: bool = False

    @property
    def proves_nothing(self) -> bool:
        """It does not fit the log, or is not what was signed, and nobody who is trusted has said it."""
        return not self.extends and self.signature is not Signature.VALID


@dataclass(frozen=True, slots=True)
class _Signed:
    """A checkpoint that a trusted key has signed. `name` is the witness's, empty for one that the log keeps."""

    name: str
    checkpoint: Checkpoint
    is_of_the_log: bool
    """Whether the log's first facts are what it saw: then they also say what every smaller one has to be."""

    def contradicts(self, other: Checkpoint, roots: Mapping[int, bytes]) -> bool:
        own = self.checkpoint
        if own.origin != other.origin:
            return False
        if own.size == other.size:
            return own.root != other.root
        return self.is_of_the_log and own.size > other.size and roots.get(other.size, other.root) != other.root


def hold(
    witnesses: Sequence[Witness],
    kept: Sequence[StoredCheckpoint],
    keys: Sequence[VerifierKey],
    roots: Mapping[int, bytes],
    last: int,
) -> Iterator[tuple[Witness, list[Problem]]]:
    """Each witness with whether the log extends what it saw, and what is wrong if it does not.

    `roots` are those of the log by its size, `last` its last position; no root is known beyond a gap.
    """
    seen = [replace(one, signature=signature(one.note, keys), extends=_fits(one.checkpoint, roots))
            for one in witnesses]  # fmt: skip
    agreed = max((size for size, root in _seen(kept, seen) if roots.get(size) == root), default=0)
    at_odds = any(not (witness.extends or witness.proves_nothing) for witness in seen)
    signed = [*_signed_in(kept, keys, roots), *_signed_by(seen)] if at_odds else []
    for witness in seen:
        found = [] if witness.extends else list(_problems(witness, signed, agreed, roots, last))
        if witness.signature is Signature.FORGED:  # it says nothing of the log, only of itself
            witness, found = replace(witness, extends=False), [Problem(None, "witness-forged", {"name": witness.name})]
        yield witness, found


def signed_twice(
    kept: Sequence[StoredCheckpoint], keys: Sequence[VerifierKey], roots: Mapping[int, bytes]
) -> Iterator[Problem]:
    """That two checkpoints which the log itself keeps are of two logs, though one key has signed both."""
    if all(roots.get(one.size, one.root) == one.root for one in kept):
        return
    signed = list(_signed_in(kept, keys, roots))
    for one in signed:
        for other in signed:
            if not one.is_of_the_log and other.contradicts(one.checkpoint, roots):
                sizes = {"size": one.checkpoint.size, "other": other.checkpoint.size}
                yield Problem(one.checkpoint.size, "kept-otherwise", sizes | {"log": one.checkpoint.origin})
                return


def _problems(
    witness: Witness, signed: Sequence[_Signed], agreed: int, roots: Mapping[int, bytes], last: int
) -> Iterator[Problem]:
    size, name = witness.checkpoint.size, witness.name
    if witness.proves_nothing:
        return
    if size > last:
        yield Problem(last + 1, "missing", {"until": size})
    elif size not in roots:
        yield Problem(None, "witness-beyond-a-gap", {"name": name})
    else:
        first = agreed + 1 if agreed < size else None
        yield Problem(first, "other-than-witness", {"first": first or 1, "until": size, "name": name})
    for other in signed:
        if other.contradicts(witness.checkpoint, roots):
            said = {"name": name, "other": other.name, "size": other.checkpoint.size, "log": other.checkpoint.origin}
            yield Problem(None, "signed-twice" if other.name else "signed-otherwise", said)
            return


def _fits(checkpoint: Checkpoint, roots: Mapping[int, bytes]) -> bool:
    return roots.get(checkpoint.size) == checkpoint.root


def _seen(kept: Sequence[StoredCheckpoint], witnesses: Sequence[Witness]) -> Iterator[tuple[int, bytes]]:
    yield from ((one.size, one.root) for one in kept)
    yield from ((one.checkpoint.size, one.checkpoint.root) for one in witnesses)


def _signed_in(
    kept: Sequence[StoredCheckpoint], keys: Sequence[VerifierKey], roots: Mapping[int, bytes]
) -> Iterator[_Signed]:
    for one in kept:
        if signature(one.note, keys) is Signature.VALID:
            checkpoint = parse(one.note)[0]
            yield _Signed("", checkpoint, _fits(checkpoint, roots))


def _signed_by(witnesses: Sequence[Witness]) -> Iterator[_Signed]:
    for one in witnesses:
        if one.signature is Signature.VALID:
            yield _Signed(one.name, one.checkpoint, one.extends)


def signature(note: str, keys: Sequence[VerifierKey]) -> Signature:
    """What the signatures on a note say, whatever has become of it; of no note, that no known key has signed it."""
    try:
        return signature_of(note, keys, verify) if note else Signature.UNKNOWN
    except Refusal:
        return Signature.FORGED
