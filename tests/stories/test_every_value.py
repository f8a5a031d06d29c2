"""Whatever is in the log can be read: every fact, whatever its values, by every reader, export and mail.

One incident holds a fact of every kind with values that were drawn; what the log refuses is left out. Then each moment
of each fact is stored once more as it may have been before moments had bounds, from the first year to the last.
"""

import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Union, cast, get_args, get_origin

import pytest
from eventsourcing.domain import DomainEventProtocol
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from cli.desk.sight import look
from domain import facts as f
from domain.fact import CATALOGUE, EARLIEST, LATEST, Fact, Recorded
from domain.refusals import Refusal
from domain.routine_document import builtin
from domain.vocabulary import Audience, Function, Word
from infrastructure.log.incident_log import Proposal
from tests.mailroom import Mailroom, mailroom
from tests.terminal import DAY, Terminal

MOMENTS = st.sampled_from([EARLIEST, LATEST]) | st.datetimes(
    EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=st.just(UTC)
)
BEYOND = st.datetimes(timezones=st.just(UTC)) | st.sampled_from(
    [datetime.min.replace(tzinfo=UTC), datetime(9999, 12, 31, 23, 30, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
"""A moment as it may have been stored before it had bounds."""
TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
    | st.sampled_from(
        ["å" * 1998, "<b>&amp;</b>", "{unit} %s %(x)s", "=1+1", "rad ett\n\n.\nFrom rad två", "\u202eRTL", '"', "\\"]
    )
).map(lambda text: f"{text} å")
"""With a letter at the end: what says nothing is refused."""
NAMED = {
    "since": st.none() | st.datetimes(EARLIEST.replace(tzinfo=None), DAY.replace(tzinfo=None), timezones=st.just(UTC)),
    "serial": st.from_regex(r"[A-ZÅÄÖ0-9][A-Z0-9./-]{0,39}", fullmatch=True),
    "links": st.lists(st.from_regex(r"https?://[^\s<>\"'\\]{1,60}", fullmatch=True), max_size=2),
    "moved_to": st.none() | st.just("2026-0002"),
    "same_as": st.none() | st.just("2026-0002"),
    "duty": st.sampled_from([duty.id for duty in builtin().duties]),
    "fields": st.fixed_dictionaries({}, optional={"summary": TEXTS, "since": MOMENTS.map(datetime.isoformat)}),
    "entry": st.just(1),
}
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    datetime: MOMENTS,
    bool: st.booleans(),
    int: st.integers(1, 9999),
    str: st.just("") | TEXTS,
}
READERS = (
    *("board", "board --json", "say", "due", "due --json", "review --all", "deliveries", "routine show", "verify"),
    *(f"{reader} 1{form}" for reader in ("show", "log", "replay", "review", "deliveries") for form in ("", " --json")),
    *(
        "--lang en log 1",
        "--lang en replay 1",
        "replay 1 --as-of 2026-12-07T09:00",
        "review 1 --known-at 2026-12-07T09:00",
    ),
)
EXPORTS = ("html", "ocel", "xes", "cloudevents", "bundle")
SEEDED = settings(
    derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), max_examples=2
)
"""A whole incident is read in every way: an example takes a second or two (the first is the plainest), and to shrink
one many minutes."""
THOROUGH = settings(SEEDED, max_examples=20)


def values_of(name: str, field: FieldInfo) -> st.SearchStrategy[Any]:
    """The values that a field's type admits."""
    return NAMED[name] if name in NAMED else _of_type(field.annotation)


def _of_type(kind: Any) -> st.SearchStrategy[Any]:
    if get_origin(kind) in (Union, types.UnionType):
        return st.one_of([st.none() if part is type(None) else _of_type(part) for part in get_args(kind)])
    if get_origin(kind) is Annotated:
        return _of_type(get_args(kind)[0])
    if get_origin(kind) is tuple:
        return st.lists(_of_type(get_args(kind)[0]), min_size=1, max_size=3, unique=True)
    if isinstance(kind, type) and issubclass(kind, Word):
        return st.sampled_from(list(kind))
    return BY_TYPE[kind]


@st.composite
def facts_of_every_kind(draw: st.DrawFn) -> list[Fact]:
    """One of each that belongs to an incident, in the order of a bad day, beginning with an outage."""
    kinds = [kind for kind in CATALOGUE.values() if not kind.stream]
    kinds.sort(key=lambda kind: kind is not f.OutageDetected)
    if not draw(st.booleans()):
        kinds.remove(f.IncidentVoided)
    return [_drawn(draw, kind) for kind in kinds]


def _drawn(draw: st.DrawFn, kind: type[Fact]) -> Fact:
    while True:
        said = {name: draw(values_of(name, field)) for name, field in kind.model_fields.items()}
        try:
            return kind.model_validate(said)
        except ValueError:
            continue  # a text of spaces alone, a reason that needs its explanation


