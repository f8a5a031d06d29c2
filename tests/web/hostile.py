"""Requests of somebody who means harm: any method, path, header and body, or bytes that are no request at all."""

from random import Random
from urllib.parse import quote, urlencode

METHODS = ("GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "get")
ADDRESSES = tuple(f"utsatt{number}@example.se" for number in range(8))
"""Whom they would have mailed as often as can be."""

TEXTS = (
    "a@b.se\r\nBcc: utsatt1@example.se",
    "a@b.se\nDATA\nSubject: x",
    "' OR 1=1; DROP TABLE wishes; --",
    "{{ 7 * 7 }}{% for x in ().__class__.__mro__ %}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "utsatt1@example.se,utsatt2@example.se",
    "<utsatt1@example.se>",
    "utsatt1@example.se\x00@example.org",
    "\u202eutsatt@example.se",
    "åäö@räksmörgås.se",
    "ｕｔｓａｔｔ１@example.se",
    "x" * 65 + "@example.se",
    "@" * 3000,
    "19121212-1212@example.se",
    "../../../../etc/passwd",
    "${jndi:ldap://x}",
    "%s%n%d",
    "\ud7ff\ufffe\U0010ffff",
    "-1",
    "9999999999999999999999",
    "",
)
PIECES = ("..", ".", "%00", "%2e%2e", "%c0%af", "%ff", "en", "EN", "*", "avsluta", "val", "?", "#", "%0d%0aX:y")
ELSEWHERE = ("*", "http://evil.example/", "//evil.example/en/", "/" + "a" * 9000, "", "evil.example:443", "/\ud7ff")
DAYS = ("", "2026-12-24", "9999-12-31", "0001-01-01", "2026-13-45", "-1", "２０２６-12-24")
CONTENT_TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "APPLICATION/X-WWW-FORM-URLENCODED",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/json",
    "text/plain",
    "",
)
HEADERS = (
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Content-Length: -1",
    "Content-Length: 18446744073709551617",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Encoding: gzip",
    "Expect: 100-continue",
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ",
    "Host: evil.example\r\nHost: x",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-For: utsatt1@example.se",
    "X-Forwarded-For: ::ffff:1.2.3.4%25eth0, [::1]:80",
    "Forwarded: for=evil;host=evil.example",
    "Cookie: " + "a=b; " * 400,
    "Range: bytes=0-1,5-6",
    "If-None-Match: *",
    "X-HTTP-Method-Override: DELETE",
    "Accept-Language: " + "sv," * 900,
    "A: " + "x" * 20_000,
    "\x00: x",
    "X:\x0bx",
    " folded: x",
)
VERSIONS = ("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "http/1.1", "")


def request(dice: Random, paths: tuple[str, ...]) -> bytes:
    """What is sent over one connection; `paths` are pages, some of somebody's own."""
    kind = dice.random()
    if kind < 0.05:
        return dice.randbytes(dice.randrange(1, 2000))
    body = _body(dice)
    if kind < 0.45:  # a request like any other, but for what is filled in
        path, length = dice.choice(paths), f"Content-Length: {len(body)}"
        plain = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {CONTENT_TYPES[0]}\r\n{length}"
        return plain.encode() + b"\r\n\r\n" + body
    lines = [f"{_method(dice)} {_target(dice, paths)} {dice.choice(VERSIONS)}", "Host: x", "Connection: close"]
    lines += [dice.choice(HEADERS) for _each in range(dice.choice((0, 0, 0, 1, 2, 5)))]
    if dice.random() < 0.8:
        lines.append(f"Content-Type: {dice.choice(CONTENT_TYPES) if dice.random() < 0.4 else CONTENT_TYPES[0]}")
    if dice.random() < 0.9:
        lines.append(f"Content-Length: {len(body) + dice.choice((0, 0, 0, 0, 0, -1, 7))}")
    sent = "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body
    if kind < 0.55:  # some of its bytes are others
        spoilt = bytearray(sent)
        for _each in range(dice.randrange(1, 9)):
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        return bytes(spoilt)
    return sent * 2 if kind < 0.6 else sent


def _method(dice: Random) -> str:
    return dice.choice(METHODS) if dice.random() < 0.95 else dice.choice(("ANNA", "G" * 3000, "GE T", "", "POST\x00"))


def _target(dice: Random, paths: tuple[str, ...]) -> str:
    path = dice.choice(paths)
    kind = dice.random()
    if kind < 0.5:
        return path
    if kind < 0.6:
        return path + "?" + urlencode({"address": dice.choice(ADDRESSES), "x": dice.choice(TEXTS)})
    if kind < 0.7:
        return path + "/" + "/".join(dice.choice(PIECES) for _each in range(dice.randrange(1, 6)))
    if kind < 0.8:
        return path.rpartition("/")[0] + "/" + quote(dice.choice(TEXTS), safe=dice.choice(("", "/:@")))
    if kind < 0.9:
        place = dice.randrange(len(path) + 1)
        return path[:place] + dice.choice(PIECES) + path[place:]
    return dice.choice(ELSEWHERE)


def _body(dice: Random) -> bytes:
    kind = dice.random()
    if kind < 0.15:
        return dice.randbytes(dice.choice((0, 1, 100, 5000)))
    if kind < 0.2:
        return b"address=" + b"x" * dice.choice((4088, 4089, 60_000))
    if kind < 0.25:
        return b"&".join(b"system=websesam" for _each in range(dice.choice((63, 64, 65, 200))))
    fields = [
        ("address", dice.choice(ADDRESSES) if dice.random() < 0.5 else dice.choice(TEXTS)),
        ("language", dice.choice(("sv", "en", "sv", "en", "sv", "en", "sv", "xx"))),
        ("system", dice.choice(("websesam", "sesam-s2", "visma-websesam", "websesam", "okänt"))),
        ("area", dice.choice(("tens", "vision", "hearing", "tens", "tens\x00"))),
        ("do", dice.choice(("choose", "move", "move", "delete"))),
        ("paused_until", dice.choice(DAYS)),
        ("List-Unsubscribe", "One-Click"),
    ]
    chosen = [field for field in fields if dice.random() < 0.85]
    dice.shuffle(chosen)
    encoding = "utf-16" if dice.random() < 0.1 else "utf-8"
    return urlencode(chosen, encoding=encoding, errors="replace").encode()
