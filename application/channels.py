"""The channels there are, and how each is opened by what is set."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from gettext import NullTranslations
from typing import Any

from application.settings import Settings
from domain.audience import ChannelName
from domain.delivery import Notice
from notifiers.channel import NoticeChannel
from notifiers.email.channel import EmailChannel
from notifiers.email.mail_server import with_password
from notifiers.email.message import render
from notifiers.email.settings import MailSettings
from notifiers.folder import FolderChannel

Opens = Callable[[MailSettings], NoticeChannel[Any]]
"""Opens a channel for one round, whose mail may carry a newer checkpoint than the last."""

KEPT_ADDRESS: Mapping[ChannelName, Callable[[str], str]] = {
    ChannelName.EMAIL: EmailChannel.kept_address,
    ChannelName.FOLDER: FolderChannel.kept_address,
}
"""The form in which each keeps an address."""


def channels(
    settings: Settings, words_for: Callable[[str], NullTranslations], door: Callable[[], Awaitable[str]]
) -> dict[ChannelName, Opens]:
    """What is set up; `door` says where the subscriber's door answers. In an exercise everybody is told by
    `only_channel`, and the others are not opened.

    Raises Invalid where the mail server's password can't be read.
    """
    found: dict[ChannelName, Opens] = {}
    if settings.mail_server and settings.only_channel in (None, ChannelName.EMAIL):
        server = with_password(settings.mail_server)
        found[ChannelName.EMAIL] = lambda mail: EmailChannel(server, mail, words_for, door)
    if settings.notice_folder and settings.only_channel in (None, ChannelName.FOLDER):
        folder = settings.notice_folder

        def in_a_folder(mail: MailSettings) -> FolderChannel:
            def as_mailed(notice: Notice, now: datetime) -> bytes:
                return render(notice, mail, words_for(notice.subscriber.language), now).as_bytes()

            return FolderChannel(folder, as_mailed)

        found[ChannelName.FOLDER] = in_a_folder
    return found
