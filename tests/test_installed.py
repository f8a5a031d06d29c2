"""What is installed: one name of its own among everybody's packages, and all that it needs inside."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.test_house import ROOMS, ROOT

BUILT_FROM = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "reservrutin", *sorted(ROOMS))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    for name in BUILT_FROM:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        else:
            shutil.copy(path, folder)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=folder, check=True)
    [made] = (folder / "dist").iterdir()
    return made


@pytest.fixture
def site(wheel: Path, tmp_path: Path) -> Path:
    """The packages of an environment that others use too: each room's name is somebody else's package there, which
    stops whoever imports it."""
    site = tmp_path / "paket åäö"
    with ZipFile(wheel) as packed:
        packed.extractall(site)
    for name in ROOMS:
        (site / f"{name}.py").write_text("raise SystemExit('this is another package')", encoding="utf-8")
    return site


UNKNOWN = 54321
"""A user that the system knows nothing of but the number, as in many a container."""

AS_UNKNOWN = ("unshare", "--user", f"--map-user={UNKNOWN}")


def types(site: Path, *arguments: str, bare: bool = False) -> subprocess.CompletedProcess[str]:
    """At a log of its own, with nothing of the checkout to be found; `bare` is with no more surroundings than a service
    may have: no HOME, no character set, files for its owner alone, and a user that nobody knows."""
    libraries = sysconfig.get_path("purelib")
    begins = f"import sys; sys.path[:0] = [{str(site)!r}, {libraries!r}]; from reservrutin.__main__ import main; main()"
    around = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    around |= {"RESERVRUTIN_DATABASE_URL": f"sqlite:///{site.parent}/log.sqlite"}
    if bare:
        around = {name: around[name] for name in ("PATH", "RESERVRUTIN_DATABASE_URL")} | {"LC_ALL": "C"}
    alone = [*(AS_UNKNOWN if bare else ()), sys.executable, "-S", "-P", "-c", begins, *arguments]
    return subprocess.run(
        alone,
        cwd=site.parent,
        env=around,
        capture_output=True,
        encoding="utf-8",
        umask=0o077 if bare else -1,
        check=False,
    )


def test_one_name_is_added_to_an_environment_and_it_is_ours(wheel: Path) -> None:
    with ZipFile(wheel) as packed:
        names = packed.namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"reservrutin"}
    assert {name.split("/")[2] for name in names if name.startswith("reservrutin/rooms/")} == ROOMS
    for needed in ("reservrutin.mo", "sesam.json", "notice.html.j2", "subscribe.html.j2", "page.css"):
        assert any(name.endswith(f"/{needed}") for name in names), needed
    assert not [name for name in names if name.endswith(".pyc")]


def test_the_program_works_beside_packages_that_are_called_as_its_rooms_are(site: Path) -> None:
    for line in (
        "record outage-detected --scope all-users --system sesam-s2",
        "worker --once",
        "export 1 --format html --output rapport.html",
    ):
        told = types(site, *line.split())
        assert told.returncode == 0, told.stderr
    others = subprocess.run(
        [sys.executable, "-S", "-c", "import reservrutin, domain"],
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "this is another package" in others.stderr, "whoever else imports their own package still finds it"


def test_a_service_with_nothing_around_it_does_its_work_in_a_folder_of_any_name(site: Path) -> None:
    told = types(site, "record", "disturbance-reported", "--unit", "Ortopeden Malmö", bare=True)
    assert told.returncode == 0, told.stderr
    assert "Ortopeden Malmö" in told.stdout
    told = types(site, "staff", "add", f"uid-{UNKNOWN}", "--role", "hjalpmedel-administration", bare=True)
    assert told.returncode == 0, told.stderr
    told = types(site, "record", "note-added", "--text", "Lugnt", bare=True)
    assert "som Hjälpmedel Administration" in told.stdout, "it is known by its number"
    told = types(site, "export", "1", "--format", "html", "--output", "rapport åäö.html", bare=True)
    assert told.returncode == 0, told.stderr
    made = (site.parent / "log.sqlite", site.parent / "rapport åäö.html")
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
