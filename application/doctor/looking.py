"""Every look, in the order in which one thing needs another. Nothing is written, and one that fails stops no other."""

import os
import shutil
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from application.desk import Desk
from application.doctor.finding import Finding, HowItIs, doubtful, well, wrong
from application.doctor.relay import relay
from application.evidence import known_keys, signing_key
from application.settings import system_places
from domain.checkpoint import Signature, signature_of
from domain.refusals import NotAuthorised, NotFound, Refusal
from infrastructure.database.backend import SQLITE
from infrastructure.database.database import SCHEMA, Database
from infrastructure.database.grants import DOOR
from infrastructure.database.making import ITS_GROUPS
from infrastructure.database.sqlite import is_for_a_group
from infrastructure.integrity.checkpoints import newest
from infrastructure.integrity.keys import verify
from infrastructure.log.pulse import clock_off, unfollowed_since
from notifiers.email.door_probe import probed

LITTLE_ROOM = 500_000_000
"""Bytes of a disk below which an outage's worth of mail may not find room."""

NOT_FOLLOWED = timedelta(minutes=2)
"""How long a fact may wait for a worker: one that lives sees it within a second."""


def look(desk: Desk) -> Iterator[Finding]:
    """What each look finds. The log is taken as it is found: to look at an old one does not upgrade it."""
    desk.close()
    with suppress(Refusal):  # the look at the log says which
        desk.database = Database(desk.settings.database_url, upgrading=False)
    for check, looks in CHECKS.items():
        if check not in AT_THE_DOOR and _is_the_doors(desk):
            continue
        try:
            yield from looks(desk)
        except NotFound:
            continue  # there is no log, as the look at it has said
        except Refusal as refusal:
            yield Finding(check, HowItIs.WRONG, refusal=refusal)


def _is_the_doors(desk: Desk) -> bool:
    """Whether it is asked in the role that stands at the subscriber's door, which reads no fact and sends no mail."""
    with suppress(Refusal):
        return desk.database.backend.role(desk.database.connection()) == DOOR
    return False


def _is_known(desk: Desk) -> bool:
    """Whether there is a log whose tables this program knows, and a connection that it can rely on."""
    with suppress(Refusal):  # the look at the log says what is wrong with it
        return desk.has_a_log and desk.database.version() == SCHEMA
    return False


def _settings(desk: Desk) -> Iterator[Finding]:
    given = desk.settings.given.values()
    files = sorted({str(one.path) for one in given if one.path and not one.variable})
    variables = sorted({one.variable for one in given if one.variable})
    if given:
        yield well("settings", "settings", sources=", ".join([*files, *variables]))
    else:
        yield doubtful("settings", "no-settings", places=", ".join(system_places()))


def _log(desk: Desk) -> Iterator[Finding]:
    try:
        database = desk.database
        connection = database.connection()
    except NotFound as none:
        yield Finding("log", HowItIs.DOUBTFUL, refusal=none)
        return
    role = database.backend.role(connection)
    yield well("log", "log-role" if role else "log", place=database.place, role=role)
    found = database.version()
    if found == SCHEMA:
        yield well("log", "schema", schema=found)
    else:
        yield wrong("log", "schema-other", found=found, known=SCHEMA)
    weak = [f"{name} = {value}" for name, value, lasts in database.backend.durability(connection) if not lasts]
    if weak:
        yield wrong("log", "not-durable", settings=", ".join(weak))
    else:
        yield well("log", "durable")
    if database.backend.name == "sqlite":
        yield from _whose_it_is(database.path)


def _whose_it_is(path: Path) -> Iterator[Finding]:
    """In a folder for a group: whether the log is for it too. One is not that an older version made, or that was put
    back from a copy."""
    if not is_for_a_group(path.parent):
        return
    file, folder = path.stat(), path.parent
    if file.st_gid != folder.stat().st_gid or file.st_mode & ITS_GROUPS != ITS_GROUPS:
        yield doubtful("log", "not-its-groups", path=str(path), folder=str(folder))


def _clock(desk: Desk) -> Iterator[Finding]:
    if not _is_known(desk):
        return
    off = clock_off(desk.database, desk.now())
    yield wrong("clock", off.reason, span=off.by) if off else well("clock", "clock")


def _time_zone(_desk: Desk) -> Iterator[Finding]:
    zone = "Europe/Stockholm"
    try:
        zoneinfo.ZoneInfo(zone)
    except zoneinfo.ZoneInfoNotFoundError:
        yield wrong("time-zone", "no-time-zone", zone=zone)
    else:
        yield well("time-zone", "time-zone", zone=zone)


def _keys(desk: Desk) -> Iterator[Finding]:
    path = desk.settings.signing_key_file
    if path and os.access(path, os.F_OK) and not os.access(path, os.R_OK):
        yield doubtful("keys", "key-unseen", path=str(path))
        return
    key = signing_key(desk.settings)
    known = known_keys(desk.settings)
    if key:
        yield well("keys", "key", name=key.name)
    elif known:
        yield well("keys", "keys-known", count=len(known))
    else:
        yield doubtful("keys", "no-key")
    kept = newest(desk.database) if _is_known(desk) else None
    if kept and known:
        said = signature_of(kept.note, known, verify)
        if said is not Signature.VALID:
            yield wrong("keys", "newest-unsigned", size=kept.size)


def _web(desk: Desk) -> Iterator[Finding]:
    """As the worker tries it before mail has links there."""
    door = desk.settings.web_url
    if not door:
        return
    problem = probed(door)
    yield wrong("web", problem, door=door) if problem else well("web", "web", door=door)
    if not problem and not door.startswith("https://"):
        yield doubtful("web", "web-unencrypted", door=door)


def _statement(desk: Desk) -> Iterator[Finding]:
    """Where there are pages for everybody: what their accessibility statement has to say and does not know."""
    settings = desk.settings
    if not (settings.publish_dir or settings.web_url):
        return
    asked = ("organisation", "accessibility_contact", "accessibility_assessed")
    unset = [name for name in asked if not getattr(settings, name)]
    if unset:
        yield doubtful("statement", "statement-unknown", settings=", ".join(unset))
    else:
        yield well("statement", "statement")


def _worker(desk: Desk) -> Iterator[Finding]:
    if not _is_known(desk):
        return
    try:
        since = unfollowed_since(desk.database)
    except NotAuthorised:
        yield doubtful("worker", "worker-unseen")
        return
    if since and desk.now() - since > NOT_FOLLOWED:
        yield wrong("worker", "no-worker", since=since)
    else:
        yield well("worker", "worker")


def _disk(desk: Desk) -> Iterator[Finding]:
    if not desk.settings.database_url.startswith(SQLITE):
        return
    folder = Path(desk.settings.database_url.removeprefix(SQLITE)).absolute().parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = well if free >= LITTLE_ROOM else wrong
    yield said("disk", "room" if free >= LITTLE_ROOM else "little-room", folder=str(folder), free=free // 1_000_000)


CHECKS: dict[str, Callable[[Desk], Iterator[Finding]]] = {
    "settings": _settings,
    "log": _log,
    "disk": _disk,
    "clock": _clock,
    "time-zone": _time_zone,
    "keys": _keys,
    "relay": relay,
    "web": _web,
    "statement": _statement,
    "worker": _worker,
}
"""What is looked at, by name."""

AT_THE_DOOR = ("settings", "log", "time-zone", "web", "statement")
"""Those of them that are for who serves the door's pages; the rest is the worker's, and is looked at in its role."""
