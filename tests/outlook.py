"""A mail as Outlook saves it (.msg): MS-OXMSG in a compound file (MS-CFB), written by hand as the two standards say."""

from struct import pack

MESSAGE_CLASS, HEADERS, BODY = 0x001A001F, 0x007D001F, 0x1000001F
"""Properties by number and kind; 1F is a text in UTF-16."""
_SECTOR, _SMALL = 512, 64
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STREAM, _ROOT = 2, 5


def msg(headers: str, body: str) -> bytes:
    """The file of a mail with these header lines and this text. Each must fit into the small streams (4096 bytes)."""
    said = {MESSAGE_CLASS: "IPM.Note", HEADERS: headers, BODY: body}
    texts = {tag: text.encode("utf-16-le") for tag, text in said.items()}
    properties = bytes(32) + b"".join(pack("<IIII", tag, 6, len(text) + 2, 0) for tag, text in texts.items())
    streams = {"__properties_version1.0": properties}
    return _compound_file(streams | {f"__substg1.0_{tag:08X}": text for tag, text in texts.items()})


def _compound_file(streams: dict[str, bytes]) -> bytes:
    assert all(len(content) < 4096 for content in streams.values())
    small, small_chain, starts = b"", [], []
    for content in streams.values():
        starts.append(len(small) // _SMALL)
        small += _padded(content, _SMALL)
        first, end = starts[-1], len(small) // _SMALL
        small_chain += [*range(first + 1, end), _END]
    # In the file: the table of sectors, that of the small ones, the directory, the small streams.
    sizes = [4 * len(small_chain), 128 * (len(streams) + 1), len(small)]
    table, first_of = [_FAT], []
    for size in sizes:
        first_of.append(len(table))
        table += [*range(len(table) + 1, len(table) + _sectors(size)), _END]
    entries = [_entry("Root Entry", _ROOT, first_of[2], len(small), child=1)]
    for number, (name, content) in enumerate(streams.items(), 1):
        following = number + 1 if number < len(streams) else _FREE
        entries.append(_entry(name, _STREAM, starts[number - 1], len(content), right=following))
    parts = [_padded(pack(f"<{len(small_chain)}I", *small_chain), _SECTOR, 0xFF), b"".join(entries), small]
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1,
        first_of[1], 0, 4096, first_of[0], _sectors(sizes[0]), _END, 0)  # fmt: skip
    head += pack("<109I", 0, *[_FREE] * 108)
    fat = _padded(pack(f"<{len(table)}I", *table), _SECTOR, 0xFF)
    return head + fat + b"".join(_padded(part, _SECTOR) for part in parts)


def _entry(name: str, kind: int, start: int, size: int, *, right: int = _FREE, child: int = _FREE) -> bytes:
    coded = name.encode("utf-16-le") + b"\0\0"
    links = pack("<HBBIII", len(coded), kind, 1, _FREE, right, child)
    return coded.ljust(64, b"\0") + links + bytes(36) + pack("<IQ", start, size)


def _sectors(size: int) -> int:
    return -(-size // _SECTOR)


def _padded(content: bytes, to: int, filler: int = 0) -> bytes:
    return content + bytes([filler]) * (-len(content) % to)
