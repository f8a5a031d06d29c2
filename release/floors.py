"""`make floors`: the lowest versions that pyproject.toml promises, put together, and the tests that touch each library.

Whoever installs the program beside something else goes by what is promised. A floor that no test has stood on is a
guess.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from release.building import ROOT

UV = Path(sys.prefix) / "tools" / "bin" / "uv"
HERE = Path(sys.prefix) / "floors"
EXTRAS = ("postgresql", "web", "demo")
EMAIL, DATABASE, LOG = "tests/notifiers/email", "tests/infrastructure/database", "tests/infrastructure/log"
TOUCHED_BY = {
    "aiosmtpd": ("tests/cli/commands/test_demo.py",),
    "aiosmtplib": (f"{EMAIL}/test_session.py", f"{EMAIL}/test_tls.py", f"{EMAIL}/test_pipelining.py"),
    "alembic": (f"{DATABASE}/test_migrations.py",),
    "click": ("tests/cli/test_bad_input.py", "tests/cli/test_tab_key.py", "tests/release/test_manual.py"),
    "cryptography": ("tests/domain/test_checkpoint.py", "tests/infrastructure/integrity/test_checkpoints.py"),
    "eventsourcing": (f"{LOG}/test_fact_store.py", f"{LOG}/test_incident_log.py"),
    "flufl.bounce": (f"{EMAIL}/test_bounces.py",),
    "jinja2": (f"{EMAIL}/test_mailing.py", f"{EMAIL}/test_injection.py", "tests/web/test_door.py"),
    "platformdirs": ("tests/application/test_settings.py",),
    "prometheus-client": ("tests/application/worker/test_watching.py",),
    "psycopg": (f"{DATABASE}/test_database.py", f"{LOG}/test_fact_store.py"),
    "pydantic": ("tests/domain/test_facts.py", "tests/domain/test_routine.py"),
    "python-oxmsg": ("tests/cli/commands/test_witness.py",),
    "rich": ("tests/cli/desk/test_glass.py",),
    "sqlalchemy": (f"{DATABASE}/test_database.py", f"{DATABASE}/test_migrations.py"),
    "starlette": ("tests/web/test_staff.py", "tests/web/test_door.py"),
    "textual": ("tests/cli/desk/test_desk.py", "tests/cli/desk/test_sheets.py", "tests/cli/terminal/test_timeline.py"),
    "tzdata": ("tests/wording/test_times.py",),
    "uvicorn": ("tests/web/test_serving.py",),
}
"""The suite's own part of each library that the program asks for."""


def floors() -> dict[str, str]:
    """The lowest version of each library that is promised, by its name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = [
        *project["dependencies"],
        *(each for extra in EXTRAS for each in project["optional-dependencies"][extra]),
    ]
    return dict(re.sub(r"\[.*\]", "", each).split(">=") for each in promised)


def _uv(*arguments: str) -> None:
    subprocess.run([str(UV), *arguments], cwd=ROOT, check=True)


def prepare() -> Path:
    """An environment with these and no others, and what the tests are run with; its interpreter."""
    shutil.rmtree(HERE, ignore_errors=True)
    _uv("venv", "--quiet", "--python", sys.executable, str(HERE))
    lowest, all_of_it, python = HERE / "lowest.txt", HERE / "all.txt", HERE / "bin" / "python"
    lowest.write_text("".join(f"{name}=={floor}\n" for name, floor in floors().items()), encoding="utf-8")
    asked = [option for extra in EXTRAS for option in ("--extra", extra)]
    compiled = ["pip", "compile", "--quiet", "--constraint", str(lowest), "--output-file", str(all_of_it)]
    _uv(*compiled, "--python", str(python), "--group", "dev", *asked, "pyproject.toml")
    _uv("pip", "install", "--quiet", "--python", str(python), "--requirement", str(all_of_it))
    _uv("pip", "install", "--quiet", "--python", str(python), "--no-deps", "--no-build-isolation", "--editable", ".")
    return python


def main() -> int:
    python = prepare()
    print("With", ", ".join(f"{name} {floor}" for name, floor in floors().items()), flush=True)
    tests = sorted({test for touching in TOUCHED_BY.values() for test in touching})
    command = [str(python), "-m", "pytest", "-n", "auto", "--dist", "worksteal", "-p", "no:cacheprovider"]
    return subprocess.run([*command, "-m", "not long", *tests], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
