"""What somebody has filled in: a small form, read by the standard library."""

from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST_BYTES = 4096
MOST_FIELDS = 64
URLENCODED = "application/x-www-form-urlencoded"


class SentForm:
    """Texts by the name of their field, stripped of spaces at their ends; a field may be there several times."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """The first, "" where there is none."""
        return self._values.get(name, [""])[0].strip()

    def texts(self, name: str) -> list[str]:
        return [text.strip() for text in self._values.get(name, [])]


async def body(request: Request) -> bytes:
    """All of it. Raises HTTPException (413) as soon as it is more than a form of ours can be."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > MOST_BYTES:
            raise HTTPException(413)
    return bytes(found)


async def form(request: Request) -> SentForm:
    """The form that was sent. Raises HTTPException: 415 where it is written in another way than ours are, 413 where it
    is too large, 400 where it is no text."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != URLENCODED:
        raise HTTPException(415)
    try:
        text = (await body(request)).decode("ascii")
        return SentForm(parse_qs(text, encoding="utf-8", errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise HTTPException(400) from error
