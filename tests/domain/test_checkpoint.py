"""Checkpoints as C2SP writes them down: the published note and key, another implementation, and what is none."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from proofbundle import checkpoint as theirs

from domain.checkpoint import (
    Checkpoint,
    Signature,
    VerifierKey,
    parse,
    parse_key,
    signature_line,
    signature_of,
)
from domain.merkle import EMPTY
from domain.refusals import Invalid
from infrastructure.integrity.keys import verify

# The key and the note that the format's first implementation is documented with.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED_SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = VerifierKey("logg.example.se/sesam", PRIVATE.public_key().public_bytes_raw())
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")
OTHER_KEY = VerifierKey("vittne.example.se", OTHER.public_key().public_bytes_raw())


def signed(checkpoint: Checkpoint, key: VerifierKey = KEY, private: Ed25519PrivateKey = PRIVATE) -> str:
    return f"{checkpoint.text}\n{signature_line(key, private.sign(checkpoint.text.encode()))}"


NOTE = signed(Checkpoint(KEY.name, 5, EMPTY))


def test_the_published_key_and_signature() -> None:
    from base64 import b64decode

    key = parse_key(PUBLISHED_KEY)
    assert (str(key), key.id.hex()) == (PUBLISHED_KEY, "c74f20a3")
    raw = b64decode(PUBLISHED_SIGNATURE.split()[-1])
    assert raw[:4] == key.id
    assert verify(key, PUBLISHED_TEXT.encode(), raw[4:])
    assert not verify(key, PUBLISHED_TEXT.upper().encode(), raw[4:])
    assert signature_line(key, raw[4:]) == PUBLISHED_SIGNATURE


@given(st.integers(1, 10**15), st.binary(min_size=32, max_size=32))
def test_another_implementation_agrees_on_what_is_signed_and_how(size: int, root: bytes) -> None:
    ours = signed(Checkpoint(KEY.name, size, root))
    assert theirs.sign_checkpoint(KEY.name, size, root, PRIVATE, KEY.name) == ours
    found = theirs.verify_checkpoint(ours, str(KEY))
    assert found["ok"]
    assert theirs.vkey(KEY.name, KEY.public) == str(KEY)
    checkpoint, _ = parse(ours)
    assert (checkpoint.size, checkpoint.root) == (size, root)
    assert signature_of(ours, [KEY], verify) is Signature.VALID


def test_signatures_of_others_are_passed_over_and_those_of_known_keys_must_hold() -> None:
    witnessed = NOTE + signature_line(OTHER_KEY, OTHER.sign(Checkpoint(KEY.name, 5, EMPTY).text.encode()))
    assert signature_of(witnessed, [KEY], verify) is Signature.VALID
    assert signature_of(witnessed, [KEY, OTHER_KEY], verify) is Signature.VALID
    assert signature_of(witnessed, [], verify) is Signature.UNKNOWN
    assert signature_of(witnessed, [OTHER_KEY], verify) is Signature.UNKNOWN, "a witness does not speak for the log"
    assert signature_of(witnessed.replace("\n5\n", "\n6\n"), [KEY], verify) is Signature.FORGED
    crossed = NOTE + signature_line(OTHER_KEY, PRIVATE.sign(b"x"))
    assert signature_of(crossed, [KEY, OTHER_KEY], verify) is Signature.FORGED


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a\n5\n",
        NOTE.rstrip("\n"),
        NOTE.replace("\n5\n", "\n05\n"),
        NOTE.replace("\n5\n", "\n-5\n"),
        NOTE.replace("\n5\n", "\n٥\n"),
        NOTE.replace("— ", "-- "),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("\n\n", "\nextra\n\n"),
        NOTE.replace("logg.example.se/sesam\n", "logg example\n", 1),
        NOTE.replace("\n", "\r\n"),
        NOTE.split("\n\n")[0] + "\n\n",
        NOTE.split("\n\n")[0] + "\n\n— x AAAA\n",
        NOTE.replace("47DEQpj8", "47DEQpj!"),
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(Invalid):
        parse(note)


@pytest.mark.parametrize("text", [
    "", "a", "a+b", PUBLISHED_KEY[:-1], PUBLISHED_KEY.replace("c74f", "c74e"), PUBLISHED_KEY.replace("+ARpc", "+AhpC"),
    PUBLISHED_KEY.replace("PeterNeumann", "Peter Neumann"), "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
])  # fmt: skip
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="verifier-key"):
        parse_key(text)
