"""A reader who leaves by mail: acted on once, answered once, and only by the token of their own mail."""

import asyncio

from application.desk import Desk
from domain.audience import Subscriber
from domain.delivery import DeliveryState, Receipt
from domain.fact import BY_THE_CLOCK
from domain.refusals import Invalid, NotFound
from domain.vocabulary import SubscriberChange
from infrastructure.outbox.bounces import Handled, Handling
from infrastructure.registers.subscribers import Subscribers
from infrastructure.registers.tokens import hash_of
from infrastructure.registers.ways_out import reader_of
from notifiers.email.leaving import farewell
from notifiers.email.letter import hand_over
from notifiers.email.mail_server import with_password
from wording.words import language_for, texts_in


def leave(desk: Desk, wish: Receipt) -> Handling:
    """Erase whoever the token belongs to, then tell them so. Whoever has left is not answered again: the address is
    gone. They have left also where the answer can't be sent; that is what `answered` says."""
    reader = reader_of(desk.database, hash_of(wish.way_out)) if wish.way_out else None
    if reader is None:
        return Handling(wish, Handled.UNKNOWN)
    try:
        Subscribers(desk.database, desk.now, BY_THE_CLOCK).remove(reader.id, SubscriberChange.LEFT)
    except NotFound:  # they had left before
        return Handling(wish, Handled.KNOWN, subscriber=reader.id)
    return Handling(wish, Handled.LEFT, subscriber=reader.id, answered=_is_told(desk, reader))


def _is_told(desk: Desk, reader: Subscriber) -> bool:
    """Whether the mail server took the answer."""
    server = desk.settings.mail_server
    if server is None:
        return False
    texts = texts_in(language_for(reader.language))
    answer = farewell(reader, desk.mail_settings(), texts, desk.now())
    try:
        outcome = asyncio.run(hand_over(answer, with_password(server)))
    except Invalid:  # the password can't be read here
        return False
    return outcome is not None and outcome.state is DeliveryState.SENT
