"""`make release`: everything that a version is installed from, into dist/, once it has been seen to work.

dist/ is what docs/install.md and docs/decisions/0040 say: the wheel, the sdist, requirements.lock, deploy/, a list
of what is inside (SBOM) and the checksums of all of it. Nothing is put there before all has been tried.
"""

import argparse
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from release import building, installing
from release.building import ROOT, Unfit

BESIDE = ("requirements.lock", "deploy")
"""What the documents install from beside the wheel."""
CYCLONEDX = Path(sys.prefix) / "tools" / "bin" / "cyclonedx-py"


def release(into: Path) -> None:
    with TemporaryDirectory(prefix="reservrutin-") as name:
        folder = Path(name)
        sdist, wheel = building.both(folder)
        building.check(sdist, wheel)
        _say(f"{sdist.name} and {wheel.name}: the same bytes twice, and nothing in them but what should be.")
        ready = folder / "dist"
        ready.mkdir()
        for file in (sdist, wheel):
            shutil.copy(file, ready)
        for beside in BESIDE:
            _copy(folder / "here" / beside, ready / beside)
        bare = installing.Bare(folder / "elsewhere")
        bare.folder.mkdir()
        installing.install(bare, wheel)
        list_what_is_inside(bare, ready / f"reservrutin-{building.version()}.cdx.json")
        _say("Installed in an environment of its own, outside the source.")
        installing.install_what_the_demo_needs(bare)
        for seen in installing.play(bare):
            _say(f"Played there: {seen}.")
        write_checksums(ready)
        shutil.rmtree(into, ignore_errors=True)
        shutil.copytree(ready, into)
    _say(f"{into} is {building.version()}.")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def list_what_is_inside(bare: installing.Bare, file: Path) -> None:
    """The libraries that a version is installed with, their licences and who asks for whom, as CycloneDX has it."""
    around = bare.around | {"SOURCE_DATE_EPOCH": str(building.epoch())}
    command = [str(CYCLONEDX), "environment", str(bare.prefix / "bin" / "python"), "--output-reproducible"]
    subprocess.run(
        [*command, "--pyproject", "pyproject.toml", "--output-file", str(file)], cwd=ROOT, env=around, check=True
    )


def write_checksums(folder: Path) -> None:
    """As `sha256sum --check` reads them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}" for path in files]
    (folder / "SHA256SUMS").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m release", description="What a version is installed from.")
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="the folder (dist)")
    try:
        release(parser.parse_args().into)
    except Unfit as unfit:
        print(f"Not released: {unfit}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
