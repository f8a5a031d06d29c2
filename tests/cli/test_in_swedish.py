"""What is typed is taken in Swedish and in English, and what is not understood is answered with the right word."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest

from application.desk import Desk
from cli.app import program
from cli.terminal.option_names import SWEDISH
from tests.empty_log import empty_log
from tests.terminal import Terminal

THE_SAME_IN_SWEDISH = {
    "--command-id", "--config", "--duty", "--due-at", "--format", "--health", "--json", "--lang", "--log",
    "--metrics", "--system", "--text", "--toml", "--version", "--via",
}  # fmt: skip
"""Options that read the same, are the clock's own, or are for programs and whoever runs them."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """In a file alone: what is typed is understood before a database is asked."""
    return empty_log(tmp_path / "log.sqlite")


@pytest.mark.parametrize(
    ("typed", "fact", "field", "value"),
    [
        ("systemansvarig-kontaktad --resultat inte-i-tjanst", "system-owner-contacted", "outcome", "off-duty"),
        ("Systemansvarig kontaktad --outcome REACHED", "system-owner-contacted", "outcome", "reached"),
        ("visma --resultat reached", "supplier-contacted", "outcome", "reached"),
        ("omf --omfattning hela --skäl 'allt är nere'", "scope-reclassified", "scope", "region-wide"),
        ("i-drift-igen --system Sesam", "service-restored", "systems", ["sesam-s2"]),
        ("inringande --antal 4 --rad avvakta", "callers-informed", "count", 4),
        ("remiss-mott --nummer OT-1 --inte-akut", "referral-received", "acute", False),
        ("desk-handed-over --till 'VO Hjälpmedel'", "desk-handed-over", "to", "vo-hjalpmedel"),
    ],
)
def test_a_fact_its_options_and_its_values_are_taken_by_their_names(
    outage: Terminal, typed: str, fact: str, field: str, value: object
) -> None:
    written = outage.records(typed).json
    assert written["fact"] == fact
    assert outage.types("log --json").json[-1]["data"][field] == value


def test_a_correction_is_taken_by_names_too(outage: Terminal) -> None:
    outage.records("post rättad --post 1 --skäl fel --rätta omfattning=hela-regionen --rätta 'syst=Sesam'")
    assert outage.status()["scope"] == "region-wide"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("record system-owner-contacted", "--outcome saknas: skriv reached ("),
        ("record system-owner-contacted", ") eller off-duty (inte i tjänst)."),
        ("record outage-detected --scope all-users", "--system saknas: skriv sesam-s2 (Sesam S2), websesam eller"),
        ("record note-added", "--text saknas: anteckningen."),
        ("record system-owner-contacted --outcome x", "--outcome kan inte vara ”x”: skriv reached ("),
        ("record disturbance-reported --unit Ortopeden Lund", 'ska ha citattecken: --unit "Ortopeden Lund"'),
        (
            "record outage-detected --scope all-users --system sesam-s2 websesam",
            "var för sig: --system sesam-s2 --system websesam. Text med mellanslag",
        ),
        ("log 1 2", "”2” är för mycket här"),
        ("record callers-informed --count fem", "”fem” är inget tal: skriv med siffror, till exempel 5."),
        ("störning", "störning anmäld (disturbance-reported) skrivs ner med reservrutin record"),
        ("rekord", "menade du record?"),
        ("tavlan", "menade du board?"),
        ("säg", "menade du say?"),
        ("mottagen", "(instruction-received) skrivs ner med reservrutin record"),
        ("record remiss", "”remiss” kan vara flera: skriv remiss mottagen (referral-received), remiss inmatad ("),
        ("record strning", "menade du störning anmäld (disturbance-reported)?"),
        ("record note-added --txt x", "eller --text?"),
        ("record note-added --text x --händelsse 1", "Menade du --händelse?"),
    ],
)
def test_what_is_not_understood_is_answered_with_the_right_word(outage: Terminal, line: str, said: str) -> None:
    reply = outage.types(line)
    assert reply.code == 2
    assert said in reply.err
    assert outage.facts() == 1


def test_a_role_that_is_set_wrong_is_told_as_a_setting_and_not_as_an_option(outage: Terminal) -> None:
    outage.desk.settings = replace(outage.desk.settings, role="chef")
    reply = outage.types("record note-added --text x")
    assert reply.code == 2
    assert reply.err.startswith("Inställningen role kan inte vara ”chef”")
    assert "hjalpmedel-administration" in reply.err


@pytest.mark.parametrize("typed", ["hjälp", "hjalp", "help", "Hjälp"])
def test_help_is_a_command(terminal: Terminal, typed: str) -> None:
    assert terminal.types(typed).out == terminal.types("--help").out
    assert terminal.types(f"{typed} record note-added").out == terminal.types("record note-added --hjälp").out
    assert terminal.types(f"{typed} record prognos mottagen").out == terminal.types("record prognosis-received -h").out


def test_help_names_the_swedish_options_where_swedish_is_read(terminal: Terminal) -> None:
    shown = terminal.types("record disturbance-reported --help").out
    assert "--unit, --enhet ENHET" in shown
    assert "TEXT" not in shown
    assert "--enhet" not in terminal.types("record disturbance-reported --help --lang en").out
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("witness read nowhere", "nowhere går inte att läsa: det finns ingen sådan fil eller mapp."),
        ("export 2026-001 --format html -o nowhere/at-all", "(det finns ingen sådan fil eller mapp)"),
        ("keys create {log}/key", "key: det finns redan något där."),
    ],
)
def test_what_the_system_answers_is_told_in_swedish(outage: Terminal, tmp_path: Path, line: str, said: str) -> None:
    reply = outage.types(line.format(log=tmp_path / "log.sqlite"))
    assert reply.code == 2
    assert said in " ".join(reply.err.split())


def commands(command: click.Command, typed: tuple[str, ...], desk: Desk) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(typed), command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name="reservrutin", obj=desk)
        for name in command.list_commands(context):
            if (inner := command.get_command(context, name)) is not None:
                yield from commands(inner, (*typed, name), desk)


def test_no_command_has_two_options_of_one_name_and_each_has_its_swedish_one(terminal: Terminal) -> None:
    english: set[str] = set()
    for typed, command in commands(program(), (), terminal.desk):
        names = [
            name
            for option in command.params
            if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        ]
        assert len(names) == len(set(names)), f"{typed}: {sorted(names)}"
        english |= {option.opts[0] for option in command.params if isinstance(option, click.Option)}
    assert {name for name in english if name.startswith("--")} - set(SWEDISH) == THE_SAME_IN_SWEDISH
