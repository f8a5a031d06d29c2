"""The sdist and the wheel: the same bytes wherever and whenever they are built."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from packaging.metadata import Metadata

from release import manual

ROOT = Path(__file__).parents[1]
HEADING = re.compile(r"^## (?P<version>\d+\.\d+\.\d+) – (?P<day>\d{4}-\d{2}-\d{2})$", re.MULTILINE)
SHARED = "share"
"""The folder that is made for a build, and stands in the sdist: the man pages and what the shells ask."""


class Unfit(Exception):
    """What was built is not what should be: not to be released."""


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def released() -> date:
    """The newest version's day, which every file in what is built carries.

    Raises Unfit where CHANGELOG.md's newest version is another than the program's.
    """
    newest = HEADING.search((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    if newest is None or newest["version"] != version():
        raise Unfit(f"CHANGELOG.md has no heading for {version()} above all others.")
    return date.fromisoformat(newest["day"])


def epoch() -> int:
    return int(datetime.combine(released(), datetime.min.time(), UTC).timestamp())


def source(folder: Path) -> Path:
    """What is kept of the project, as it stands, and nothing else that lies about; and what is made for a release."""
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    manual.write(folder / SHARED, version(), released())
    return folder


def tracked() -> list[str]:
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in found.split("\0") if name and (ROOT / name).is_file()]


def built(source: Path, kind: str) -> Path:
    """`kind` is sdist or wheel."""
    around = os.environ | {"SOURCE_DATE_EPOCH": str(epoch())}
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind]
    subprocess.run(command, cwd=source, env=around, check=True, capture_output=True)
    [made] = (source / "dist").glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


def both(folder: Path) -> tuple[Path, Path]:
    """The sdist, and the wheel that is built from it alone, each held against what was built of the source elsewhere.

    Raises Unfit for what is not the same.
    """
    here, there = source(folder / "here"), source(folder / "the other place åäö")
    sdist = same(built(here, "sdist"), built(there, "sdist"))
    with tarfile.open(sdist) as packed:
        packed.extractall(folder / "unpacked", filter="data")
    wheel = same(built(folder / "unpacked" / f"reservrutin-{version()}", "wheel"), built(there, "wheel"))
    return sdist, wheel


def same(one: Path, other: Path) -> Path:
    if one.read_bytes() != other.read_bytes():
        raise Unfit(f"{one.name} is not the same when it is built again.")
    return one


def check(sdist: Path, wheel: Path) -> None:
    """Raises Unfit for a file too many or too few in either, and for metadata that an index would refuse."""
    with tarfile.open(sdist) as packed:
        found = {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in packed.getnames()}
    _exactly(sdist, found, {*tracked(), *_shared(SHARED), "PKG-INFO"})
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        [metadata] = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata)
    described = metadata.rpartition("/")[0]
    data = described.replace(".dist-info", ".data/data/share")
    own = {f"{described}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    _exactly(wheel, names, {*_in_the_wheel(), *_shared(data), *own})
    Metadata.from_email(text, validate=True)
    if not str(message_from_bytes(text).get_payload()).strip():
        raise Unfit("The wheel has no description.")


def _exactly(what: Path, found: set[str], wanted: set[str]) -> None:
    if found != wanted:
        raise Unfit(f"{what.name}: too much {sorted(found - wanted)}, too little {sorted(wanted - found)}")


def _in_the_wheel() -> Iterator[str]:
    """The rooms, inside the one name that is ours; texts and routines also as they are compiled."""
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    sources = targets["wheel"]["sources"] | {"reservrutin": "reservrutin"}
    for name in tracked():
        room, _slash, inside = name.partition("/")
        if room in sources and inside:
            yield f"{sources[room]}/{inside}"
            if name.endswith(".po"):
                yield f"{sources[room]}/{inside.removesuffix('.po')}.mo"
            if room == "domain" and name.endswith(".toml"):
                yield f"{sources[room]}/{inside.removesuffix('.toml')}.json"


def _shared(at: str) -> set[str]:
    return {f"{at}/{place}" for place in (*manual.PAGES.values(), *manual.COMPLETIONS.values())}
