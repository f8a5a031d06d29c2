"""Where the log is, who sends the mail, which language: from `reservrutin.toml`, then the environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from domain.refusals import Invalid

PREFIX = "RESERVRUTIN_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting has a default that works, but for the mail server."""

    database_url: str = ""
    smtp_url: str = ""
    smtp_password_file: str = ""
    smtp_ca_file: str = ""
    smtp_connections: str = "4"
    smtp_mails_per_connection: str = "500"
    mail_from: str = "Reservrutin <reservrutin@localhost>"
    mail_retry: str = ""
    mail_expiry: str = ""
    mail_return_path: str = ""
    mail_return_secret: str = ""
    base_url: str = ""
    driftinfo_url: str = "https://vardgivare.skane.se/"
    role: str = ""
    lang: str = "sv"
    mail_hold: str = "20s"
    mail_throttle: str = "6/15m"
    mail_suspend_at: str = "2"
    log_origin: str = ""
    signing_key_file: str = ""
    verifier_keys: str = ""


def load(config: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force. An environment variable wins over the file; `…_FILE` names a file that holds the value.

    Raises Invalid for a file that can't be read, an unknown key or a value that is not a text.
    """
    found = _from_file(config)
    for name in (field.name for field in fields(Settings)):
        if value := environment.get(PREFIX + name.upper()):
            found[name] = value
        elif path := environment.get(f"{PREFIX}{name.upper()}_FILE"):
            found[name] = _secret(Path(path))
    if not found.get("database_url"):
        found["database_url"] = f"sqlite:///{_folder('data') / 'reservrutin.sqlite'}"
    if found.get("lang", "sv") not in ("sv", "en"):
        raise Invalid("setting", name="lang", value=found["lang"])
    return Settings(**found)


def _from_file(config: Path | None) -> dict[str, str]:
    path = config or _folder("config") / "reservrutin.toml"
    if config is None and not path.exists():
        return {}
    import tomllib  # only where there is a file to read

    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid("settings-file", path=str(path), problem=str(error)) from error
    known = {field.name for field in fields(Settings)}
    for name, value in read.items():
        if name not in known:
            raise Invalid("unknown-setting", name=name)
        if not isinstance(value, str):
            raise Invalid("setting", name=name, value=value)
    return read


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise Invalid("settings-file", path=str(path), problem=str(error)) from error


def _folder(kind: Literal["data", "config"]) -> Path:
    """The platform's own; on Linux what platformdirs says too, for a twentieth of what a command costs."""
    if sys.platform == "linux":
        usual = {"data": "~/.local/share", "config": "~/.config"}[kind]
        return Path(os.environ.get(f"XDG_{kind.upper()}_HOME", "").strip() or usual).expanduser() / "reservrutin"
    import platformdirs

    said = {"data": platformdirs.user_data_dir, "config": platformdirs.user_config_dir}[kind]
    return Path(said("reservrutin", appauthor=False))