@contextmanager
def told_and_read(mails: Mailroom) -> Iterator[Terminal]:
    """A log whose every audience is told; when it has been filled it is read in every way."""
    with TemporaryDirectory() as folder:
        terminal = Terminal(Path(folder), smtp_url=mails.url).at("08:00")
        for audience in Audience:
            assert terminal.types(f"subscriber add {audience}@example.se --audience {audience}").code == 0
        try:
            yield terminal
            _is_read(terminal.at("18:00"), Path(folder))
        finally:
            terminal.close()


def _is_read(terminal: Terminal, folder: Path) -> None:
    for line in READERS:
        reply = terminal.types(line)
        assert reply.code in (0, 6 if "review" in line else 0), f"{line}: {reply.err}"
    for form in EXPORTS:
        reply = terminal.types(f"export 1 --format {form} -o {folder / form}")
        assert reply.code == 0, f"{form}: {reply.err}"
    look(terminal.desk, "anna", "2026-0001")
    reply = terminal.types("worker --once")
    assert reply.code == 0, reply.err
    assert terminal.types("projections rebuild").code == 0
    assert terminal.types("board").code == 0


def is_taken_and_read(facts: list[Fact], data: st.DataObject) -> None:
    with mailroom() as mails, told_and_read(mails) as terminal:
        for minute, fact in enumerate(facts):
            terminal.desk.time = DAY + timedelta(hours=8, minutes=minute)
            function = next(iter(builtin().recorded_by(type(fact))), Function.CLOCK)
            incident = "2026-0001" if minute else None
            said = data.draw(TEXTS, label="note and deviation")
            with suppress(Refusal):
                terminal.desk.log.record(Proposal(fact, function, "s-1", incident, note=said, deviation=said))
        assert terminal.facts() > len(facts) // 2, "most are taken"


def was_stored_and_is_read(facts: list[Fact], data: st.DataObject) -> None:
    """Put into the log past its door, as a program without bounds once did."""
    with mailroom() as mails, told_and_read(mails) as terminal:
        for entry, fact in enumerate(facts, 1):
            at = (DAY + timedelta(hours=8, minutes=entry)).astimezone(UTC)
            beyond: dict[str, Any] = {
                name: data.draw(BEYOND) for name in type(fact).model_fields if isinstance(getattr(fact, name), datetime)
            }
            if isinstance(fact, f.EntryCorrected):
                beyond["fields"] = {"since": data.draw(BEYOND).isoformat()}
            stored = fact.model_copy(update=beyond)
            said = min(data.draw(BEYOND), at) if entry == len(facts) // 2 else at
            recorded = Recorded("2026-0001", entry, stored, said, at, Function.VO_HJALPMEDEL, "s-1", f"command {entry}")
            terminal.desk.log.events.put([cast("DomainEventProtocol[str]", recorded)])


def every_kind(then: Callable[[list[Fact], st.DataObject], None], how: settings) -> None:
    how(given(facts_of_every_kind(), st.data())(then))()


def test_whatever_the_log_takes_every_reader_export_and_mail_can_say() -> None:
    every_kind(is_taken_and_read, SEEDED)


def test_a_moment_that_was_stored_before_there_were_bounds_is_read() -> None:
    """It was told for ever as something wrong in the program itself."""
    every_kind(was_stored_and_is_read, SEEDED)


@pytest.mark.long
@pytest.mark.parametrize("then", [is_taken_and_read, was_stored_and_is_read])
def test_of_twenty_incidents_with_drawn_values_all_is_read(
    then: Callable[[list[Fact], st.DataObject], None],
) -> None:
    every_kind(then, THOROUGH)


@pytest.mark.parametrize("moment", ["9999-12-31T23:30Z", "9999-12-31T23:30:00-05:00", "0001-01-01T00:30+05:00"])
def test_a_moment_beyond_the_bounds_is_never_written(terminal: Terminal, moment: str) -> None:
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    for line in (
        f"prognosis-received --restored-by {moment}",
        f"activation-deferred --reason snart --until {moment}",
        f"entry-corrected --entry 1 --occurred-at {moment} --reason fel",
        f"entry-corrected --entry 1 --set since={moment} --reason fel",
        f"note-added --text Lugnt. --at {moment}",
    ):
        assert terminal.types(f"record {line}").code == 2, line
    assert terminal.facts() == 1


def test_a_prognosis_more_than_fourteen_days_ahead_is_flagged(terminal: Terminal) -> None:
    terminal.at("08:05").records("outage-detected --scope all-users --system sesam-s2")
    assert terminal.records("prognosis-received --restored-by '2026-12-21 08:05'").flags == []
    assert terminal.records("prognosis-received --restored-by '2026-12-21 08:06'").flags == ["prognosis-far-ahead"]
    reply = terminal.types("record prognosis-received --restored-by '2026-12-22 08:00'")
    assert "obs: prognosen ligger mer än 14 dagar fram\n" in reply.out
