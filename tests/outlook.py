"""A mail as Outlook saves it (.msg): MS-OXMSG in a compound file (MS-CFB), written by hand as the two standards say."""

from struct import pack

MESSAGE_CLASS, HEADERS, BODY, PAGE, CODEPAGE = 0x001A001F, 0x007D001F, 0x1000001F, 0x10130102, 0x3FDE0003
"""Properties by number and kind: 1F is a text in UTF-16, 102 are bytes, 3 is a number."""
_UTF_8 = 65001
_SECTOR, _SMALL, _LARGE = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STREAM, _ROOT = 2, 5


def msg(headers: str, body: str, page: str = "") -> bytes:
    """The file of a mail with these header lines, this text, and this HTML if there is any."""
    said = {MESSAGE_CLASS: "IPM.Note", HEADERS: headers, BODY: body}
    streams = {tag: text.encode("utf-16-le") for tag, text in said.items()} | ({PAGE: page.encode()} if page else {})
    properties = bytes(32) + b"".join(pack("<IIII", tag, 6, len(content) + 2, 0) for tag, content in streams.items())
    properties += pack("<IIII", CODEPAGE, 6, _UTF_8, 0)
    named = {f"__substg1.0_{tag:08X}": content for tag, content in streams.items()}
    return _compound_file({"__properties_version1.0": properties} | named)


def _compound_file(streams: dict[str, bytes]) -> bytes:
    """In the file: the table of sectors, that of the small ones, the directory, the small streams, each large one."""
    small, small_chain = b"", []
    starts: dict[str, int] = {}
    for name, content in streams.items():
        if len(content) < _LARGE:
            starts[name] = len(small) // _SMALL
            small += _padded(content, _SMALL)
            small_chain += [*range(starts[name] + 1, len(small) // _SMALL), _END]
    large = {name: content for name, content in streams.items() if len(content) >= _LARGE}
    sizes = [4 * len(small_chain), 128 * (len(streams) + 1), len(small), *map(len, large.values())]
    table, first_of = [_FAT], []
    for size in sizes:
        first_of.append(len(table))
        table += [*range(len(table) + 1, len(table) + _sectors(size)), _END]
    assert len(table) <= _SECTOR // 4
    starts |= dict(zip(large, first_of[3:], strict=True))
    entries = [_entry("Root Entry", _ROOT, first_of[2], len(small), child=1)]
    for number, (name, content) in enumerate(streams.items(), 1):
        following = number + 1 if number < len(streams) else _FREE
        entries.append(_entry(name, _STREAM, starts[name], len(content), right=following))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1,
        first_of[1], 0, _LARGE, first_of[0], _sectors(sizes[0]), _END, 0)  # fmt: skip
    head += pack("<109I", 0, *[_FREE] * 108)
    fat = _padded(pack(f"<{len(table)}I", *table), _SECTOR, 0xFF)
    small_fat = _padded(pack(f"<{len(small_chain)}I", *small_chain), _SECTOR, 0xFF)
    parts = [b"".join(entries), small, *large.values()]
    return head + fat + small_fat + b"".join(_padded(part, _SECTOR) for part in parts)


def _entry(name: str, kind: int, start: int, size: int, *, right: int = _FREE, child: int = _FREE) -> bytes:
    coded = name.encode("utf-16-le") + b"\0\0"
    links = pack("<HBBIII", len(coded), kind, 1, _FREE, right, child)
    return coded.ljust(64, b"\0") + links + bytes(36) + pack("<IQ", start, size)


def _sectors(size: int) -> int:
    return -(-size // _SECTOR)


def _padded(content: bytes, to: int, filler: int = 0) -> bytes:
    return content + bytes([filler]) * (-len(content) % to)
