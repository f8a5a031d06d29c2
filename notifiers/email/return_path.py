"""Where reports of undelivered mail come back to: an address that names the delivery and can't be made up.

The delivery's number stands in the return path with a signature (variable envelope return path), so that whoever
writes to the address without knowing the secret settles nothing.
"""

import hmac
import re
from hashlib import sha256

SHORTEST_SECRET = 16
"""Characters of the secret that signs return paths."""

LONGEST_LOCAL_PART = 24
"""Characters of the configured address before its @: number and signature are added and 64 is the limit."""

_SIGNED = re.compile(r"\+(\d{1,18})\.([0-9a-f]{20})@", re.IGNORECASE)


def signed(base: str, secret: str, delivery: int) -> str:
    """The return path of this delivery: bounces@example.se becomes bounces+17.8f3a…@example.se."""
    local, _, domain = base.rpartition("@")
    return f"{local}+{delivery}.{_signature(secret, delivery)}@{domain}"


def delivery_of(address: str, base: str, secret: str) -> int | None:
    """The delivery that this return path names, None if it is none of ours or its signature does not hold."""
    local, _, domain = base.rpartition("@")
    match = _SIGNED.search(address)
    if not match or f"{address[: match.start()]}@{address[match.end() :]}".lower() != f"{local}@{domain}".lower():
        return None
    delivery = int(match[1])
    return delivery if hmac.compare_digest(_signature(secret, delivery), match[2].lower()) else None


def _signature(secret: str, delivery: int) -> str:
    """80 bits in the letters that no relay changes the case of for the worse."""
    return hmac.new(secret.encode(), f"return-path:{delivery}".encode(), sha256).hexdigest()[:20]
