"""OCEL 2.0: read by an independent reader, held against the rules of the standard, and turned back into facts."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import r4pm

from application.exports.ocel import export
from domain import facts as f
from domain.fact import Recorded
from infrastructure.log.pages import Source
from tests.application.exports.conftest import Puts
from tests.application.exports.rows import as_it_was_written, in_order, rebuilt
from tests.given import Day, moment, outage

Sources = Callable[..., Source]
Document = dict[str, Any]

DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
VALUES = {
    "string": re.compile(r".*", re.DOTALL),
    "time": DATE_TIME,
    "integer": re.compile(r"-?\d+"),
    "boolean": re.compile(r"true|false"),
    "float": re.compile(r"-?\d+(\.\d+)?"),
}


def problems(document: Document) -> list[str]:
    """What the standard's JSON schema and its text ask for and the document does not keep, in our own words."""
    found = []
    declared: dict[str, dict[str, str]] = {}
    for kind in (*document["eventTypes"], *document["objectTypes"]):
        if kind["name"] in declared:
            found.append(f"{kind['name']} is declared twice")
        declared[kind["name"]] = {attribute["name"]: attribute["type"] for attribute in kind["attributes"]}
    ids = [thing["id"] for thing in (*document["events"], *document["objects"])]
    if len(set(ids)) != len(ids):
        found.append("an id stands twice")
    objects = {thing["id"] for thing in document["objects"]}
    for thing in (*document["events"], *document["objects"]):
        kinds = declared[thing["type"]]
        for attribute in thing["attributes"]:
            if attribute["name"] not in kinds:
                found.append(f"{thing['id']}: {attribute['name']} is not declared")
            elif not isinstance(attribute["value"], str):
                found.append(f"{thing['id']}: {attribute['name']} is no text")
            elif not VALUES[kinds[attribute["name"]]].fullmatch(attribute["value"]):
                found.append(f"{thing['id']}: {attribute['name']} is of another kind")
        found += [
            f"{thing['id']}: relates to {relation}"
            for relation in thing["relationships"]
            if set(relation) != {"objectId", "qualifier"} or relation["objectId"] not in objects
        ]
    times = [event["time"] for event in document["events"]]
    times += [attribute["time"] for thing in document["objects"] for attribute in thing["attributes"]]
    found += [f"{time} is no time" for time in times if not DATE_TIME.fullmatch(time)]
    return found


def exported(source: Source) -> Document:
    document: Document = json.loads(b"".join(export(source)))
    assert problems(document) == []
    return document


def changed(thing: Document, name: str) -> list[tuple[str, str]]:
    """What this attribute was, and since when in UTC."""
    return [(part["time"][11:16], part["value"]) for part in thing["attributes"] if part["name"] == name]


def values(thing: Document) -> dict[str, str]:
    return {attribute["name"]: attribute["value"] for attribute in thing["attributes"]}


def understood(document: Document, thing: Document) -> tuple[Any, ...]:
    """What a thing says, whichever way its times are written."""
    declared = {kind["name"]: kind["attributes"] for kind in (*document["eventTypes"], *document["objectTypes"])}
    said: dict[str, Any] = values(thing)
    times = {a["name"] for a in declared[thing["type"]] if a["type"] == "time"}
    said |= {name: datetime.fromisoformat(said[name]) for name in times & set(said)}
    at = datetime.fromisoformat(thing["time"]) if "time" in thing else None
    return thing["id"], thing["type"], at, said, related(thing)


def event(document: Document, entry: int) -> Document:
    found: list[Document] = [event for event in document["events"] if event["id"] == f"2026-0001/{entry}"]
    [only] = found
    return only


def related(thing: Document) -> set[tuple[str, str]]:
    return {(relation["qualifier"], relation["objectId"]) for relation in thing["relationships"]}


