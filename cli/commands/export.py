"""`export`: an incident, or the whole log, as a file for somebody else's eyes or tools."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import click

from application.desk import Desk
from application.incidents import number
from cli.terminal.command import Command, answer, wants_json
from cli.terminal.incident_number import IncidentNumber
from cli.terminal.lines import is_plain
from cli.terminal.options import Written
from cli.terminal.output import STDOUT, written_whole
from cli.terminal.parameters import Argument, Choice, Option
from domain.refusals import Invalid
from domain.texts import N_
from wording.words import Texts

Write = Callable[..., None]
"""Writes one incident, given the desk, its number and where to; a format may ask for more."""

DIARY = "dagbok"


@dataclass(frozen=True, slots=True)
class Exported:
    incidents: int
    facts: int


def _by(module: str) -> Write:
    """The `write` of a module that is imported when it is called for."""

    def write(desk: Desk, incident: str, out: BinaryIO, **more: Any) -> None:
        import_module(module).write(desk, incident, out, **more)

    return write


def _streaming(module: str) -> Write:
    """An exporter that reads the log in pieces, for one incident."""

    def write(desk: Desk, incident: str, out: BinaryIO) -> None:
        stream(desk, module, incident, out)

    return write


STREAMS = {
    "ocel": "application.exports.ocel",
    "xes": "application.exports.xes",
    "cloudevents": "application.exports.cloudevents",
}
"""The formats that can take the whole log."""

FORMATS: dict[str, Write] = {
    "html": _by("application.exports.report.export"),
    DIARY: _by("application.exports.diary.export"),
    "bundle": _by("application.exports.bundle"),
    **{name: _streaming(module) for name, module in STREAMS.items()},
}


def stream(desk: Desk, module: str, incident: str | None, out: BinaryIO) -> Exported:
    """Write one incident, or the whole log with a progress bar for whoever watches. Raises NotFound."""
    from infrastructure.log.pages import Source

    exporter = import_module(module)
    with _progress(desk.texts, wanted=incident is None) as bar:
        passed = bar.update if bar else None
        origin = desk.settings.base_url
        source = Source(desk.database, desk.histories, incident, origin=origin, passed=passed)
        if bar:
            bar.length = source.facts * exporter.PASSES
        for piece in exporter.export(source):
            out.write(piece)
    return Exported(source.incidents, source.facts)


@contextmanager
def _progress(texts: Texts, *, wanted: bool) -> Iterator[Any]:
    """A bar on a terminal's stderr, and nothing anywhere else."""
    if not wanted or is_plain() or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=texts.gettext("Exporting"), file=sys.stderr) as bar:
        yield bar


def _export(
    desk: Desk, incident: str | None, format_: str, output: str, everything: bool, force: bool, reference: str
) -> None:
    if reference and format_ != DIARY:
        raise Invalid("only-in-a-diary", format=DIARY)
    as_text = output == STDOUT or output.lower().endswith(".txt")
    more = {"reference": reference, "as_text": as_text} if format_ == DIARY else {}
    if everything == bool(incident):
        raise Invalid("one-or-all")
    if everything and format_ not in STREAMS:
        raise Invalid("one-at-a-time", format=format_, known=", ".join(STREAMS))
    if output == STDOUT and wants_json():
        raise Invalid("two-on-stdout")
    chosen = number(incident, desk) if incident else None
    facts = len(desk.history(chosen)) if chosen else 0
    with written_whole(output, force=force) as out:
        if chosen:
            FORMATS[format_](desk, chosen, out, **more)
            exported = Exported(1, facts)
        else:
            exported = stream(desk, STREAMS[format_], None, out)
    _tell(desk, chosen, format_, output, exported)


def _tell(desk: Desk, incident: str | None, format_: str, output: str, exported: Exported) -> None:
    _, ngettext = desk.texts.gettext, desk.texts.ngettext
    incidents = ngettext("{count} incident", "{count} incidents", exported.incidents).format(count=exported.incidents)
    facts = ngettext("{count} fact", "{count} facts", exported.facts).format(count=exported.facts)
    said = _("{what} as {format}: {facts}.").format(what=incident or incidents, format=format_, facts=facts)
    if output == STDOUT:
        click.echo(said, err=True)
        return
    size = Path(output).stat().st_size
    document = {
        "file": output,
        "format": format_,
        "incidents": exported.incidents,
        "facts": exported.facts,
        "bytes": size,
    }
    where = _("{file} is written ({size} kB).").format(file=output, size=-(-size // 1000))
    answer(document, f"{said}\n{where}", done=True)


export = Command(
    "export",
    _export,
    help=N_(
        "One incident, or the whole log, as a file. Staff and subscribers stand in it by pseudonym, never by login or "
        "address. The format dagbok is a diary to print and sign, and text where the file's name ends with .txt. The "
        "formats ocel, xes and cloudevents are for process mining and other programs."
    ),
    examples=(
        "reservrutin export 2026-0007 --format html -o 2026-0007.html\n"
        "reservrutin export 2026-0007 --format dagbok --reference RS-2026-118 -o dagbok.html\n"
        "reservrutin export 2026-0007 --format ocel -o 2026-0007.json\n"
        "reservrutin export --all --format cloudevents -o -"
    ),
    params=[
        Argument(["incident"], required=False, type=IncidentNumber()),
        Option(["--format", "format_"], type=Choice(list(FORMATS)), required=True, help=N_("what kind")),
        Option(
            ["-o", "--output"], required=True, type=Written(), metavar=N_("FILE"), help=N_("the file, - for stdout")
        ),
        Option(
            ["--all", "everything"],
            is_flag=True,
            help=N_("the whole log (in the formats ocel, xes and cloudevents)"),
        ),
        Option(
            ["--reference"],
            type=Written(),
            default="",
            help=N_("what the diary is registered under, such as its diarienummer (dagbok)"),
        ),
        Option(["--force"], is_flag=True, help=N_("replace the file if it is there already")),
    ],
)
