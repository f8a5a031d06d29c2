"""What is offered to a mail server, at each limit itself."""

import pytest

from notifiers.email.outgoing import LARGEST, Extensions, OutgoingMail


def sized(size: int, recipient: str = "anna@example.se") -> OutgoingMail:
    return OutgoingMail(1, "a@example.se", recipient, b"", size)


@pytest.mark.parametrize(
    ("offers", "size", "obstacle"),
    [
        (Extensions(), LARGEST, ""),
        (Extensions(), LARGEST + 1, "larger than a notice can be"),
        (Extensions(size=True, largest=30_000), 30_000, ""),
        (Extensions(size=True, largest=30_000), 30_001, "too large for the mail server: 30001 bytes, 30000 allowed"),
        (Extensions(size=True), LARGEST, ""),
        (Extensions(size=True, largest=2 * LARGEST), LARGEST + 1, "larger than a notice can be"),
    ],
)
def test_a_mail_as_large_as_may_be_is_offered_and_one_byte_more_is_not(
    offers: Extensions, size: int, obstacle: str
) -> None:
    found = offers.obstacle(sized(size))
    assert found.startswith(obstacle)
    assert bool(found) == bool(obstacle)


@pytest.mark.parametrize(("recipient", "utf8", "taken"), [
    ("anna@example.se", False, True), ("anna@example.se", True, True),
    ("åsa@example.se", False, False), ("åsa@example.se", True, True),
])  # fmt: skip
def test_an_address_in_other_letters_is_for_a_server_that_takes_it(recipient: str, utf8: bool, taken: bool) -> None:
    offers = Extensions(utf8=utf8, dsn=True)
    mail = sized(100, recipient)
    assert (offers.obstacle(mail) == "") == taken
    sender, to, _data = (command.decode() for command in offers.envelope(mail))
    assert ("SMTPUTF8" in sender) == ("ORCPT=" not in to) == (not recipient.isascii())
