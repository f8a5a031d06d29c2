"""The second channel, for tests and exercises: what would be mailed lies in a folder, one whole file a notice."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from domain.audience import ChannelName
from domain.delivery import INTO_A_FOLDER, DeliveryState, Notice, Outcome
from domain.mailbox import kept_form
from notifiers.channel import ChannelLimits, Parcels


class NoticeFile(NamedTuple):
    delivery: int
    path: Path
    content: bytes


class FolderChannel:
    name = ChannelName.FOLDER
    limits = ChannelLimits(length=1_000_000, threads=False, receipts=False)
    kept_address = staticmethod(kept_form)

    def __init__(self, folder: Path, as_mailed: Callable[[Notice, datetime], bytes]) -> None:
        self._folder, self._as_mailed = folder, as_mailed

    def write(self, notice: Notice, now: datetime, not_after: float) -> NoticeFile:
        path = self._folder / f"{notice.message_id.strip('<>')}.eml"
        return NoticeFile(notice.delivery, path, self._as_mailed(notice, now))

    async def carry(self, parcels: Parcels[NoticeFile]) -> None:
        while file := await parcels.next():
            try:
                file.path.with_suffix(".part").write_bytes(file.content)
                file.path.with_suffix(".part").replace(file.path)
                parcels.ended(file, Outcome(DeliveryState.SENT, None, INTO_A_FOLDER))
            except OSError as error:
                parcels.ended(file, Outcome(DeliveryState.DEFERRED, None, str(error.strerror)))
