"""The letters of the subscriber's door: what somebody has asked for an address, for its owner to say that it is so."""

from datetime import datetime
from email.message import EmailMessage

from notifiers.email.letter import letter
from notifiers.email.settings import MailSettings
from wording.times import spoken
from wording.words import Texts


def asks_to_confirm(
    address: str, link: str, until: datetime, settings: MailSettings, texts: Texts, now: datetime
) -> EmailMessage:
    """Nothing is told to an address that has not said yes. `until` (aware) is how long the link is good."""
    _ = texts.gettext
    text = _(
        "Somebody, probably you, has asked for operating information about Sesam to be sent to this address: a mail "
        "when a system is down, what to do meanwhile, and when it works again.\n\n"
        "Confirm it here:\n{link}\n\n"
        "The link is good until {until}. If you do nothing, you get no more mail and the address is erased."
    )
    said = text.format(link=link, until=spoken(until, texts, now))
    return letter(address, _("Confirm that you want operating information"), said, settings, texts, now)


def asks_to_confirm_move(
    address: str, link: str, until: datetime, settings: MailSettings, texts: Texts, now: datetime
) -> EmailMessage:
    """The same of an address that is to be in place of another."""
    _ = texts.gettext
    text = _(
        "Somebody, probably you, wants to have operating information about Sesam at this address instead of another."
        "\n\n"
        "Confirm it here:\n{link}\n\n"
        "The link is good until {until}. If you do nothing, all stays as it was and this address is erased."
    )
    said = text.format(link=link, until=spoken(until, texts, now))
    return letter(address, _("Confirm your new address"), said, settings, texts, now)


def says_already(address: str, link: str, settings: MailSettings, texts: Texts, now: datetime) -> EmailMessage:
    """Who subscribes once more is told how to change it: their own link, which only their mailbox gets."""
    _ = texts.gettext
    text = _(
        "Somebody, probably you, has asked for operating information to be sent to this address. It subscribes "
        "already, and nothing has changed.\n\n"
        "Change what you get, or end it, here:\n{link}"
    ).format(link=link)
    return letter(address, _("You subscribe to operating information already"), text, settings, texts, now)


def says_moved(address: str, link: str, settings: MailSettings, texts: Texts, now: datetime) -> EmailMessage:
    """To the address that is not told any more: whoever has its mail could have moved it."""
    _ = texts.gettext
    text = _(
        "Your operating information goes to another address from now on, as was asked for and confirmed there. This "
        "address is erased and gets no more mail.\n\n"
        "Was it not you? Then subscribe again here:\n{link}"
    ).format(link=link)
    return letter(address, _("Your operating information goes to another address"), text, settings, texts, now)
