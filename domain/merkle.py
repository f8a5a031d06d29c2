"""The tree over the log's facts (RFC 9162 §2.1): what proves that none was changed, removed or slipped in.

A fact's stored bytes are a leaf. Sizes count leaves; positions in the log count from 1, leaves from 0. Everything is
pure: leaves come in as hashes, in the order of the log.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256

HASH = 32
"""Bytes of a hash."""

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""

Subtree = tuple[int, int]
"""The leaves from the first up to, but not with, the second."""


def leaf_hash(stored: bytes) -> bytes:
    """The hash of a leaf; never that of a node, which begins with another byte."""
    return sha256(b"\x00" + stored).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """As much of a tree as it takes to append to it and to know its root: its largest whole subtrees, left to right."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError unless there is a hash for each whole subtree of a tree of this size."""
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("a compact range has one hash for each bit of its size")

    @classmethod
    def from_bytes(cls, size: int, stored: bytes) -> "CompactRange":
        """Raises ValueError for bytes that are no compact range of this size."""
        if len(stored) % HASH:
            raise ValueError("a compact range is whole hashes")
        return cls(size, tuple(stored[place : place + HASH] for place in range(0, len(stored), HASH)))

    def __bytes__(self) -> bytes:
        return b"".join(self.hashes)

    def extended(
        self, leaves: Iterable[bytes], formed: Callable[[Subtree, bytes], None] | None = None
    ) -> "CompactRange":
        """With these leaves' hashes appended; `formed` is called with every whole subtree on the way and its hash."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            node, width = leaf, 1
            if formed:
                formed((size, size + 1), node)
            while size & width:
                node = sha256(b"\x01" + hashes.pop() + node).digest()
                width <<= 1
                if formed:
                    formed((size + 1 - width, size + 1), node)
            hashes.append(node)
            size += 1
        return CompactRange(size, tuple(hashes))

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        return self.root_from(0)

    def root_from(self, first: int) -> bytes:
        """The hash of the subtree from this leaf, at which a whole subtree begins, to the end."""
        begins, found = self.size, EMPTY
        for place, node in enumerate(reversed(self.hashes)):
            begins -= begins & -begins
            if begins < first:
                break
            found = node_hash(node, found) if place else node
        return found


def inclusion(leaf: int, size: int) -> list[Subtree]:
    """The subtrees whose hashes prove that this leaf is in a tree of this size, the leaf's neighbour first."""
    return _path(leaf, (0, size)) if 0 <= leaf < size else []


def consistency(old: int, size: int) -> list[Subtree]:
    """The subtrees whose hashes prove that a tree of this size begins with one of the `old` size."""
    return _subproof(old, (0, size), whole=True) if 0 < old <= size else []


def hashes_of(subtrees: Collection[Subtree], leaves: Iterable[bytes]) -> dict[Subtree, bytes]:
    """The hash of each of these subtrees of the tree of all the leaves, in one pass that keeps nothing else."""
    wanted, found = set(subtrees), {}

    def keep(which: Subtree, node: bytes) -> None:
        if which in wanted:
            found[which] = node

    whole = CompactRange().extended(leaves, keep)
    for first, end in wanted - found.keys():  # what the right edge cuts off
        if end == whole.size:
            found[first, end] = whole.root_from(first)
    return found


def _split(which: Subtree) -> int:
    """Where a tree of these leaves parts: its left half is the largest whole one that is smaller than itself."""
    first, end = which
    return first + (1 << (end - first - 1).bit_length() - 1)


def _path(leaf: int, tree: Subtree) -> list[Subtree]:
    first, end = tree
    if end - first == 1:
        return []
    middle = _split(tree)
    if leaf < middle:
        return [*_path(leaf, (first, middle)), (middle, end)]
    return [*_path(leaf, (middle, end)), (first, middle)]


def _subproof(old: int, tree: Subtree, *, whole: bool) -> list[Subtree]:
    """As RFC 9162 §2.1.4.1 has it; `whole` while the old tree is still the left part of the new one itself."""
    first, end = tree
    if old == end:
        return [] if whole else [tree]
    middle = _split(tree)
    if old <= middle:
        return [*_subproof(old, (first, middle), whole=whole), (middle, end)]
    return [*_subproof(old, (middle, end), whole=False), (first, middle)]
