"""Where a server of ours may be asked to listen: at a host's port, or at a socket in the file system. Pure."""

import re
from dataclasses import dataclass
from ipaddress import ip_address

SOCKET = "unix:"
_HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Listening:
    """`path` is a socket's, with no host; else it is the port of this host, 0 for any that is free."""

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def is_private(self) -> bool:
        """Whether nobody but this machine can speak to it."""
        if self.path or self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def listening(text: str) -> Listening:
    """What `127.0.0.1:8020`, `[::1]:8020` and `unix:/run/reservrutin/web.sock` mean. Raises ValueError for another."""
    if text.startswith(f"{SOCKET}/"):
        return Listening(path=text.removeprefix(SOCKET))
    found = _HOST_AND_PORT.fullmatch(text)
    if not found or int(found["port"]) > 65535:
        raise ValueError(text)
    return Listening(found["host"].strip("[]"), int(found["port"]))
