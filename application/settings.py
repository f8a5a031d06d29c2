"""Where the log is, who sends the mail, which language: from the system's `reservrutin.toml`, then the person's own,
then the environment.

Every value is read into its type here, once; nothing further in reads a text again. Each default is written as its
value, so that a command with nothing set imports nothing to know it; `application.setting_forms` says how each
setting is written, and is imported where one is.

A setting's own text is judged here, for every command. What it points to (a password's file, a key, a certificate) is
looked at by whoever uses it: the person at the telephone may record without being let near the worker's secrets.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from domain.refusals import Invalid

if TYPE_CHECKING:
    from pathlib import Path

    from application.assessment import Assessment
    from application.setting_values import Given
    from domain.audience import ChannelName
    from domain.checkpoint import VerifierKey
    from notifiers.email.mail_server import MailServer
    from notifiers.retry import RetryPolicy

FILE = "reservrutin.toml"
PREFIX = "RESERVRUTIN_"
NO_SETTINGS = ("RESERVRUTIN_TRACEBACK",)
"""Variables of that name which are for whoever works on the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting has a default that works, but for the mail server. `given` is what was set, and where."""

    database_url: str
    lang: Literal["sv", "en"] = "sv"
    role: str = ""
    organisation: str = ""
    base_url: str = ""
    driftinfo_url: str = "https://vardgivare.skane.se/"
    mail_server: "MailServer | None" = None
    mail_from: tuple[str, str] = ("Reservrutin", "reservrutin@localhost")
    """Name and address."""
    mail_return_path: str = ""
    mail_return_secret: str = field(default="", repr=False)
    mail_hold: timedelta = timedelta(seconds=20)
    mail_throttle: tuple[int, timedelta] = (6, timedelta(minutes=15))
    """So many mails in so long; 0 mails sets no limit."""
    mail_suspend_at: float = 2.0
    mail_one_click: bool = True
    """Whether a mail program may end a subscription at the door by itself (RFC 8058)."""
    mail_retry: "RetryPolicy | None" = None
    """None is the policy as it is made."""
    notice_folder: "Path | None" = None
    publish_dir: "Path | None" = None
    web_staff_header: str = ""
    """The header in which a proxy says who looks at staff's page; without one nobody is named there."""
    web_url: str = ""
    """Where readers reach the subscriber's door, without a slash at its end; "" where there is none."""
    subscribe_domains: tuple[str, ...] = ()
    """Whose addresses may be subscribed by their readers; every domain's where none is named."""
    accessibility_contact: str = ""
    """An address of a page or a mailbox."""
    accessibility_assessed: "Assessment | None" = None
    accessibility_faults: tuple[str, ...] = ()
    web_listen: str = "127.0.0.1:8020"
    only_channel: "ChannelName | None" = None
    """None is for each subscriber the channel that they carry."""
    signing_key_file: "Path | None" = None
    log_origin: str = ""
    verifier_keys: "tuple[VerifierKey, ...]" = ()
    given: "Mapping[str, Given]" = field(default_factory=dict, repr=False, compare=False)


def load(config: "str | Path | None" = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force. An environment variable wins over the files; `…_FILE` names a file that holds the value.

    Raises Invalid for a file that can't be read, a setting that there is not and a value that can't be.
    """
    given = _from_files(config) | _from_environment(environment)
    found = {}
    if given:
        from application.setting_values import read

        found = read(given)
    if "database_url" not in found:
        if not (own := folder("data")):
            raise Invalid("no-home")
        found["database_url"] = f"sqlite:///{own}/reservrutin.sqlite"
    return Settings(**{"given": given} | found)


def _from_environment(environment: Mapping[str, str]) -> "dict[str, Given]":
    variables = [name for name in environment if name.startswith(PREFIX) and environment[name]]
    if not variables:
        return {}
    from pathlib import Path

    from application.setting_forms import SETTINGS
    from application.setting_values import Given, unknown

    found = {}
    for variable in sorted(variables):  # a variable comes before its _FILE, and wins
        name = variable.removeprefix(PREFIX).lower()
        if name in SETTINGS:
            found[name] = Given(environment[variable], variable)
        elif (name := name.removesuffix("_file")) in SETTINGS:
            path = Path(environment[variable])
            found[name] = found.get(name) or Given(_text_of(path).strip(), variable, path)
        elif variable not in NO_SETTINGS:
            raise unknown(variable, PREFIX)
    return found


def _from_files(config: "str | Path | None") -> "dict[str, Given]":
    """What stands in the file that is named, or else in the system's and then in the person's own, which wins."""
    found: dict[str, Given] = {}
    own = folder("config")
    usual = [*system_places(), *([os.path.join(own, FILE)] if own else [])]
    for place in [config] if config else usual:
        if not config and not _is_there(place):
            continue
        from pathlib import Path

        from application.setting_values import from_document

        path = Path(place)
        found |= from_document(path, _text_of(path))
    return found


def system_places() -> list[str]:
    """Where an administrator says it for everybody on this machine, what is said last wins (XDG Base Directory)."""
    if sys.platform == "linux":
        shared = os.environ.get("XDG_CONFIG_DIRS", "").strip() or "/etc/xdg"
        places = [os.path.join(place, "reservrutin", FILE) for place in reversed(shared.split(":")) if place]
        return [*places, f"/etc/reservrutin/{FILE}"]
    import platformdirs

    return [os.path.join(platformdirs.site_config_dir("reservrutin", appauthor=False), FILE)]


def _is_there(place: "str | Path") -> bool:
    """A file that is there and may not be read is no absent one: without it somebody would write to a log of their
    own."""
    try:
        os.stat(place)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _text_of(path: "Path") -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # as some editors write it
    except OSError as error:
        raise Invalid("settings-file", path=str(path), problem=error.strerror) from error
    except ValueError as error:
        raise Invalid("settings-text", path=str(path)) from error


def folder(kind: Literal["data", "config"]) -> str:
    """The person's own on this platform, "" for somebody who has no home; on Linux what platformdirs says too, for a
    twentieth of what a command costs."""
    if sys.platform == "linux":
        usual = {"data": "~/.local/share", "config": "~/.config"}[kind]
        home = os.environ.get(f"XDG_{kind.upper()}_HOME", "").strip()
        found = os.path.expanduser(home if os.path.isabs(home) else usual)  # any other counts as none (XDG)
        return os.path.join(found, "reservrutin") if os.path.isabs(found) else ""
    import platformdirs

    said = {"data": platformdirs.user_data_dir, "config": platformdirs.user_config_dir}[kind]
    return said("reservrutin", appauthor=False)
