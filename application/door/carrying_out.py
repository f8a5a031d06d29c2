"""What was asked for at the door is done: by a worker, in turn, once however often it is begun.

Each wish is done before it is counted as done, so that one which a worker died over is done by the next; what it does
twice it does once. A letter is counted before it is sent, and one of which nobody knows whether it was sent is sent
again only once its address may be written to anew.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial

from application.desk import Desk
from domain.audience import Subscriber
from domain.choices import Choices, may_subscribe
from domain.delivery import DeliveryState, Outcome
from domain.fact import BY_THE_CLOCK
from domain.faults import Fault
from domain.refusals import Invalid, NotAdmitted, NotFound, Unavailable
from domain.texts import N_
from domain.vocabulary import Audience, SubscriberChange
from infrastructure.database.erasure import leave_no_trace
from infrastructure.registers import pauses, wishes
from infrastructure.registers.confirmations import (
    BETWEEN_LETTERS,
    VALID_FOR,
    Confirmation,
    confirmed,
    count_letter,
    erase_lapsed,
    mark_confirmed,
    was_not_sent,
)
from infrastructure.registers.subscribers import Subscribers, SubscriberState
from infrastructure.registers.tokens import new_token
from infrastructure.registers.ways_out import make_ways_out, reader_of
from infrastructure.registers.wishes import Wish, WishKind
from notifiers.email.confirming import asks_to_confirm, asks_to_confirm_move, says_already, says_moved
from notifiers.email.letter import hand_over
from notifiers.email.mail_server import with_password
from wording.door_paths import DoorPage, door_path
from wording.words import language_for, texts_in

BY_LETTER = (WishKind.SUBSCRIBE, WishKind.MOVE)
"""What is asked for an address, which has to say so itself."""

LETTER_AGAIN = timedelta(minutes=1)
"""When a letter is tried again that the mail server is known not to have taken. One that it refuses because of us is
tried as seldom as letters are sent: somebody has to mend that first."""

NO_ANSWER = Outcome(DeliveryState.AMBIGUOUS, None, N_("no answer"))

LOOKS_FOR_LAPSED_EVERY = timedelta(minutes=10)


class CarryingOut:
    """One worker's part of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._database = desk.database
        self._register = Subscribers(desk.database, desk.now, BY_THE_CLOCK)
        self._lapsed_looked_for = datetime.min.replace(tzinfo=desk.now().tzinfo)
        self._left: set[str] = set()
        """Addresses that may still stand in the file's pages."""
        self._held = ""
        """What the mail server has said of us since it last took a letter, while there is one for it."""

    async def run(self) -> None:
        """Everything that is asked for now; what needs a letter comes last, because a mail server takes its time.

        Raises Unavailable where the log is away, and Invalid where something is set so that letters have to wait or
        the mail server holds something against all of them.
        """
        answers = True
        try:
            while answers and (waiting := await asyncio.to_thread(self._waiting)):
                for wish in waiting:
                    if wish.kind in BY_LETTER:
                        answers = answers and await self._write_to(wish)
                    else:
                        await self._carry_out(wish)
        finally:
            await asyncio.to_thread(self._tidy)
        if self._held and not await asyncio.to_thread(self._a_letter_waits):
            self._held = ""
        if self._held:
            raise Invalid("letters-held", reply=self._desk.words.gettext(self._held))

    def _waiting(self) -> list[Wish]:
        with self._database.reading() as connection:
            return wishes.waiting(connection, self._desk.now())

    def _a_letter_waits(self) -> bool:
        return wishes.any_by_letter(self._database.connection())

    async def _carry_out(self, wish: Wish) -> None:
        doing: dict[WishKind, Callable[[Wish], EmailMessage | None]] = {
            WishKind.CONFIRM: self._confirm,
            WishKind.CHOOSE: self._choose,
            WishKind.LEAVE: self._leave,
            WishKind.FAULTY: lambda _wish: None,
        }
        letter = await asyncio.to_thread(doing[wish.kind], wish)
        await asyncio.to_thread(self._done, wish)
        server = self._desk.settings.mail_server
        if letter is not None and server is not None:  # news of what is done: told once, or not
            with suppress(Invalid):  # the password can't be read: whoever waits for a letter hears of it
                await hand_over(letter, with_password(server))

    # What is asked by a link

    def _confirm(self, wish: Wish) -> EmailMessage | None:
        """Somebody's address is theirs. Where it is in place of another, that subscription ends with every link to it:
        the letter is for the address that they have left."""
        asked = confirmed(self._database, wish.way or "")
        if asked is None or wish.at >= asked.until:
            return None
        before = self._register.with_id(asked.moves) if asked.moves else None
        if asked.moves and before is None:  # they have left meanwhile
            return None
        subscriber = self._subscribe(asked, before.audience if before else Audience.PUBLIC)
        if not mark_confirmed(self._database, wish.way or "", subscriber, self._desk.now()):
            self._erase(subscriber)  # they have left while it was done, by another worker
            return None
        return self._end(before, asked, subscriber) if before and before.id != subscriber else None

    def _subscribe(self, asked: Confirmation, audience: Audience) -> str:
        chosen, known = asked.choices, self._register.told_at(asked.address, audience)
        if known is None:
            added = partial(self._register.add, asked.address, audience, chosen.systems, chosen.areas)
            try:
                return added(chosen.language, change=SubscriberChange.SUBSCRIBED).id
            except NotAdmitted:  # another worker was first
                return self._subscribe(asked, audience)
        subscriber, state = known
        if state is SubscriberState.SUSPENDED:  # it takes our mail after all
            self._register.resume(subscriber.id)
            self._register.choose(subscriber.id, chosen.language, chosen.systems, chosen.areas)
        return subscriber.id

    def _end(self, before: Subscriber, asked: Confirmation, subscriber: str) -> EmailMessage | None:
        """A pause of their own goes on at the new address."""
        if until := pauses.until(self._database, before.id):
            self._register.pause(subscriber, until)
        left = self._erase(before.id, SubscriberChange.MOVED)
        if not left:
            return None
        language = language_for(asked.choices.language)
        link = self._desk.settings.web_url + door_path(DoorPage.SUBSCRIBE, language)
        return says_moved(left, link, self._desk.mail_settings(), texts_in(language), self._desk.now())

    def _choose(self, wish: Wish) -> None:
        reader = reader_of(self._database, wish.way or "")
        if reader is not None and reader.address:
            with suppress(NotFound):  # they have left meanwhile
                self._tell_of(reader.id, wish.choices)

    def _tell_of(self, subscriber: str, chosen: Choices) -> None:
        until = chosen.paused_until
        self._register.choose(subscriber, chosen.language, chosen.systems, chosen.areas)
        if until and until > self._desk.now():
            self._register.pause(subscriber, until)
        else:
            self._register.end_pause(subscriber)

    def _leave(self, wish: Wish) -> None:
        reader = reader_of(self._database, wish.way or "")
        if reader is not None and reader.address:
            self._erase(reader.id)

    def _erase(self, subscriber: str, change: SubscriberChange = SubscriberChange.LEFT) -> str:
        """The address, "" where another worker has erased it."""
        try:
            address = self._register.erase(subscriber, change)
        except NotFound:
            return ""
        self._left.add(address)
        return address

    # What is asked for an address, and is asked of it

    async def _write_to(self, wish: Wish) -> bool:
        """A letter to whoever has the address, unless it can't be told by its domain, was written to within the hour
        or has waited for longer than what it asks is good. False where the mail server does not answer."""
        now = self._desk.now()
        if now - wish.at >= VALID_FOR or not may_subscribe(wish.address or "", self._desk.settings.subscribe_domains):
            await asyncio.to_thread(self._done, wish)
            return True
        if not self._desk.settings.web_url:
            raise Invalid("no-web-url")
        if self._desk.settings.mail_server is None:
            raise Invalid("no-mail-server")
        server = with_password(self._desk.settings.mail_server)
        token = new_token()
        letter = await asyncio.to_thread(self._counted, wish, token, now)
        if letter is None:
            return True
        outcome = await hand_over(letter, server, self._desk.mail_settings().address) or NO_ANSWER
        answers, about_us = outcome.code is not None, outcome.fault is Fault.POLICY
        if about_us or not answers:
            self._held = outcome.reply
        elif outcome.state is DeliveryState.SENT:
            self._held = ""
        if outcome.state is DeliveryState.AMBIGUOUS:
            return False
        if about_us:
            await asyncio.to_thread(self._try_again, wish, token, BETWEEN_LETTERS)
        elif outcome.state is DeliveryState.DEFERRED:
            await asyncio.to_thread(self._try_again, wish, token, LETTER_AGAIN)
        else:
            await asyncio.to_thread(self._done, wish)
        return answers

    def _counted(self, wish: Wish, token: str, now: datetime) -> EmailMessage | None:
        """The letter, counted as sent; None where none is to be sent, or another worker sends it."""
        address = wish.address or ""
        reader = reader_of(self._database, wish.way or "") if wish.kind is WishKind.MOVE else None
        known = None if reader else self._register.told_at(address, Audience.PUBLIC)
        is_told = known is not None and known[1] is not SubscriberState.SUSPENDED
        asked = Confirmation(address, wish.choices, now + VALID_FOR, reader.id if reader else None)
        with self._database.engine.begin() as connection:
            driver = self._database.backend.beneath(connection)
            if not wishes.take(driver, wish, now, now + BETWEEN_LETTERS):
                return None
            has_left = wish.kind is WishKind.MOVE and not (reader and reader.address)
            if has_left or not count_letter(connection, token, asked, now):
                wishes.done(driver, wish, now)
                return None
            if known and is_told:
                token = make_ways_out(driver, {known[0].id}, now)[known[0].id]
        language = language_for(wish.choices.language)
        settings, texts = self._desk.mail_settings(), texts_in(language)
        page = DoorPage.CHOICES if is_told else DoorPage.CONFIRM
        link = self._desk.settings.web_url + door_path(page, language, token)
        if is_told:
            return says_already(address, link, settings, texts, now)
        asks = asks_to_confirm_move if reader else asks_to_confirm
        return asks(address, link, asked.until, settings, texts, now)

    def _try_again(self, wish: Wish, token: str, wait: timedelta) -> None:
        was_not_sent(self._database, token)
        with self._database.writing() as connection:
            wishes.put_off(connection, wish, self._desk.now() + wait)

    # When it is done

    def _done(self, wish: Wish) -> None:
        with self._database.writing() as connection:
            wishes.done(connection, wish, self._desk.now())

    def _tidy(self) -> None:
        """End the pauses that are over, and erase what nobody has confirmed."""
        now = self._desk.now()
        for subscriber in pauses.ended(self._database, now):
            with suppress(NotFound):  # they have left
                self._register.end_pause(subscriber)
        if now - self._lapsed_looked_for >= LOOKS_FOR_LAPSED_EVERY:
            self._lapsed_looked_for = now
            self._left.update(erase_lapsed(self._database, now))
            with self._database.writing() as connection:
                wishes.forget(connection, now)
        if self._left:
            with suppress(Unavailable):  # others read: the next time
                leave_no_trace(self._database, self._register.nobodys(self._left))
                self._left.clear()
