"""What is set, and where: read by its form into the fields of Settings, or refused with the place where it stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from application.setting_forms import SETTINGS, Setting, Unfit
from domain.refusals import Invalid


@dataclass(frozen=True, slots=True)
class Given:
    """A setting's text and where it stands: in an environment variable, or under its name in a file. A variable that
    ends with _FILE names the file which holds the text."""

    text: str
    variable: str = ""
    path: Path | None = None


def read(given: Mapping[str, Given]) -> dict[str, Any]:
    """The fields of Settings that these texts mean. Raises Invalid for a value that can't be, with where it stands."""
    values = {name: _value(name, text) for name, text in given.items()}
    if "mail_return_path" in values and "mail_return_secret" not in values:
        raise _refused("mail_return_path", given["mail_return_path"], Unfit("return-secret-missing"))
    if values.get("only_channel") == "folder" and "notice_folder" not in values:
        raise _refused("only_channel", given["only_channel"], Unfit("notice-folder-missing"))
    assessed = values.get("accessibility_assessed")
    if assessed and assessed.meets == "fully" and values.get("accessibility_faults"):
        raise _refused("accessibility_faults", given["accessibility_faults"], Unfit("faults-of-none"))
    server = values.pop("smtp_url", None)
    of_the_server = {field: values.pop(name) for name, field in OF_THE_SERVER.items() if name in values}
    if server is not None:
        if server.password and "password_file" in of_the_server:
            raise _refused("smtp_url", given["smtp_url"], Unfit("smtp-url-two-passwords"))
        values["mail_server"] = replace(server, **of_the_server)
    of_the_policy = values.pop("mail_retry", {}) | values.pop("mail_expiry", {})
    if of_the_policy:
        from notifiers.retry import RetryPolicy

        values["mail_retry"] = RetryPolicy(**of_the_policy)
    return values


def from_document(path: Path, text: str) -> dict[str, Given]:
    """What is set in this file. Raises Invalid for what it can't be."""
    import json
    import tomllib

    try:
        document = tomllib.loads(text)
    except ValueError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else max(len(text.splitlines()), 1)
        raise Invalid("settings-toml", path=str(path), line=line) from error
    found = {}
    for name, value in document.items():
        if name not in SETTINGS:
            raise unknown(name, path=str(path), line=line_in(path, name))
        meant = _text(value, SETTINGS[name])
        if meant is None:
            as_it_stands = Given(json.dumps(value, ensure_ascii=False, default=str), path=path)
            raise _refused(name, as_it_stands, _right_for(name, as_it_stands.text))
        found[name] = Given(meant, path=path)
    return found


def _text(value: Any, setting: Setting) -> str | None:
    """What TOML has without quotation marks, as the setting's text: a number, whether it is on, several in a list. None
    where the setting is of another kind."""
    if isinstance(value, bool):
        return ("off", "on")[value] if setting.is_switch else None
    if isinstance(value, list):
        fits = setting.between and all(isinstance(one, str) for one in value)
        return setting.between.join(value) if fits else None
    return str(value) if isinstance(value, (str, int, float)) else None


def _right_for(name: str, text: str) -> Unfit:
    """How the setting is written, of a text that it can't be; where any text would do, between quotation marks."""
    try:
        SETTINGS[name].read(text)
    except Unfit as unfit:
        return unfit
    return Unfit("text")


def unknown(name: str, prefix: str = "", **place: Any) -> Invalid:
    """That there is no such setting, and which one was probably meant; `prefix` begins the name of a variable."""
    from difflib import get_close_matches

    known = [f"{prefix}{setting.upper()}" for setting in SETTINGS] if prefix else list(SETTINGS)
    if name.endswith("_FILE"):
        known += [f"{variable}_FILE" for variable in known]
    return Invalid("unknown-setting", name=name, near=get_close_matches(name, known, 1), **place)


def place_of(name: str, given: Given) -> dict[str, Any]:
    """Where a setting stands: its variable, or its file and line."""
    if given.variable:
        return {"variable": given.variable}
    return {"path": str(given.path), "line": line_in(given.path, name) if given.path else 1}


def line_in(path: Path, name: str) -> int:
    """The line of the file on which a setting stands."""
    from wording.toml_lines import nearest, places

    return nearest(places(path.read_text(encoding="utf-8-sig")), [name])


def _value(name: str, given: Given) -> Any:
    try:
        return SETTINGS[name].read(given.text)
    except Unfit as unfit:
        raise _refused(name, given, unfit) from unfit


def _refused(name: str, given: Given, unfit: Unfit) -> Invalid:
    """On one line, whatever the text is; a secret is not repeated."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in given.text).split())
    shown = {} if SETTINGS[name].is_secret else {"value": plain}
    return Invalid("setting", name=name, right=unfit.right, **shown, **place_of(name, given), **unfit.data)


OF_THE_SERVER = {
    "smtp_password_file": "password_file",
    "smtp_ca_file": "ca_file",
    "smtp_ehlo_name": "ehlo_name",
    "smtp_connections": "connections",
    "smtp_mails_per_connection": "mails_per_connection",
}
"""The settings that say more of the mail server, and which of its fields."""
