"""The log as exporters read it: in pieces, all of it, and as it stood when the export began."""

import json
import tracemalloc
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from domain import facts as f
from domain.fact import Recorded
from domain.refusals import NotFound
from domain.routine_document import builtin, builtin_text
from domain.vocabulary import Function
from infrastructure.database.database import Database
from infrastructure.log import pages as pieces
from infrastructure.log.codec import encode, topic
from infrastructure.log.incident_log import Answer, IncidentLog
from infrastructure.log.pages import Source
from tests.application.exports.conftest import Puts, told_day
from tests.given import outage

Sources = Callable[..., Source]
FORMATS = ("cloudevents", "ocel", "xes")


def exported(format_: str, source: Source) -> bytes:
    whole: bytes = b"".join(import_module(f"application.exports.{format_}").export(source))
    return whole


@pytest.mark.parametrize("incident", [None, "2026-0001"])
@pytest.mark.parametrize("format_", FORMATS)
def test_small_pieces_make_the_same_whole(
    ledger: list[str], puts: Puts, source: Sources, monkeypatch: pytest.MonkeyPatch, format_: str, incident: str | None
) -> None:
    puts(*told_day("2026-0002"))
    whole = exported(format_, source(incident))
    monkeypatch.setattr(pieces, "BATCH", 2)
    assert exported(format_, source(incident)) == whole
    assert (b"2026-0002" in whole) is (incident is None)


@pytest.mark.parametrize("format_", FORMATS)
def test_what_is_recorded_meanwhile_is_left_out(
    a_day: list[Recorded], records: Callable[..., Answer], source: Sources, format_: str
) -> None:
    began, one = source(), source("2026-0001")
    before = exported(format_, source()), exported(format_, source("2026-0001"))
    records(f.NoteAdded(text="efteråt"), "2026-0001")
    records(outage())
    assert (exported(format_, began), exported(format_, one)) == before


def test_an_unknown_incident_is_not_found(a_day: list[Recorded], source: Sources) -> None:
    with pytest.raises(NotFound):
        source("2026-0099")


@pytest.mark.parametrize("format_", FORMATS)
def test_an_empty_log_is_an_empty_export(source: Sources, format_: str) -> None:
    assert source().facts == 0
    assert b"2026-" not in exported(format_, source())


@pytest.mark.parametrize("format_", FORMATS)
def test_an_adopted_routine_is_part_of_the_whole_log_and_of_no_incident(
    a_day: list[Recorded], log: IncidentLog, source: Sources, format_: str
) -> None:
    text = builtin_text()
    log.adopt(builtin(), text, Function.VO_HJALPMEDEL, "s-1")
    whole = exported(format_, source())
    assert whole.count(b"routine-adopted") > exported(format_, source("2026-0001")).count(b"routine-adopted")
    assert source().incidents == 1
    if format_ == "ocel":
        [adopted] = [e for e in json.loads(whole)["events"] if e["type"] == "routine-adopted"]
        assert {a["name"]: a["value"] for a in adopted["attributes"]}["data.document"] == text


@pytest.mark.parametrize("format_", [FORMATS[0], *(pytest.param(name, marks=pytest.mark.long) for name in FORMATS[1:])])
def test_memory_stays_flat_however_long_the_log(database: Database, source: Sources, format_: str) -> None:
    def peak() -> int:
        of = source()
        export: Any = import_module(f"application.exports.{format_}").export
        tracemalloc.start()
        for _piece in export(of):
            pass
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    append(database, range(1, 161))  # more than two pieces: an export holds one while it reads the next
    peak()  # what is made once, such as the declarations of the types
    short = peak()
    append(database, range(161, 481))
    assert peak() < short * 1.3


def append(database: Database, numbers: range) -> None:
    """The same day, so many times over."""
    day = told_day()
    copies = (r._replace(incident=f"2026-{n:04d}", command_id=f"{n} {r.entry}") for n in numbers for r in day)
    rows = [(r.incident, r.entry, topic(r), encode(r), r.command_id) for r in copies]
    with database.writing() as connection:
        for row in rows:
            connection.execute(
                "INSERT INTO facts (incident, entry, fact, bytes, command_id) VALUES (?, ?, ?, ?, ?)", row
            )
