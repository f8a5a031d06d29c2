"""What stands in a link, so that whoever has the mail can do what it says, and nobody else: 130 random bits.

The registers keep a token's SHA-256, so that whoever can read them can't act in anybody's place.
"""

import secrets
from hashlib import sha256

LENGTH = 26
IN_LETTERS = b"abcdefghijklmnopqrstuvwxyz234567" * 8
"""For each byte a letter or digit that survives any mail program, each as often."""


def new_token() -> str:
    return secrets.token_bytes(LENGTH).translate(IN_LETTERS).decode()


def hash_of(token: str) -> str:
    """What is kept of it; mail programs change case."""
    return sha256(token.lower().encode()).hexdigest()
