"""XES: read by an independent reader, held against the rules of IEEE 1849, and turned back into facts."""

import json
import re
import xml.etree.ElementTree as Xml
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import r4pm
from hypothesis import given
from hypothesis import strategies as st

from application.exports.xes import element, export
from domain.fact import Recorded
from infrastructure.log.pages import Source
from tests.application.exports.conftest import AWKWARD
from tests.application.exports.rows import as_it_was_written, in_order, rebuilt

Sources = Callable[..., Source]

ATTRIBUTES = {
    "string": re.compile(r".*", re.DOTALL),
    "date": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"),
    "int": re.compile(r"-?\d+"),
    "boolean": re.compile(r"true|false"),
}
NAME = re.compile(r"[A-Za-z_:][\w:.-]*")
ORDER = ["extension", "global", "classifier", "attribute", "trace"]


def parsed(text: bytes | str) -> Xml.Element:
    return Xml.fromstring(text)  # noqa: S314 - our own


def problems(log: Xml.Element) -> list[str]:
    """What the standard's XML schema and its text ask for and the log does not keep, in our own words."""
    found = []
    if log.tag != "log" or not re.fullmatch(r"\d+(\.\d+)?", log.get("xes.version", "")):
        found.append("no log of a version")
    places = [ORDER.index("attribute" if child.tag in ATTRIBUTES else child.tag) for child in log]
    if places != sorted(places):
        found.append("out of order")
    prefixes = {extension.get("prefix") for extension in log.findall("extension")}
    for attribute in (e for e in log.iter() if e.tag in ATTRIBUTES):
        key = attribute.get("key", "")
        if not NAME.fullmatch(key) or not ATTRIBUTES[attribute.tag].fullmatch(attribute.get("value", "\0")):
            found.append(f"{key} can't be {attribute.get('value')!r}")
        if ":" in key and key.split(":")[0] not in prefixes:
            found.append(f"nobody says what {key} means")
    for scope, things in (("trace", log.findall("trace")), ("event", log.findall("trace/event"))):
        promised = {a.get("key") for one in log.findall("global") if one.get("scope") == scope for a in one}
        found += [f"a {scope} without {promised}" for thing in things if not promised <= {a.get("key") for a in thing}]
        for classifier in log.findall("classifier"):
            if classifier.get("scope") == scope and not set(classifier.get("keys", "").split()) <= promised:
                found.append(f"{classifier.get('name')} classifies by what is not promised")
    for several in log.iter("list"):
        if not NAME.fullmatch(several.get("key", "")) or [child.tag for child in several] != ["values"]:
            found.append(f"{several.get('key')} is no list")
    for thing in (*log.findall("trace"), *log.findall("trace/event")):
        keys = [child.get("key") for child in thing if child.tag in (*ATTRIBUTES, "list")]
        if len(set(keys)) != len(keys):
            found.append("a key stands twice")
    return found


def exported(source: Source) -> Xml.Element:
    log = parsed(b"".join(export(source)))
    assert problems(log) == []
    return log


def row(thing: Xml.Element) -> dict[str, Any]:
    """What stands in it by its key; a list as it stands in the formats that know none."""
    single = {child.attrib["key"]: child.attrib["value"] for child in thing if child.tag in ATTRIBUTES}
    return single | {several.attrib["key"]: json.dumps(values(several)) for several in thing.findall("list")}


def values(several: Xml.Element) -> list[str]:
    return [value.attrib["value"] for value in several.iterfind("values/*")]


def read(incident: str, row: dict[str, Any]) -> Recorded:
    """The fact of an event."""
    functions = {"recorded_as": row["org:role"], "recorded_by": row["org:resource"]}
    return rebuilt(incident, row["concept:name"], datetime.fromisoformat(row["time:timestamp"]), row | functions)


