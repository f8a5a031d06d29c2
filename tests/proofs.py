"""Whether a proof holds, as RFC 9162 §2.1.3.2 and §2.1.4.2 have it checked: a second way to each of our roots."""

from collections.abc import Sequence

from domain.merkle import EMPTY, consistency, inclusion, node_hash


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
