"""From which network somebody asks, for the pace alone."""

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import Request

ONE_HOUSEHOLD = 56
"""Bits of an IPv6 address that say whose it is; the rest its owner chooses anew as often as they like."""


def network(request: Request) -> str:
    """The client's IPv4 address, or the network of its IPv6 address; "" for a proxy that says nothing at a socket.

    Whoever asks from this machine, or at a socket, is our proxy, which adds its client at the end of X-Forwarded-For.
    What stands before that the client has written, and whoever else sends the header is not believed.
    """
    peer = request.client.host if request.client else ""
    if not peer or _is_loopback(peer):
        said = request.headers.getlist("x-forwarded-for")
        peer = said[-1].rpartition(",")[2].strip() if said else peer
    try:
        address = ip_address(peer.partition("%")[0].strip("[]"))
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((address, ONE_HOUSEHOLD), strict=False))
    return str(address)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
