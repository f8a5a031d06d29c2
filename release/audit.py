"""`make audit`: whether a library that the program is installed with has a known vulnerability.

It asks the package index, whose answer changes from day to day: so it is run by a schedule, and no test asks.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from release.building import ROOT

PIP_AUDIT = Path(sys.prefix) / "tools" / "bin" / "pip-audit"
VULNERABLE, NOT_ASKED = 1, 75


def looked_up(lock: Path) -> list[dict[str, Any]]:
    """What is known of each library of the lock; of none where nobody answers."""
    asks = [str(PIP_AUDIT), "--requirement", str(lock), "--require-hashes", "--disable-pip"]
    answered = subprocess.run(
        [*asks, "--format", "json", "--progress-spinner", "off"], capture_output=True, encoding="utf-8", check=False
    )
    try:
        found: list[dict[str, Any]] = json.loads(answered.stdout)["dependencies"]
    except json.JSONDecodeError:
        return []
    return found


def judged(found: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """The exit code, and what is to be said. Silence about a library is no answer: the tool itself ends well then."""
    vulnerable = [
        f"{library['name']} {library['version']}: {', '.join([flaw['id'], *flaw['aliases']])}"
        f", mended in {', '.join(flaw['fix_versions']) or 'no version'}"
        for library in found
        for flaw in library.get("vulns", ())
    ]
    if vulnerable:
        return VULNERABLE, vulnerable
    silent = sum("skip_reason" in library for library in found)
    if not found:
        return NOT_ASKED, ["The index said nothing of any library: nothing is known."]
    if silent:
        return NOT_ASKED, [f"The index said nothing of {silent} of {len(found)} libraries: nothing is known of these."]
    return 0, [f"{len(found)} libraries, no known vulnerability."]


def main() -> int:
    code, said = judged(looked_up(ROOT / "requirements.lock"))
    print(*said, sep="\n", file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
