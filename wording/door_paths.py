"""Where each page of the subscriber's door is: Swedish at the root, English under /en. One table, for the pages and for
the links in mail, which must lead there for as long as anybody keeps a mail."""

from enum import StrEnum

from wording.words import Language

HEALTH = "/halsa"
"""What answers 200 with `HEALTHY` while the door can do its work."""

HEALTHY = "reservrutin"


class DoorPage(StrEnum):
    SUBSCRIBE = "subscribe"
    CONFIRM = "confirm"
    CHOICES = "choices"
    LEAVE = "leave"
    ACCESSIBILITY = "accessibility"


PATHS: dict[DoorPage, dict[Language, str]] = {
    DoorPage.SUBSCRIBE: {"sv": "/", "en": "/en/"},
    DoorPage.CONFIRM: {"sv": "/bekrafta/{token}", "en": "/en/confirm/{token}"},
    DoorPage.CHOICES: {"sv": "/val/{token}", "en": "/en/choices/{token}"},
    DoorPage.LEAVE: {"sv": "/avsluta/{token}", "en": "/en/leave/{token}"},
    DoorPage.ACCESSIBILITY: {"sv": "/tillganglighet", "en": "/en/accessibility"},
}


def door_path(page: DoorPage, language: Language, token: str = "") -> str:
    """The page's path in this language; `token` is whose it is, where it is somebody's."""
    return PATHS[page][language].format(token=token)
