"""The alerts that stand in `deploy/`: each fires when it should, and is in the runbook."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.programs import needs

HERE = Path(__file__).parent
DEPLOY = HERE.parents[1] / "deploy"


@needs("promtool")
def test_each_alert_fires_when_it_should_and_not_before(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "alerts.yml", tmp_path)
    shutil.copy(HERE / "alerts_test.yml", tmp_path)
    for check in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        told = subprocess.run(["promtool", *check], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr


def test_the_runbook_says_what_to_do_at_each_alert() -> None:
    runbook = (DEPLOY.parent / "docs" / "operations.md").read_text(encoding="utf-8").partition("## Runbook")[2]
    tried = (HERE / "alerts_test.yml").read_text(encoding="utf-8")
    for alert in re.findall(r"alert: Reservrutin(\w+)", (DEPLOY / "alerts.yml").read_text(encoding="utf-8")):
        assert f"*{alert}*" in runbook, alert
        assert f"Reservrutin{alert}" in tried, alert
