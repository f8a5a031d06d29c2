"""Who the mail comes from, and where it points."""

from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from urllib.parse import quote

from notifiers.email.return_path import signed
from wording.door_paths import DoorPage, door_path
from wording.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """What is the same in every mail.

    `sender` is a name and an address. `driftinfo_url` is the one place where operating information
    is found (SR-017, SR-067). `unsubscribe_to` receives the mail of those who want to stop; the sender's
    address unless given. `domain` ends every Message-ID and `list_id` names the list (RFC 2919): both are
    derived from the sender, must never change once mail is sent, and can be fixed here if the sender does.
    `base_url`, where there is one, is the archive's address. `door`, where there is one and it answers, is the address
    of the subscriber's door; `one_click` says whether a mail program may end a subscription there by itself (RFC 8058).
    `return_path`, where there is one, is where reports of undelivered mail come back to, made out to each delivery and
    signed with `return_secret`. `checkpoint`, where there is one, is the newest signed note of the log, which every
    mail carries so that every inbox is a witness; at `checked_at` (aware) the log held no more than that, None where
    nobody here knows. `log` is the log's id, which keeps its threads apart from another log's that has the same sender.
    """

    sender: tuple[str, str]
    driftinfo_url: str
    unsubscribe_to: str = ""
    base_url: str = ""
    door: str = ""
    one_click: bool = True
    domain: str = ""
    list_id: str = ""
    return_path: str = ""
    return_secret: str = field(default="", repr=False)
    checkpoint: str = ""
    checked_at: datetime | None = None
    log: str = ""
    address: str = field(default="", init=False)

    def __post_init__(self) -> None:
        _name, address = self.sender
        self._derive("unsubscribe_to", address)
        self._derive("address", address)
        self._derive("domain", address.rpartition("@")[2])
        self._derive("list_id", f"reservrutin.{self.domain}")

    def _derive(self, field: str, value: str) -> None:
        if not getattr(self, field):
            object.__setattr__(self, field, value)

    def envelope_sender(self, delivery: int) -> str:
        """Where reports of this delivery come back to."""
        if self.return_path:
            return signed(self.return_path, self.return_secret, delivery)
        return self.address

    def at_the_door(self, page: DoorPage, language: Language, token: str) -> str:
        """The link to this reader's page; "" where no door answers, or there is no token."""
        return self.door + door_path(page, language, quote(token)) if self.door and token else ""

    def one_click_way_out(self, language: Language, token: str) -> str:
        """Where a mail program ends this subscription by itself; "" where nobody would keep what that promises. Over
        anything but https it may not be offered (RFC 8058 §3.1)."""
        is_offered = self.one_click and self.door.startswith("https://")
        return self.at_the_door(DoorPage.LEAVE, language, token) if is_offered else ""

    @property
    def mailbox(self) -> Address:
        """The sender's name and address."""
        name, address = self.sender
        return Address(display_name=name, addr_spec=address)

    def mailto(self, subject: str = "") -> str:
        """The link that writes to us (RFC 6068)."""
        address = quote(self.unsubscribe_to, safe="@")
        return f"mailto:{address}?subject={quote(subject)}" if subject else f"mailto:{address}"
