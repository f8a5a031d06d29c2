"""The tab key, in the shells that are installed here: what stands in the log, and the Swedish names beside."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from domain.vocabulary import SWEDEN
from tests.programs import needs
from tests.pseudo_terminal import Screen, plainly

ASKED = {
    "record op": ["operating-information-requested", "driftinformation begärd"],
    "record stor": ["storning-anmald"],
    "record supplier-contacted --outcome ": ["no-answer", "inte i tjänst"],
    "record supplier-contacted --resultat inte": ["inte-i-tjänst"],
    "record note-added --incident ": ["2026-0001", "2026-0002", "websesam"],
    "show 2026-000": ["2026-0001", "2026-0002"],
    "record referral-entered --incident 1 --serial ": ["OT-1", "OT-3"],
    "deliveries --retry ": ["refused", "avvisat av e-postservern", "policy", "2026-0001"],
    "deliveries --försök-igen avv": ["avvisat-av-e-postservern"],
    "record entry-corrected --entry 1 --incident 1 --set ": ["scope=", "Omfattning"],
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two incidents, three papers of which one is entered."""
    opens = "record outage-detected --incident new --scope all-users --system"
    plainly(tmp_path, f"{opens} sesam-s2")
    plainly(tmp_path, f"{opens} websesam")
    plainly(tmp_path, "record referral-received --incident 1 --serial OT-1 --serial OT-2 --serial OT-3")
    plainly(tmp_path, "record service-restored --incident 1 --system sesam-s2")
    plainly(tmp_path, "record referral-entered --incident 1 --serial OT-2 --as partner")
    return tmp_path


def in_fish(folder: Path, line: str) -> str:
    """Fish says what it would offer without a terminal."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RESERVRUTIN_")}
    kept |= {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    kept["PATH"] = f"{Path(sys.executable).parent}:{kept['PATH']}"
    asks = f"reservrutin completion fish | source; complete -C 'reservrutin {line}'"
    return subprocess.run(["fish", "-c", asks], env=kept, check=True, capture_output=True, text=True).stdout


def year(text: str) -> str:
    return text.replace("2026-", f"{datetime.now(SWEDEN).year}-")


def asked_in_fish(log: Path) -> None:
    for line, texts in ASKED.items():
        said = in_fish(log, year(line))
        assert all(year(text) in said for text in texts), said
        assert "OT-2" not in said


STARTS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        "PS1='$ '; eval \"$(reservrutin completion bash)\"; echo re''ady\n",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "PS1='$ '; autoload -Uz compinit; compinit -u -D; eval \"$(reservrutin completion zsh)\"; echo re''ady\n",
    ),
}


def asked_at_a_terminal(log: Path, shell: str) -> None:
    program, starts = STARTS[shell]
    screen = Screen(log, "", program)
    screen.shows_after(starts, "ready")
    for line, texts in ASKED.items():
        screen.shows_after(f"reservrutin {year(line)}\t", *(map(year, texts) if len(texts) == 1 else ()))
        if len(texts) > 1:
            screen.shows_after("\t\t", *map(year, texts))
        screen.shows_after("\x15echo do''ne\n", "done")
        assert "OT-2" not in screen.shown
    screen.types("exit\n")
    assert screen.ends() == 0


@pytest.mark.parametrize("shell", ["bash", *(pytest.param(shell, marks=needs(shell)) for shell in ("zsh", "fish"))])
def test_the_tab_key_offers_what_the_log_holds_and_the_swedish_names_beside(log: Path, shell: str) -> None:
    if shell == "fish":
        asked_in_fish(log)
    else:
        asked_at_a_terminal(log, shell)