def to_the_millisecond(recorded: Recorded) -> Recorded:
    at = recorded.recorded_at
    return recorded._replace(recorded_at=at.replace(microsecond=at.microsecond // 1000 * 1000))


def test_every_fact_comes_back_whole(every_fact: list[Recorded], source: Sources) -> None:
    [trace] = exported(source("2026-0007")).findall("trace")
    rows = [row(event) for event in trace.findall("event")]
    facts = [read("2026-0007", row) for row in rows]
    assert facts == [to_the_millisecond(recorded) for recorded in in_order(every_fact)]
    written = [as_it_was_written(recorded, row) for recorded, row in zip(facts, rows, strict=True)]
    assert sorted(written, key=lambda recorded: recorded.entry) == [to_the_millisecond(r) for r in every_fact]


def test_an_independent_reader_takes_all_of_it(
    every_fact: list[Recorded], a_day: list[Recorded], source: Sources, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours.xes", tmp_path / "theirs.json"
    ours.write_bytes(b"".join(export(source())))
    r4pm.export_item(r4pm.import_item("EventLog", str(ours)), str(theirs))
    traces = json.loads(theirs.read_text(encoding="utf-8"))["traces"]
    for theirs_, trace in zip(traces, exported(source()).findall("trace"), strict=True):
        for event, ours_ in zip(theirs_["events"], trace.findall("event"), strict=True):
            understood = {a["key"]: (a["value"]["type"], a["value"]["content"]) for a in event["attributes"]}
            assert set(understood) == set(row(ours_))
            for attribute in ours_:
                kind, value = understood[attribute.attrib["key"]]
                if attribute.tag == "list":
                    assert [one["value"]["content"] for one in value] == values(attribute)
                    continue
                meant = attribute.attrib["value"]
                assert kind.lower() == attribute.tag
                assert meant == str(value).lower() if kind != "String" and kind != "Date" else True
                assert meant == value if kind == "String" else True
                assert kind != "Date" or datetime.fromisoformat(meant) == datetime.fromisoformat(value)


def test_a_trace_is_an_incident_told_in_the_order_it_happened(a_day: list[Recorded], source: Sources) -> None:
    [trace] = exported(source()).findall("trace")
    assert row(trace) == {
        "concept:name": "2026-0001",
        "status": "closed",
        "scope": "all-users",
        "routine": "reservrutin-sesam",
        "routine_version": "1.0.1",
    }
    events = [row(event) for event in trace.findall("event")]
    assert [int(event["entry"]) for event in events] == [r.entry for r in in_order(a_day)]
    contacted = next(event for event in events if event["entry"] == "2")
    assert contacted["time:timestamp"] == "2026-12-07T07:07:00.000+00:00"
    assert contacted["org:role"] == "vo-hjalpmedel"
    assert json.loads(contacted["as_written"])["data"] == {"channel": "telefon"}
    assert next(event for event in events if event["entry"] == "1")["note"] == AWKWARD


def test_numbers_moments_and_flags_are_told_as_such(every_fact: list[Recorded], source: Sources) -> None:
    tags = {
        (row(event)["concept:name"], child.attrib["key"]): child.tag
        for event in exported(source()).findall("trace/event")
        for child in event
    }
    assert tags["prognosis-received", "data.restored_by"] == "date"
    assert tags["entry-corrected", "data.occurred_at"] == "date"
    assert tags["callers-informed", "data.count"] == "int"
    assert tags["referral-received", "data.acute"] == "boolean"
    assert tags["referral-received", "data.serial"] == "string"


def test_what_is_several_is_a_list_and_the_duty_classifies(a_day: list[Recorded], source: Sources) -> None:
    log = exported(source())
    events = {row(event)["entry"]: event for event in log.findall("trace/event")}
    several = {one.attrib["key"]: values(one) for one in events["1"].findall("list")}
    assert several["data.systems"] == ["sesam-s2", "websesam", "visma-websesam"]
    assert "activate-after-four-hours" in several["starts"]
    assert [row(events[entry])["duty"] for entry in ("1", "2")] == ["none", "report-to-system-owner"]
    assert "concept:name duty" in {classifier.get("keys") for classifier in log.findall("classifier")}


@given(st.text())
def test_any_text_can_be_told_in_xml(text: str) -> None:
    told = parsed(element("data.text", "string", text)).attrib["value"]
    assert len(told) == len(text)
    assert all(a in (b, "\ufffd") for a, b in zip(told, text, strict=True))
    if text.isprintable():
        assert told == text


@pytest.mark.parametrize(
    ("spoilt", "instead"),
    [
        (b'key="entry" value="1"', b'key="entry" value="one"'),
        (b"time:timestamp", b"tid:stamp"),
        (b"<classifier", b'<string key="x" value="y"/><classifier'),
        (b'<string key="org:role" value="partner"/>', b""),
        (b'key="position"', b'key="entry"'),
        (b".000+00:00", b" CET"),
    ],
)
def test_the_rules_would_have_noticed(a_day: list[Recorded], source: Sources, spoilt: bytes, instead: bytes) -> None:
    log = b"".join(export(source()))
    assert spoilt in log
    assert problems(parsed(log.replace(spoilt, instead)))
