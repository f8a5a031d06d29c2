"""The second channel: what would be sent is written into a folder, one file a notice. For tests and exercises."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from domain.audience import ChannelName
from domain.delivery import DeliveryState, Notice, Outcome
from domain.mailbox import kept_form
from notifiers.channel import ChannelLimits, Parcels


class Sheet(NamedTuple):
    delivery: int
    path: Path
    content: bytes


class FolderChannel(NamedTuple):
    """`render` writes a notice as the channel does that this one stands in for. A file is there whole or not at all."""

    folder: Path
    render: Callable[[Notice, datetime], bytes]
    name: ChannelName = ChannelName.FOLDER
    limits: ChannelLimits = ChannelLimits(length=1_000_000, threads=False, receipts=False)
    kept_address: Callable[[str], str] = kept_form

    def write(self, notice: Notice, now: datetime, not_after: float) -> Sheet:
        path = self.folder / f"{notice.incident.number}.{notice.recorded.entry}.{notice.subscriber.id}.eml"
        return Sheet(notice.delivery, path, self.render(notice, now))

    async def carry(self, parcels: Parcels[Sheet]) -> None:
        while sheet := await parcels.next():
            try:
                sheet.path.with_suffix(".part").write_bytes(sheet.content)
                sheet.path.with_suffix(".part").replace(sheet.path)
                parcels.ended(sheet, Outcome(DeliveryState.SENT, None, "written"))
            except OSError as error:
                parcels.ended(sheet, Outcome(DeliveryState.DEFERRED, None, str(error.strerror)))
