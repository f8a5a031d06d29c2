"""What is an address, and its two forms: as it is kept and as it goes over the wire."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.mailbox import kept_form, sender, wire_form
from domain.refusals import Invalid

LETTERS = st.text(st.characters(categories=("L", "M", "N", "Z", "P", "S", "C")), min_size=1, max_size=12)
LIKELY = st.tuples(
    st.one_of(LETTERS, st.from_regex(r"[a-zåäö0-9.+-]{1,12}", fullmatch=True)),
    st.one_of(LETTERS, st.from_regex(r"[a-zåäöéßæ0-9-]{1,12}", fullmatch=True)),
    st.sampled_from(["se", "example.se", "xn--4ca", "ÅÄÖ"]),
).map("{0[0]}@{0[1]}.{0[2]}".format)


@given(LIKELY)
@example("å@xn--a.se")
@example("a@\u2024b.se")
def test_an_address_is_kept_in_one_form_and_its_wire_form_is_safe_on_a_line(address: str) -> None:
    try:
        kept = kept_form(address)
    except Invalid:
        return
    wire = wire_form(kept)
    assert kept_form(kept) == kept
    assert kept_form(wire) == kept
    local, _, domain = wire.rpartition("@")
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain)
    assert local.isprintable()
    assert not re.search(r'[\s<>()\[\],;:\\"@]', local)


@pytest.mark.parametrize(
    "address",
    [
        "a@b",
        "a@1.2.3.4",
        "a@[127.0.0.1]",
        '"a b"@example.se',
        "a@-b.se",
        "a@b-.se",
        ".a@b.se",
        "a.@b.se",
        "a@b.se\n",
        "a@fuß.se",
    ],
)
def test_what_is_no_address_has_no_wire_form(address: str) -> None:
    with pytest.raises(Invalid) as refusal:
        wire_form(address)
    assert address not in repr(refusal.value.data), "it could be logged"


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("reservrutin@example.se", "", "reservrutin@example.se"),
        ("Reservrutin Sesam <reservrutin@example.se>", "Reservrutin Sesam", "reservrutin@example.se"),
        ('"Hjälpmedel, Förvaltning" <a@example.se>', "Hjälpmedel, Förvaltning", "a@example.se"),
        (" <a@localhost> ", "", "a@localhost"),
    ],
)
def test_a_sender_is_a_name_and_an_address_that_every_server_takes(text: str, name: str, address: str) -> None:
    assert sender(text) == (name, address)


@pytest.mark.parametrize("text", ["", "Reservrutin", "åsa@example.se", "a@", "<a@example.se> x", "A <a b@example.se>"])
def test_what_no_mail_can_come_from_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        sender(text)
