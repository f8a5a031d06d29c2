"""A machine for docs/install.md: what the page says to type is typed into a shell, as root, and done below a folder.

Its users are real to the system: `sudo -u anna` is a process of a user and groups of their own, by numbers that nobody
else has here. What would change the machine itself is done beside it: `usermod` and `systemd-sysusers` write down who
is of which group. `pip` only looks like it, because a test asks no index: the libraries are those of the tests, and the
wheel is unpacked (`make release` installs it with pip).
"""

import os
import pwd
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from tests.docs.pages import commands

ROOT = Path(__file__).parents[2]
FIRST_NUMBER = 61_300
USERS = ("reservrutin", "anna", "bo")
PLACES = re.compile(
    r"/(?=(?:opt/reservrutin|etc/(?:reservrutin|systemd)|var/lib/reservrutin|usr/(?:local/bin|lib/sysusers))\b)"
)

SUDO = """#!/bin/sh
name=$2; shift 2
read -r number groups < {root}/users/$name
exec setpriv --reuid=$number --regid=$number --groups=$groups env -i PATH="$PATH" HOME={root}/home/$name \
    XDG_CONFIG_DIRS={root}/etc LC_ALL=C.UTF-8 LD_LIBRARY_PATH={root}/python/lib "$@"
"""
USERMOD = """#!/bin/sh
# -a -G GROUP NAME
read -r group _ < {root}/users/$3
read -r number groups < {root}/users/$4
echo "$number $groups,$group" > {root}/users/$4
"""
SYSUSERS = """#!/bin/sh
grep -q '^u reservrutin - ' {root}/usr/lib/sysusers.d/reservrutin.conf
"""
PYTHON = """#!/bin/sh
# -m venv FOLDER
{python} -m venv --without-pip "$3" && cp {root}/bin/pip "$3/bin/pip"
"""
PIP = """#!/bin/sh
site=$(echo {root}/opt/reservrutin/lib/python*/site-packages)
case "$*" in
    "install --require-hashes -r requirements.lock") cp -rp {root}/libraries/. "$site" ;;
    "install --no-deps reservrutin-"*.whl) {python} -m zipfile -e "$3" "$site"
        {python} -m compileall -q "$site/reservrutin"
        printf '#!%s\nfrom reservrutin.__main__ import main\nmain()\n' {root}/opt/reservrutin/bin/python \
            > {root}/opt/reservrutin/bin/reservrutin
        chmod 755 {root}/opt/reservrutin/bin/reservrutin ;;
    *) exit 2 ;;
esac
"""
STANDS_IN = {"sudo": SUDO, "usermod": USERMOD, "systemd-sysusers": SYSUSERS, "python3": PYTHON, "pip": PIP}


class Machine:
    """`root` is a folder that everybody may enter; `dist` in it a version as `make release` makes one. `instead` is put
    in the place of what the page or a file of deploy/ says; `typed` is what is typed into a file, by its name."""

    def __init__(self, root: Path, wheel: Path, instead: dict[str, str]) -> None:
        self.root = root
        self.instead = instead
        self.typed: dict[str, str] = {}
        self.numbers = dict(zip(USERS, _numbers_of_nobody(), strict=False))
        self._around = {
            "PATH": f"{root}/bin:{root}/usr/local/bin:{os.environ['PATH']}:/usr/sbin:/sbin",
            "HOME": f"{root}/home/root",
            "XDG_CONFIG_DIRS": f"{root}/etc",
            "LC_ALL": "C.UTF-8",
        }
        for folder in ("bin", "dist", "home", "opt", "etc", "users", "usr/local/bin", "usr/lib/sysusers.d", "var/lib"):
            (root / folder).mkdir(parents=True)
        for name, number in self.numbers.items():
            (root / "users" / name).write_text(f"{number} {number}\n")
            (root / "home" / name).mkdir()
            os.chown(root / "home" / name, number, number)
        for name, script in STANDS_IN.items():
            (root / "bin" / name).write_text(script.format(root=root, python=_interpreter(root)))
            (root / "bin" / name).chmod(0o755)
        _libraries(root / "libraries")
        shutil.copy(wheel, root / "dist")
        shutil.copy(ROOT / "requirements.lock", root / "dist")
        shutil.copytree(ROOT / "deploy", root / "dist" / "deploy")
        for path in (root / "dist" / "deploy").iterdir():
            path.write_text(self._here(path.read_text(encoding="utf-8")), encoding="utf-8")
        self._run("find . -type f ! -name SHA256SUMS -exec sha256sum {} + > SHA256SUMS")

    def plays(self, blocks: Iterator[str]) -> list[str]:
        """Every command of these blocks in turn; what each answered."""
        return [self.types(line) for block in blocks for _time, line in commands(block)]

    def types(self, line: str, code: int = 0) -> str:
        """One line of the page, as root. Fails where it ends otherwise."""
        typed = next((text for name, text in self.typed.items() if f"/{name}" in line), "")
        ended = self._run(self._here(line), typed)
        assert ended.returncode == code, f"{line}\n{ended.stdout}{ended.stderr}"
        return ended.stdout + ended.stderr

    @contextmanager
    def killed(self, user: str, line: str) -> Iterator[Iterable[str]]:
        """What goes on as this user until it is killed, and what it says on standard error."""
        shell = ["sh", "-c", f"exec sudo -u {user} {line}"]
        with subprocess.Popen(
            shell, cwd=self.root / "dist", env=self._around, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr
            try:
                yield process.stderr
            finally:
                process.kill()

    def _run(self, line: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", "-c", line],
            cwd=self.root / "dist",
            env=self._around,
            input=typed,
            capture_output=True,
            encoding="utf-8",
            umask=0o022,
            check=False,
        )

    def _here(self, text: str) -> str:
        """The page's places and people as they are here."""
        for said, here in self.instead.items():
            text = text.replace(said, here)
        for name, number in self.numbers.items():
            text = re.sub(rf"(?<=-o ){name}\b|(?<=-g ){name}\b", str(number), text)
            text = re.sub(rf"(?<=staff add ){name}\b", f"uid-{number}", text)
            text = text.replace(f"~{name}/", f"{self.root}/home/{name}/")
        return PLACES.sub(f"{self.root}/", text)


def _numbers_of_nobody() -> Iterator[int]:
    known = {entry.pw_uid for entry in pwd.getpwall()}
    return (number for number in range(FIRST_NUMBER, FIRST_NUMBER + 1_000) if number not in known)


def _interpreter(root: Path) -> Path:
    """One that everybody may run: ours, or a copy of it where it lies in somebody's home."""
    ours = Path(sys.base_prefix)
    program = Path(sys.executable).resolve()
    if all(folder.stat().st_mode & 0o005 == 0o005 for folder in program.parents):
        return program
    copy = root / "python"
    if not copy.exists():
        shutil.copytree(ours, copy, symlinks=True, ignore=shutil.ignore_patterns("site-packages", "test", "*.a"))
    return copy / program.relative_to(ours.resolve())


def _libraries(folder: Path) -> None:
    """What requirements.lock would have installed, as the tests have it."""
    site = Path(sysconfig.get_path("purelib"))
    for name in _needed("reservrutin", {"postgresql", "web"}) - {"reservrutin"}:
        for file in metadata.distribution(name).files or ():
            if ".." not in file.parts and (site / file).is_file():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(site / file, folder / file)  # with its time, by which what is compiled is known
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _needed(name: str, extras: set[str]) -> set[str]:
    found = {name}
    for said in metadata.requires(name) or ():
        requirement = Requirement(said)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            found |= _needed(requirement.name, requirement.extras or {""})
    return found
