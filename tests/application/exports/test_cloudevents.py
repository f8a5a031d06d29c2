"""CloudEvents, read by the SDK of the standard's own project."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.formats.json import JSONFormat

from application.exports.cloudevents import export
from domain.fact import Recorded
from infrastructure.database.database import Database
from infrastructure.log.codec import decode
from infrastructure.log.pages import Source

Sources = Callable[..., Source]


def read(source: Source) -> list[BaseCloudEvent]:
    """Every line; the SDK refuses what is no event of version 1.0."""
    return [JSONFormat().read(None, line) for line in b"".join(export(source)).splitlines()]


def test_every_fact_is_read_back_as_it_stands_in_the_log(every_fact: list[Recorded], source: Sources) -> None:
    events = read(source())
    assert [decode(json.dumps(event.get_data()).encode(), n) for n, event in enumerate(events, 1)] == every_fact
    assert {event.get_type() for event in events} == {
        f"se.reservrutin.{r.fact.wire}.v{r.fact.version}" for r in every_fact
    }


def test_the_data_are_the_very_bytes_that_a_proof_hashes(
    a_day: list[Recorded], database: Database, source: Sources
) -> None:
    stored = [bytes(row[0]) for row in database.connection().execute("SELECT bytes FROM facts ORDER BY position")]
    lines = b"".join(export(source())).splitlines()
    assert [line.split(b'"datacontenttype":"application/json","data":', 1)[1][:-1] for line in lines] == stored


def test_both_clocks_are_there_and_the_order_of_the_log(a_day: list[Recorded], source: Sources) -> None:
    events = read(source("2026-0001", origin="https://logg.example.se"))
    for event, recorded in zip(events, a_day, strict=True):
        assert event.get_time() == recorded.occurred_at
        assert datetime.fromisoformat(event.get_extension("recordedtime")) == recorded.recorded_at
        assert event.get_subject() == "2026-0001"
        assert event.get_source() == "https://logg.example.se"
    assert [event.get_id() for event in events] == [f"2026-0001/{r.entry}" for r in a_day]
    assert [event.get_extension("sequence") for event in events] == sorted(f"{r.position:020d}" for r in a_day)


@pytest.mark.parametrize("missing", ["source", "type"])
def test_the_reader_would_have_noticed(a_day: list[Recorded], source: Sources, missing: str) -> None:
    event = json.loads(next(export(source())))
    del event[missing]
    with pytest.raises(Exception, match=missing):
        JSONFormat().read(None, json.dumps(event))
