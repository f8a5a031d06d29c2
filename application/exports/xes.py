"""XES (IEEE 1849): a trace an incident, an event a fact, in the order they happened.

Times are told to the millisecond, because readers in wide use take the digits of a fraction for a count of
milliseconds, however many there are.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

from application.exports.columns import Kind, ReadFact, event_id, lists, readings, row
from application.exports.followed import DutyCase, Followed, followed
from domain.fact import Recorded
from infrastructure.log.pages import Source

PASSES = 1
"""How often the log is read through."""

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace">
<string key="concept:name" value="unknown"/>
</global>
<global scope="event">
<string key="concept:name" value="unknown"/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
<string key="lifecycle:transition" value="complete"/>
<string key="org:resource" value="unknown"/>
<string key="org:role" value="unknown"/>
<string key="duty" value="none"/>
</global>
<classifier name="Fact" scope="event" keys="concept:name"/>
<classifier name="FactAndDuty" scope="event" keys="concept:name duty"/>
<classifier name="FactAndFunction" scope="event" keys="concept:name org:role"/>
<string key="lifecycle:model" value="standard"/>
"""

_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 can't hold in any writing."""

_ELEMENTS: dict[Kind, str] = {"string": "string", "time": "date", "integer": "int", "boolean": "boolean"}


def export(source: Source) -> Iterator[bytes]:
    yield _HEAD.encode()
    yield element("concept:name", "string", source.origin).encode()
    for history in source.histories():
        yield "".join(_trace(source, history)).encode()
    yield b"</log>\n"


def _trace(source: Source, history: list[Recorded]) -> Iterator[str]:
    known = Followed([], [])
    yield "<trace>\n"
    yield element("concept:name", "string", history[0].incident)
    if not history[0].fact.stream:
        incident = source.incident_after(history)
        yield element("status", "string", incident.status)
        if incident.scope:
            yield element("scope", "string", incident.scope)
        yield element("routine", "string", incident.routine.id)
        yield element("routine_version", "string", incident.routine.version)
        known = followed(history, incident.routine)
    for reading in readings(history):
        yield from _event(reading, known)
    yield "</trace>\n"


def _event(reading: ReadFact, known: Followed) -> Iterator[str]:
    recorded, several = reading.read, lists(type(reading.read.fact))
    yield "<event>\n"
    yield element("concept:name", "string", recorded.fact.wire)
    yield element("concept:instance", "string", event_id(recorded.incident, recorded.entry))
    yield element("time:timestamp", "time", recorded.occurred_at.isoformat())
    yield element("lifecycle:transition", "string", "complete")
    yield element("org:resource", "string", recorded.recorded_by)
    yield element("org:role", "string", recorded.recorded_as)
    yield element("duty", "string", " ".join(_duties(known.done_by(recorded.entry))) or "none")
    if started := _duties(known.started_by(recorded.entry)):
        yield several_values("starts", started)
    for name, kind, text in row(reading):
        if name in several:
            yield several_values(name, json.loads(text))
        elif name not in ("recorded_as", "recorded_by"):
            yield element(name, kind, text)
    yield "</event>\n"


def _duties(occurrences: Iterable[DutyCase]) -> list[str]:
    """Each duty once, however often it came about."""
    return sorted({one.verdict.duty.id for one in occurrences})


def element(key: str, kind: Kind, text: str) -> str:
    """One attribute of a log, a trace or an event."""
    value = _to_the_millisecond(text) if kind == "time" else _NO_XML.sub("\ufffd", text)
    return f'<{_ELEMENTS[kind]} key="{key}" value={quoteattr(value)}/>\n'


def several_values(key: str, values: Iterable[str]) -> str:
    """A list, as the standard has it: its values stand in an element of their own."""
    inside = "".join(element(key, "string", value) for value in values)
    return f'<list key="{key}">\n<values>\n{inside}</values>\n</list>\n'


def _to_the_millisecond(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds")
