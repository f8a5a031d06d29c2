"""How large a form may be, at the limit itself."""

from collections.abc import Iterator

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from web.forms import MOST_BYTES, MOST_FIELDS, SentForm, form

HEADERS = [(b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")]


async def sent(*parts: bytes) -> SentForm:
    """The form whose bytes come in these parts."""
    coming: Iterator[Message] = (
        {"type": "http.request", "body": part, "more_body": number < len(parts)} for number, part in enumerate(parts, 1)
    )

    async def receive() -> Message:
        return next(coming)

    return await form(Request({"type": "http", "headers": HEADERS}, receive))


@pytest.mark.parametrize("parts", [1, 2, MOST_BYTES])
async def test_a_form_of_four_kilobytes_is_read_and_one_byte_more_is_too_large(parts: int) -> None:
    def in_parts(whole: bytes) -> list[bytes]:
        size = -(-len(whole) // parts)
        return [whole[at : at + size] for at in range(0, len(whole), size)]

    largest = b"a=" + b"x" * (MOST_BYTES - 2)
    assert len((await sent(*in_parts(largest))).text("a")) == MOST_BYTES - 2
    with pytest.raises(HTTPException) as refusal:
        await sent(*in_parts(largest + b"x"))
    assert refusal.value.status_code == 413


async def test_a_form_of_sixty_four_fields_is_read_and_one_more_is_none() -> None:
    assert len((await sent(b"&".join([b"a=x"] * MOST_FIELDS))).texts("a")) == MOST_FIELDS
    with pytest.raises(HTTPException) as refusal:
        await sent(b"&".join([b"a=x"] * (MOST_FIELDS + 1)))
    assert refusal.value.status_code == 400
