"""Where the peers live: environments of their own under build/, made from the registries when first needed."""

import shutil
import subprocess
import venv
from pathlib import Path

from bench.ground import BUILD

PEERS = ("aiosmtplib", "apprise", "django", "eventsourcing-sqlalchemy", "psycopg[binary,pool]")


class NotThere(Exception):
    """A peer can't be had here; says why."""


def peers_python() -> Path:
    """The Python that has the peers and nothing of ours. Raises NotThere."""
    folder = BUILD / "bench-peers"
    python = (folder / "bin" / "python").absolute()
    made_of = folder / "made-of"
    if not made_of.exists() or made_of.read_text() != " ".join(PEERS):
        venv.create(folder, with_pip=True, clear=True)
        printed([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS])
        made_of.write_text(" ".join(PEERS))
    return python


def nodemailer() -> Path:
    """The folder with nodemailer's module. Raises NotThere."""
    if not (shutil.which("npm") and shutil.which("node")):
        raise NotThere("no node and npm here")
    folder = BUILD / "bench-node"
    if not (folder / "node_modules" / "nodemailer").exists():
        folder.mkdir(parents=True, exist_ok=True)
        printed(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "nodemailer"])
    return folder


def printed(command: list[str | Path], folder: Path | None = None) -> str:
    """What this process prints. Raises NotThere where it fails."""
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        raise NotThere((done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1][:200])
    return done.stdout
