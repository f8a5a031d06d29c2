"""The tree: the published vectors, the RFC's own definition, another implementation, and every small forgery."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proofbundle import merkle as theirs

from domain.merkle import (
    EMPTY,
    CompactRange,
    consistency,
    hashes_of,
    inclusion,
    leaf_hash,
    node_hash,
)
from tests.proofs import is_extension, is_included

LEAVES = [bytes.fromhex(leaf) for leaf in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Of the first 0, 1, … 8 leaves: the vectors that Certificate Transparency's implementations share."""

leaf_lists = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


def tree(leaves: Sequence[bytes]) -> bytes:
    """The root as RFC 9162 §2.1.1 defines it, by recursion."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(tree(leaves[:half]), tree(leaves[half:]))


def hashed(leaves: Sequence[bytes]) -> list[bytes]:
    return [leaf_hash(leaf) for leaf in leaves]


def proof_of_inclusion(leaves: Sequence[bytes], number: int) -> list[bytes]:
    path = inclusion(number, len(leaves))
    found = hashes_of(path, hashed(leaves))
    return [found[which] for which in path]


def proof_of_consistency(leaves: Sequence[bytes], old: int) -> list[bytes]:
    path = consistency(old, len(leaves))
    found = hashes_of(path, hashed(leaves))
    return [found[which] for which in path]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots(size: int) -> None:
    assert CompactRange().extended(hashed(LEAVES[:size])).root.hex() == ROOTS[size]


def test_the_published_proofs() -> None:
    first = ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]  # fmt: skip
    assert [node.hex() for node in proof_of_inclusion(LEAVES, 0)] == first
    assert [node.hex() for node in proof_of_inclusion(LEAVES, 5)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [node.hex() for node in proof_of_consistency(LEAVES, 1)] == first
    assert [node.hex() for node in proof_of_consistency(LEAVES[:5], 2)] == [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]


@given(leaf_lists, st.data())
def test_appending_in_any_portions_gives_the_defined_root(leaves: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(leaves)))
    part = CompactRange().extended(hashed(leaves[:cut]))
    kept = CompactRange.from_bytes(part.size, bytes(part))
    assert kept.root == tree(leaves[:cut])
    assert kept.extended(hashed(leaves[cut:])).root == tree(leaves)


@given(leaf_lists, st.data())
def test_every_leaf_is_proved_and_nothing_else_is(leaves: list[bytes], data: st.DataObject) -> None:
    size, root = len(leaves), tree(leaves)
    number = data.draw(st.integers(0, size - 1))
    leaf, proof = leaf_hash(leaves[number]), proof_of_inclusion(leaves, number)
    assert is_included(leaf, number, size, proof, root)
    assert not is_included(leaf_hash(leaves[number] + b"!"), number, size, proof, root)
    assert not is_included(leaf, number, size, [*proof, root], root)
    assert not is_included(leaf, number, size, proof, leaf_hash(root))
    for other in {number - 1, number + 1, size + number} - {number}:
        assert not is_included(leaf, other, size, proof, root) or leaves[other] == leaves[number]
    for place in range(len(proof)):
        wrong = [*proof[:place], leaf_hash(proof[place]), *proof[place + 1 :]]
        assert not is_included(leaf, number, size, wrong, root)
        assert not is_included(leaf, number, size, [*proof[:place], *proof[place + 1 :]], root)


@given(leaf_lists, st.data())
def test_a_log_extends_what_it_was_and_nothing_else(leaves: list[bytes], data: st.DataObject) -> None:
    size, root = len(leaves), tree(leaves)
    old = data.draw(st.integers(0, size))
    was, proof = tree(leaves[:old]), proof_of_consistency(leaves, old)
    assert is_extension(old, size, proof, was, root)
    if old:
        changed = data.draw(st.integers(0, old - 1))
        polished = [*leaves[:changed], leaves[changed] + b"!", *leaves[changed + 1 :]]
        assert not is_extension(old, size, proof_of_consistency(polished, old), was, tree(polished))
        assert not is_extension(old, size, proof, leaf_hash(was), root)
        assert not is_extension(old, size, proof, was, leaf_hash(root))
    assert not is_extension(old, size, [*proof, root], was, root)
    assert not is_extension(size + 1, size, proof, was, root)
    for place in range(len(proof)):
        wrong = [*proof[:place], leaf_hash(proof[place]), *proof[place + 1 :]]
        assert not is_extension(old, size, wrong, was, root)


def test_a_frontier_that_does_not_fit_its_size_is_none() -> None:
    with pytest.raises(ValueError, match="one hash for each bit"):
        CompactRange(3, (EMPTY,))
    with pytest.raises(ValueError, match="whole hashes"):
        CompactRange.from_bytes(1, b"short")


@given(leaf_lists, st.data())
def test_another_implementation_agrees(leaves: list[bytes], data: st.DataObject) -> None:
    size, root = len(leaves), tree(leaves)
    number, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert theirs.merkle_tree_hash(leaves) == root
    assert theirs.inclusion_proof(leaves, number) == proof_of_inclusion(leaves, number)
    assert theirs.consistency_proof(leaves, old) == proof_of_consistency(leaves, old)
    assert is_included(leaf_hash(leaves[number]), number, size, theirs.inclusion_proof(leaves, number), root)
    assert is_extension(old, size, theirs.consistency_proof(leaves, old), tree(leaves[:old]), root)
