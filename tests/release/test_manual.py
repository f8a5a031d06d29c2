"""The man page and the tab key, as a system's own programs read them."""

import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import pytest

from application.desk import Desk
from application.settings import Settings
from cli.app import program
from cli.terminal.command import Group
from release.manual import COMPLETIONS, PAGES, write
from tests.programs import needs
from wording.words import Language


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("share")
    write(made, "0.2.0", date(2026, 11, 29))
    return made


def every_command(group: Group, ctx: click.Context) -> Iterator[str]:
    for name in group.list_commands(ctx):
        found = group.get_command(ctx, name)
        yield f"{ctx.command_path} {name}"
        if isinstance(found, Group):
            yield from every_command(found, click.Context(found, info_name=name, parent=ctx, obj=ctx.obj))


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "sv",
            ("NAMN", "Skriv ner vad som har hänt.", "\\-\\-at, \\-\\-när TID", "det är gjort", "RESERVRUTIN_SMTP_URL"),
        ),
        ("en", ("NAME", "Write down what has happened.", "\\-\\-at TIME", "it is done", "RESERVRUTIN_SMTP_URL")),
    ],
)
def test_the_man_page_has_every_command_in_both_languages(
    share: Path, tmp_path: Path, language: Language, says: tuple[str, ...]
) -> None:
    text = (share / PAGES[language]).read_text(encoding="utf-8")
    desk = Desk(Settings(database_url=f"sqlite:///{tmp_path}/none.sqlite")).speaking(language)
    root = program()
    told = {line.removeprefix('.SS "').rstrip('"').replace("\\-", "-") for line in text.splitlines()}
    assert not set(every_command(root, click.Context(root, info_name="reservrutin", obj=desk))) - told
    for words in says:
        assert words in text
    assert text.count("\\-\\-command\\-id") == 1, "what every fact takes is told once"


@needs("groff")
@pytest.mark.parametrize("language", PAGES)
def test_groff_reads_the_whole_page(share: Path, language: Language) -> None:
    read = subprocess.run(
        ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", share / PAGES[language]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert read.stderr == ""
    assert "RESERVRUTIN_DATABASE_URL" in read.stdout


@pytest.mark.parametrize("shell", ["bash", *(pytest.param(shell, marks=needs(shell)) for shell in ("zsh", "fish"))])
def test_each_shell_finds_a_script_that_it_can_read(share: Path, shell: str) -> None:
    subprocess.run([shell, "-n", share / COMPLETIONS[shell]], check=True)
    assert (share / COMPLETIONS["zsh"]).read_text(encoding="utf-8").startswith("#compdef reservrutin\n")
