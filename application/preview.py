"""The public's mail of a publication, shown to whoever publishes it before it goes out.

Written by what the worker writes it with, for a reader of no name: what is seen is what is sent, but for the reader's
own way out, with the link to their page where a door answers, and the log's newest checkpoint.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from application.desk import Desk
from domain.audience import Subscriber
from domain.delivery import Notice
from domain.facts import OperatingInformationPublished
from domain.vocabulary import Audience
from infrastructure.outbox.mails import IncidentFacts
from infrastructure.outbox.readers import Moment, count
from notifiers.email.message import render
from wording.words import catalogue

if TYPE_CHECKING:
    from application.recording import Acknowledgement

LANGUAGE = "sv"
"""What nearly everybody reads."""


NO_ADDRESS = "reader@example.org"
"""A mail has to be to somebody; who that is stands in no part that is shown."""


class PublicMail(NamedTuple):
    """The mail's subject and its text, and how many readers it will reach."""

    readers: int
    subject: str
    text: str

    @property
    def document(self) -> dict[str, Any]:
        """Its part of what `record --dry-run --json` prints."""
        return {"audience": Audience.PUBLIC, "language": LANGUAGE, **self._asdict()}


def public_mail(desk: Desk, would: "Acknowledgement") -> PublicMail | None:
    """The mail that the public will get of what would be written; None of any other fact than a publication."""
    recorded, came_of_it = would.recorded, would.consequences
    if not would.dry_run or came_of_it is None or not isinstance(recorded.fact, OperatingInformationPublished):
        return None
    settings = desk.mail_settings()
    nobody = Subscriber("p-…", NO_ADDRESS, Audience.PUBLIC, language=LANGUAGE)
    written = [*desk.history(recorded.incident), recorded]
    earlier = IncidentFacts(written, would.routine).earlier(recorded.entry)
    own_id = f"<preview@{settings.domain}>"
    notice = Notice(0, recorded, came_of_it.incident, nobody, message_id=own_id, earlier=earlier, way_out="…")
    mail = render(notice, settings, catalogue(LANGUAGE), desk.now())
    body = mail.get_body(("plain",))
    moment = Moment(recorded, would.routine, lambda: written)
    with desk.database.reading() as connection:
        readers = count(connection, Audience.PUBLIC, moment)
    return PublicMail(readers, str(mail["Subject"]), body.get_content().rstrip("\n") if body else "")