def test_an_independent_reader_takes_all_of_it(
    every_fact: list[Recorded], ledger: list[str], source: Sources, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
    ours.write_bytes(b"".join(export(source())))
    r4pm.export_item(r4pm.import_item("OCEL", str(ours)), str(theirs))
    one, other = (json.loads(path.read_text(encoding="utf-8")) for path in (ours, theirs))
    assert one["eventTypes"] == other["eventTypes"]
    assert one["objectTypes"] == other["objectTypes"]
    for part in ("events", "objects"):
        assert [understood(one, thing) for thing in one[part]] == [understood(one, thing) for thing in other[part]]


def test_every_fact_comes_back_whole(every_fact: list[Recorded], source: Sources) -> None:
    document = exported(source("2026-0007"))
    rows = [(event, values(event)) for event in document["events"]]
    read = [rebuilt("2026-0007", e["type"], datetime.fromisoformat(e["time"]), row) for e, row in rows]
    assert read == in_order(every_fact)
    [(taken, by)] = [(row["entry"], row["withdrawn_by"]) for _event, row in rows if "withdrawn_by" in row]
    [takes] = [row for _event, row in rows if "withdraws" in row]
    assert (takes["withdraws"], by) == (f"2026-0007/{taken}", f"2026-0007/{takes['entry']}")
    written = [as_it_was_written(recorded, row) for recorded, (_event, row) in zip(read, rows, strict=True)]
    assert sorted(written, key=lambda recorded: recorded.entry) == every_fact


def test_a_correction_stands_beside_what_it_corrects(a_day: list[Recorded], source: Sources) -> None:
    document = exported(source())
    contacted = event(document, 2)
    assert contacted["time"] == "2026-12-07T07:07:00.000000Z"
    assert values(contacted)["data.channel"] == "mobil"
    assert json.loads(values(contacted)["as_written"]) == {
        "occurred_at": "2026-12-07T07:09:00.000000Z",
        "data": {"channel": "telefon"},
    }
    assert json.loads(values(contacted)["corrected_by"]) == ["2026-0001/11"]
    assert values(event(document, 11))["corrects"] == "2026-0001/2"
    assert "as_written" not in values(event(document, 1))


def test_late_recording_shows_in_both_clocks(a_day: list[Recorded], source: Sources) -> None:
    detected = event(exported(source()), 1)
    assert detected["time"] == "2026-12-07T07:05:00.000000Z"
    assert values(detected)["recorded_at"] == "2026-12-07T07:21:00.000000Z"


def test_what_a_fact_is_about_are_objects(a_day: list[Recorded], source: Sources) -> None:
    document = exported(source())
    of_the_day = {relation for relation in related(event(document, 1)) if relation[0] not in ("starts", "changes")}
    assert of_the_day == {
        ("of", "incident:2026-0001"),
        ("recorded-as", "party:hjalpmedel-administration"),
        *(("about", f"system:{system}") for system in ("sesam-s2", "websesam", "visma-websesam")),
    }
    assert ("contacted", "party:system-owner") in related(event(document, 2))
    assert ("about", "paper_referral:2026-0001/OT-1") in related(event(document, 9))
    objects = {thing["id"]: thing for thing in document["objects"]}
    assert values(objects["paper_referral:2026-0001/OT-1"])["state"] == "entered"
    assert values(objects["paper_referral:2026-0001/OT-2"]) == {
        "serial": "OT-2",
        "state": "set-aside",
        "via": "fax",
        "acute": "false",
        "area": "orthopaedic",
    }
    incident = objects["incident:2026-0001"]
    assert values(incident)["status"] == "closed"
    assert ("judged-by", "routine:reservrutin-sesam 1.0.1") in related(incident)


def test_what_changes_with_time_says_when(ledger: list[str], source: Sources) -> None:
    document = exported(source())
    objects = {thing["id"]: thing for thing in document["objects"]}
    assert changed(objects["incident:2026-0001"], "status") == [
        ("07:05", "ongoing"), ("11:00", "restored"), ("11:40", "closed"),
    ]  # fmt: skip
    system = objects["affected_system:2026-0001/sesam-s2"]
    assert changed(system, "state") == [("07:05", "down"), ("11:00", "up")]
    assert related(system) == {("of", "incident:2026-0001"), ("is", "system:sesam-s2")}
    assert changed(objects["reserve_routine:2026-0001"], "state")[-2:] == [("10:00", "active"), ("11:30", "ended")]
    assert changed(objects["paper_referral:2026-0001/OT-1"], "state") == [("10:10", "received"), ("11:10", "entered")]
    assert {changed(thing, "state")[-1][1] for thing in objects.values() if thing["type"] == "notice"} == {
        "sent", "refused", "superseded",
    }  # fmt: skip
    assert ("changes", system["id"]) in related(event(document, 1))


def test_a_duty_is_an_object_with_what_starts_and_what_fulfils_it(a_day: list[Recorded], source: Sources) -> None:
    document = exported(source())
    [duty] = [thing for thing in document["objects"] if thing["id"] == "duty:2026-0001/contact-supplier/1"]
    assert (values(duty)["duty"], "due_at" in values(duty), "done_at" in values(duty)) == (
        "contact-supplier",
        True,
        False,
    )
    assert [word for _at, word in changed(duty, "verdict")][:2] == ["pending", "overdue"]
    assert ("starts", duty["id"]) in related(event(document, 1))
    [told] = [thing for thing in document["objects"] if thing["id"] == "duty:2026-0001/report-to-system-owner/1"]
    assert changed(told, "verdict") == [("07:05", "pending"), ("07:07", "kept")]
    assert ("fulfils", told["id"]) in related(event(document, 2))


def test_a_prognosis_that_runs_out_changes_when_it_did_and_a_correction_relates_to_what_it_corrects(
    puts: Puts, source: Sources
) -> None:
    day = Day("2026-0001")
    day.at("08:05").records(outage())
    day.at("08:30").records(f.PrognosisReceived(restored_by=moment("09:00")))
    day.at("09:20").records(f.NoteAdded(text="lugnt"))
    day.at("09:30").records(f.EntryCorrected(entry=3, reason="fel", fields={"text": "oroligt"}))
    day.at("09:40").records(f.EntryWithdrawn(entry=4, reason="det stämde"))
    puts(*day.facts)
    document = exported(source())
    objects = {thing["id"]: thing for thing in document["objects"]}
    assert changed(objects["prognosis:2026-0001"], "state") == [("07:30", "in-force"), ("08:00", "none")]
    assert changed(objects["entry:2026-0001/3"], "state") == [
        ("08:20", "stands"), ("08:30", "corrected"), ("08:40", "stands"),
    ]  # fmt: skip
    assert ("corrects", "entry:2026-0001/3") in related(event(document, 4))
    assert ("withdraws", "entry:2026-0001/4") in related(event(document, 5))
    assert ("is", "entry:2026-0001/4") in related(event(document, 4))


def test_who_was_told_stands_there_by_pseudonym_alone(ledger: list[str], source: Sources) -> None:
    anna, bo = ledger
    document = exported(source())
    mails = [event for event in document["events"] if event["type"].startswith("notice-")]
    by_subscriber = {
        one: {event["type"] for event in mails if ("to", f"subscriber:{one}") in related(event)} for one in ledger
    }
    assert by_subscriber[anna] >= {"notice-queued", "notice-sent"}
    assert by_subscriber[bo] >= {"notice-queued", "notice-refused"}
    [refused, *_more] = [event for event in mails if event["type"] == "notice-refused"]
    assert values(refused)["code"] == "550"
    assert {values(t)["audience"] for t in document["objects"] if t["type"] == "subscriber"} == {"staff"}
    assert b"@" not in b"".join(export(source()))


@pytest.mark.parametrize(
    ("part", "spoilt"),
    [
        ("events", {"attributes": [{"name": "data.colour", "value": "red"}]}),
        ("events", {"attributes": [{"name": "entry", "value": 1}]}),
        ("events", {"attributes": [{"name": "entry", "value": "one"}]}),
        ("events", {"relationships": [{"objectId": "incident:none", "qualifier": "of"}]}),
        ("events", {"time": "2026-12-07 08:05"}),
        ("objects", {"id": "incident:2026-0001"}),
    ],
)
def test_the_rules_would_have_noticed(a_day: list[Recorded], source: Sources, part: str, spoilt: Document) -> None:
    document = exported(source())
    document[part][-1] |= spoilt
    assert problems(document)
