"""The tree over the log's facts (RFC 9162 §2.1): what proves that none was changed, removed or slipped in.

A fact's stored bytes are a leaf. Sizes count leaves; positions in the log count from 1, leaves from 0. Everything is
pure: leaves come in as hashes, in the order of the log.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH = 32
"""Bytes of a hash."""

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""

Range = tuple[int, int]
"""The leaves from the first up to, but not with, the second: a subtree."""


def leaf_hash(stored: bytes) -> bytes:
    """The hash of a leaf; never that of a node, which begins with another byte."""
    return sha256(b"\x00" + stored).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """As much of a tree as it takes to append to it and to know its root: its largest whole subtrees, left to right."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError unless there is a hash for each whole subtree of a tree of this size."""
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("a frontier has one hash for each bit of its size")

    @classmethod
    def from_bytes(cls, size: int, stored: bytes) -> "Frontier":
        """Raises ValueError for bytes that are no frontier of this size."""
        if len(stored) % HASH:
            raise ValueError("a frontier is whole hashes")
        return cls(size, tuple(stored[place : place + HASH] for place in range(0, len(stored), HASH)))

    def __bytes__(self) -> bytes:
        return b"".join(self.hashes)

    def extended(self, leaves: Iterable[bytes], formed: Callable[[Range, bytes], None] | None = None) -> "Frontier":
        """The frontier with these leaves' hashes appended; `formed` is told of every whole subtree on the way."""
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
        return Frontier(size, tuple(hashes))

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


def inclusion(leaf: int, size: int) -> list[Range]:
    """The subtrees whose hashes prove that this leaf is in a tree of this size, the leaf's neighbour first."""
    return _path(leaf, (0, size)) if 0 <= leaf < size else []


def consistency(old: int, size: int) -> list[Range]:
    """The subtrees whose hashes prove that a tree of this size begins with one of the `old` size."""
    return _subproof(old, (0, size), whole=True) if 0 < old <= size else []


def hashes_of(ranges: Collection[Range], leaves: Iterable[bytes]) -> dict[Range, bytes]:
    """The hash of each of these subtrees of the tree of all the leaves, in one pass that keeps nothing else."""
    wanted, found = set(ranges), {}

    def keep(which: Range, node: bytes) -> None:
        if which in wanted:
            found[which] = node

    whole = Frontier().extended(leaves, keep)
    for first, end in wanted - found.keys():  # what the right edge cuts off
        if end == whole.size:
            found[first, end] = whole.root_from(first)
    return found


def is_included(leaf: bytes, number: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf with this hash is number `number` in the tree with this root."""
    if not 0 <= number < size or len(proof) != len(inclusion(number, size)):
        return False
    node, at, last = leaf, number, size - 1
    for sibling in proof:
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    return node == root


def is_extension(old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> bool:
    """Whether the proof shows that the tree with `root` begins with all the leaves of the one with `old_root`."""
    if not 0 <= old <= size or len(proof) != len(consistency(old, size)):
        return False
    if old in (0, size):
        return old_root == (root if old else EMPTY)
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first, *rest = proof if at else (old_root, *proof)
    was, now = first, first
    for sibling in rest:
        if at & 1 or at == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        at, last = at >> 1, last >> 1
    return was == old_root and now == root


def _split(which: Range) -> int:
    """Where a tree of these leaves parts: its left half is the largest whole one that is smaller than itself."""
    first, end = which
    return first + (1 << (end - first - 1).bit_length() - 1)


def _path(leaf: int, tree: Range) -> list[Range]:
    first, end = tree
    if end - first == 1:
        return []
    middle = _split(tree)
    if leaf < middle:
        return [*_path(leaf, (first, middle)), (middle, end)]
    return [*_path(leaf, (middle, end)), (first, middle)]


def _subproof(old: int, tree: Range, *, whole: bool) -> list[Range]:
    """As RFC 9162 §2.1.4.1 has it; `whole` while the old tree is still the left part of the new one itself."""
    first, end = tree
    if old == end:
        return [] if whole else [tree]
    middle = _split(tree)
    if old <= middle:
        return [*_subproof(old, (first, middle), whole=whole), (middle, end)]
    return [*_subproof(old, (middle, end), whole=False), (first, middle)]
