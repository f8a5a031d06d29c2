"""Who the mail comes from, and where it points."""

from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import quote

from domain.mailbox import wire_form
from domain.refusals import Invalid
from notifiers.email.return_path import LONGEST_LOCAL_PART, SHORTEST_SECRET, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """What is the same in every mail.

    `sender` is "Name <address>" or an address. `driftinfo_url` is the one place where operating information
    is found (SR-017, SR-067). `unsubscribe_to` receives the mail of those who want to stop; the sender's
    address unless given. `domain` ends every Message-ID and `list_id` names the list (RFC 2919): both are
    derived from the sender, must never change once mail is sent, and can be fixed here if the sender does.
    `base_url`, where there is one, is the archive's address. `return_path`, where there is one, is where reports of
    undelivered mail come back to, made out to each delivery and signed with `return_secret`. `checkpoint`, where there
    is one, is the newest signed note of the log, which every mail carries so that every inbox is a witness.

    Raises domain.refusals.Invalid if the sender or `unsubscribe_to` is no address, a URL is no http(s) URL, or the
    return path is no address or has no good secret.
    """

    sender: str
    driftinfo_url: str
    unsubscribe_to: str = ""
    base_url: str = ""
    domain: str = ""
    list_id: str = ""
    return_path: str = ""
    return_secret: str = field(default="", repr=False)
    checkpoint: str = ""
    address: str = field(default="", init=False)

    def __post_init__(self) -> None:
        name, address = parseaddr(self.sender)
        try:
            self._derive("unsubscribe_to", address)
            self._derive("address", address)
            mailbox = Address(display_name=name, addr_spec=address)
            Address(addr_spec=self.unsubscribe_to)
            if not (address.isascii() and self.unsubscribe_to.isascii() and mailbox.domain):
                raise ValueError
        except (ValueError, IndexError, AttributeError, MessageError) as error:
            raise Invalid("mail-sender", sender=self.sender, unsubscribe_to=self.unsubscribe_to) from error
        for url in (self.driftinfo_url, *filter(None, [self.base_url])):
            if not url.startswith(("https://", "http://")) or not url.isprintable() or set(url) & set(" <>\"'"):
                raise Invalid("mail-url", url=url)
        self._check_return_path()
        self._derive("domain", mailbox.domain)
        self._derive("list_id", f"reservrutin.{self.domain}")

    def _check_return_path(self) -> None:
        if not self.return_path:
            return
        try:
            local = wire_form(self.return_path).partition("@")[0]
        except Invalid:
            local = ""
        if not local.isascii() or not 0 < len(local) <= LONGEST_LOCAL_PART:
            raise Invalid("setting", name="mail_return_path", value=self.return_path)
        if len(self.return_secret) < SHORTEST_SECRET:
            raise Invalid("return-secret", count=SHORTEST_SECRET)
        object.__setattr__(self, "return_path", wire_form(self.return_path))

    def _derive(self, field: str, value: str) -> None:
        if not getattr(self, field):
            object.__setattr__(self, field, value)

    def envelope_sender(self, delivery: int) -> str:
        """Where reports of this delivery come back to."""
        if self.return_path:
            return signed(self.return_path, self.return_secret, delivery)
        return self.address

    @property
    def mailbox(self) -> Address:
        """The sender's name and address."""
        name, address = parseaddr(self.sender)
        return Address(display_name=name, addr_spec=address)

    def mailto(self, subject: str = "") -> str:
        """The link that writes to us (RFC 6068)."""
        address = quote(self.unsubscribe_to, safe="@")
        return f"mailto:{address}?subject={quote(subject)}" if subject else f"mailto:{address}"
