"""A delivery report taken out of the mail that it came in (RFC 3464, RFC 6533), however that is wrapped. Pure.

Gateways wrap it, Exchange ends it with a blank line too many, others write its fields all in one group, with comments
or a blank before the colon. What is never looked into is the mail that is returned: anything may stand there.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from email.generator import BytesGenerator
from email.message import Message
from email.parser import HeaderParser
from io import BytesIO
from quopri import decodestring

REPORT = ("message/delivery-status", "message/global-delivery-status")
COMPLAINT = "message/feedback-report"
"""A reader who has called the mail junk (RFC 5965)."""

RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")

Fields = dict[str, str]
"""A group's fields, by name in small letters."""

_COMMENT = re.compile(r"\([^()]*\)")


def parts_of(mail: Message) -> Iterator[Message]:
    """The mail and everything in it, but for what stands inside another mail or a report."""
    yield mail
    within = mail.get_payload()
    if mail.get_content_maintype() == "multipart" and isinstance(within, list):
        for part in within:
            if isinstance(part, Message):
                yield from parts_of(part)


def first_of(mail: Message, *kinds: str) -> Message | None:
    return next((part for part in parts_of(mail) if part.get_content_type() in kinds), None)


def groups_of(report: Message) -> list[Fields]:
    """The report's groups of fields (RFC 3464 §2.1); empty ones are none."""
    written = _text_of(report).replace("\r\n", "\n")
    groups = [_fields(group) for group in re.split(r"\n[ \t]*\n", written)]
    return [group for group in groups if group]


def without_comments(value: str) -> str:
    return _COMMENT.sub(" ", value).strip()


def returned_headers(mail: Message) -> Message:
    """The headers of the mail that is returned; without any where there is none."""
    returned = first_of(mail, *RETURNED)
    if returned is None:
        return Message()
    if returned.get_content_type().endswith("headers"):
        content = returned.get_payload(decode=True)
        return HeaderParser().parsestr(content.decode("utf-8", "replace") if isinstance(content, bytes) else "")
    content = returned.get_payload()
    return content[0] if isinstance(content, list) and isinstance(content[0], Message) else Message()


def _fields(group: str) -> Fields:
    fields: Fields = {}
    for line in re.sub(r"\n[ \t]+", " ", group).splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _text_of(report: Message) -> str:
    """The report as it was written: the library takes only some apart, and what is encoded at the wrong places."""
    groups = report.get_payload()
    if isinstance(groups, list):
        raw = b"\n\n".join(_bytes_of(group) for group in groups if isinstance(group, Message))
    else:
        raw = str(groups).encode("utf-8", "surrogateescape")
    encoding = str(report.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "base64":
        raw = b64decode(raw)
    elif encoding == "quoted-printable":
        raw = decodestring(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")


def _bytes_of(group: Message) -> bytes:
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, maxheaderlen=0).flatten(group)
    return written.getvalue().strip(b"\n")
