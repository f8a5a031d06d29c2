"""What stands in a link, so that whoever has the mail can do what it says, and nobody else: 128 random bits.

The registers keep a token's SHA-256, so that whoever can read them can't act in anybody's place.
"""

import secrets
from base64 import b32encode
from hashlib import sha256

BITS = 128


def new_token() -> str:
    """In letters and digits that survive any mail program."""
    return b32encode(secrets.token_bytes(BITS // 8)).decode().rstrip("=").lower()


def hash_of(token: str) -> str:
    """What is kept of it; mail programs change case."""
    return sha256(token.lower().encode()).hexdigest()
