"""The catalogue: names that are stored for ever, who may record what, and texts made plain."""

import copy
import gc
import json
import pickle
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import facts as f
from domain.fact import CATALOGUE, Fact, Recorded
from domain.refusals import Damaged
from domain.routine import DECLARED_IN
from domain.routine_document import builtin
from domain.vocabulary import Area, Channel, Function, Orders, Scope, System
from infrastructure.log.codec import decode, encode, topic
from tests.given import moment
from tests.golden.samples import FOLDER, SAMPLES, golden_file

THE_DAYS_OWN = [
    "disturbance-reported",
    "escalated-internally",
    "outage-detected",
    "scope-reclassified",
    "system-owner-contacted",
    "unit-manager-contacted",
    "servicedesk-incident-created",
    "supplier-contacted",
    "callers-informed",
    "assistance-given",
    "cause-established",
    "measure-reported",
    "instruction-received",
    "mobile-connection-tried",
    "operating-information-requested",
    "operating-information-published",
    "operating-information-observed",
    "prognosis-received",
    "prognosis-withdrawn",
    "reserve-routine-activated",
    "activation-deferred",
    "partner-notified",
    "referral-received",
    "referral-entered",
    "referral-set-aside",
    "service-restored",
    "reserve-routine-deactivated",
    "incident-closed",
    "incident-reopened",
    "note-added",
    "entry-corrected",
    "entry-withdrawn",
    "incident-voided",
    "desk-handed-over",
    "decision-made",
    "document-noted",
    "incident-reviewed",
    "deadline-passed",
]
EVERY_FACT = list(CATALOGUE.values())
EVERY_SAMPLE = [pytest.param(sample, id=sample.fact.wire) for sample in SAMPLES]
AT = moment("08:00")


def test_the_catalogue_is_the_thirty_eight_facts_in_the_order_of_a_bad_day_and_those_of_the_logs_own() -> None:
    own = [
        "deadline-approaching",
        "routine-adopted",
        "ledger-sealed",
        "staff-registered",
        "staff-removed",
        "subscriber-changed",
        "deliveries-decided",
    ]
    assert [wire for wire in CATALOGUE if wire not in own] == THE_DAYS_OWN
    assert set(CATALOGUE) == {*THE_DAYS_OWN, *own}
    assert len(THE_DAYS_OWN) == 38


@pytest.mark.parametrize("fact", EVERY_FACT, ids=lambda fact: str(fact.wire))
def test_every_fact_says_what_it_is_and_who_records_it(fact: type[Fact]) -> None:
    assert fact.label
    assert fact.meaning.endswith(".")
    assert builtin().recorded_by(fact)
    for name, described in fact.model_fields.items():
        assert described.description, f"{name} has no help"


def test_no_two_facts_share_a_wire_name_or_a_label() -> None:
    assert len({fact.wire for fact in EVERY_FACT}) == len({fact.label for fact in EVERY_FACT}) == len(EVERY_FACT)


def test_sr_015_only_the_system_owner_is_named_for_publishing() -> None:
    assert builtin().recorded_by(CATALOGUE["operating-information-published"]) == (Function.SYSTEM_OWNER,)


def test_only_the_clock_says_that_a_deadline_passed_and_what_was_sent_and_it_says_nothing_else() -> None:
    assert [fact.wire for fact in EVERY_FACT if Function.CLOCK in builtin().recorded_by(fact)] == [
        "deadline-approaching",
        "deadline-passed",
        "ledger-sealed",
    ]


@pytest.mark.parametrize("sample", EVERY_SAMPLE)
def test_u_1_a_fact_is_never_changed(sample: Recorded) -> None:
    for name in type(sample.fact).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(sample.fact, name, None)
    with pytest.raises(AttributeError):
        sample.entry = 2  # type: ignore[misc]


@pytest.mark.parametrize("sample", EVERY_SAMPLE)
def test_a_field_that_the_fact_does_not_have_is_refused(sample: Recorded) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        type(sample.fact).model_validate(sample.fact.model_dump() | {"patient": "Anna"})


# Golden files


@pytest.mark.parametrize("sample", EVERY_SAMPLE)
def test_the_stored_bytes_are_those_of_the_golden_file_and_read_back_the_same(sample: Recorded) -> None:
    golden = golden_file(sample).read_bytes()
    assert encode(sample) == golden
    assert decode(golden) == sample
    assert topic(sample) == f"{sample.fact.wire}:{sample.fact.version}"


def test_every_fact_has_a_golden_file_and_every_golden_file_a_fact() -> None:
    stored = {path.name for path in FOLDER.glob("*.json")}
    wanted = {f"{fact.wire}.{fact.version}.json" for fact in EVERY_FACT}
    assert wanted - stored == set(), "a fact without a golden file"
    assert {name.rsplit(".", 2)[0] for name in stored} - set(CATALOGUE) == set(), "a golden file without a fact"
    assert {sample.fact.wire for sample in SAMPLES} == set(CATALOGUE)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: str(path.name))
def test_every_version_ever_stored_can_be_read(path: Any) -> None:
    wire, version, _ = path.name.rsplit(".", 2)
    assert json.loads(path.read_bytes())["version"] == int(version)
    assert decode(path.read_bytes()).fact.wire == wire


@pytest.mark.parametrize("sample", EVERY_SAMPLE)
def test_the_golden_sample_fills_every_field(sample: Recorded) -> None:
    for name, value in sample.fact.model_dump().items():
        assert value not in (None, "", (), {}), f"{name} is left empty"


def test_an_earlier_version_reads_as_if_nobody_had_said_what_came_later() -> None:
    def read(name: str) -> Fact:
        return decode((FOLDER / name).read_bytes()).fact

    outage, instruction = read("outage-detected.1.json"), read("instruction-received.1.json")
    published = read("operating-information-published.1.json")
    assert isinstance(outage, f.OutageDetected)
    assert outage.since is None
    assert isinstance(instruction, f.InstructionReceived)
    assert instruction.orders is Orders.ACT
    assert isinstance(published, f.OperatingInformationPublished)
    assert published.situation is None


def test_a_fact_that_a_newer_program_wrote_is_refused_for_good_and_not_misread() -> None:
    stored = json.loads(encode(SAMPLES[0]))
    for newer in ({"fact": "moon-landed"}, {"version": 9}):
        with pytest.raises(Damaged, match="unknown-fact"):
            decode(json.dumps(stored | newer).encode())


# Texts


@pytest.mark.parametrize("unseen", ["\x00", "\x1b", "\u200b", "\u202e", "\ufeff", "\ue000", "\x7f", "\t", "\r"])
def test_a_text_keeps_no_invisible_or_control_character(unseen: str) -> None:
    assert f.NoteAdded(text=f"{unseen}Lugnt{unseen} i växeln.{unseen}").text == "Lugnt i växeln."


def test_a_text_keeps_its_lines_and_loses_the_space_around_it() -> None:
    assert f.NoteAdded(text="  en rad\noch en till \n").text == "en rad\noch en till"


def test_one_and_the_same_text_is_stored_in_one_form() -> None:
    assert f.NoteAdded(text="va\u0308xeln") == f.NoteAdded(text="v\u00e4xeln")


@pytest.mark.parametrize("nothing", ["", "   ", "\n", "\u200b", "\x00 \x01", "\ufeff"])
def test_a_required_text_says_something(nothing: str) -> None:
    with pytest.raises(ValidationError):
        f.NoteAdded(text=nothing)
    with pytest.raises(ValidationError):
        f.DisturbanceReported(unit=nothing)


def test_a_text_is_at_most_two_thousand_characters() -> None:
    assert f.NoteAdded(text="å" * 2000)
    assert f.IncidentClosed(summary="å" * 2000)
    for too_long in (lambda: f.NoteAdded(text="å" * 2001), lambda: f.IncidentClosed(summary="å" * 2001)):
        with pytest.raises(ValidationError):
            too_long()


@given(st.text(max_size=200))
def test_a_stored_text_is_plain_and_normalising_it_again_changes_nothing(text: str) -> None:
    plain = f.IncidentClosed(summary=text).summary
    assert f.IncidentClosed(summary=plain).summary == plain
    assert all(char == "\n" or char.isprintable() or char.isspace() for char in plain)


@pytest.mark.parametrize(
    ("written", "stored"),
    [("ot-0017", "OT-0017"), (" OT-0017 ", "OT-0017"), ("ＯＴ－００１７", "OT-0017"), ("å/17.2", "Å/17.2")],
)
def test_sr_091_a_serial_is_stored_in_upper_case_and_plain_digits(written: str, stored: str) -> None:
    assert f.ReferralReceived(serial=written).serial == stored


@pytest.mark.parametrize("wrong", ["", " ", "-17", "OT 0017", "OT\n0017", "x" * 41, "OT;DROP", "<b>"])
def test_sr_091_a_serial_is_one_short_word(wrong: str) -> None:
    with pytest.raises(ValidationError):
        f.ReferralReceived(serial=wrong)


@pytest.mark.parametrize("wrong", ["vardgivare.skane.se", "javascript:alert(1)", "https://", "https://a b", ""])
def test_sr_098_a_link_is_a_web_address(wrong: str) -> None:
    with pytest.raises(ValidationError):
        f.OperatingInformationPublished(channels=(Channel.VARDGIVARE_SKANE,), text="x", links=(wrong,))


def test_a_time_without_a_zone_is_refused_and_one_with_a_zone_is_kept_in_utc() -> None:
    with pytest.raises(ValidationError, match="zone"):
        f.PrognosisReceived.model_validate({"restored_by": datetime(2026, 12, 7, 14, 0)})  # noqa: DTZ001 - what is refused
    kept = f.PrognosisReceived.model_validate({"restored_by": "2026-12-07T15:00:00+01:00"}).restored_by
    assert (kept, kept.tzinfo) == (datetime(2026, 12, 7, 14, 0, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("fact", "fields"),
    [
        (f.CallersInformed, {"count": 0}),
        (f.CallersInformed, {"count": -3}),
        (f.ServiceRestored, {"systems": ()}),
        (f.OutageDetected, {"scope": "all-users", "systems": ("Sesam S3",)}),
        (f.OperatingInformationPublished, {"channels": (), "text": "x"}),
        (f.EntryCorrected, {"entry": 1, "reason": "fel"}),
        (f.EntryCorrected, {"entry": 0, "reason": "fel", "fields": {"a": "b"}}),
        (f.ReferralSetAside, {"serial": "OT-1", "reason": "lost"}),
    ],
)
def test_a_value_that_means_nothing_is_refused(fact: type[Fact], fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        fact.model_validate(fields)


def test_sr_010_sr_012_exactly_three_systems_and_six_areas() -> None:
    assert tuple(System) == ("sesam-s2", "websesam", "visma-websesam")
    assert tuple(Area) == ("vision", "hearing", "mobility", "respiratory", "tens", "orthopaedic")


def test_a_word_that_a_routine_adds_equals_itself_wherever_it_is_read() -> None:
    one, other = System("lab-blims"), System("lab-blims")
    assert one == other == "lab-blims"
    assert {one: "here"}[other] == {"lab-blims": "here"}[one] == "here"
    assert (type(one), one.value, one.label) == (System, "lab-blims", "lab-blims")
    read = f.ServiceRestored.model_validate({"systems": ["lab-blims"]})
    assert read == f.ServiceRestored(systems=(one,))
    assert read.model_dump(mode="json") == {"systems": ["lab-blims"]}
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one  # noqa: S301 - our own bytes
    assert System("sesam-s2") is System.SESAM_S2


def test_fifty_thousand_guesses_leave_next_to_nothing_behind() -> None:
    gc.collect()
    tracemalloc.start()
    for guess in range(50_000):
        System(f"guess-{guess}")
    for kind in DECLARED_IN:
        for guess in range(1000):
            kind(f"guess-{guess}")
    for guess in range(1000):
        f.ServiceRestored.model_validate({"systems": [f"guess-{guess}"]})
    gc.collect()
    stays, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stays < 250_000, f"{stays} bytes for 57,000 guesses"
    assert tuple(System) == (System.SESAM_S2, System.WEBSESAM, System.VISMA_WEBSESAM)


def test_every_text_a_person_wrote_is_looked_through_also_in_lists_and_corrections() -> None:
    fact = f.OperatingInformationPublished(
        channels=(Channel.HEMVIST,), text="Nere.", links=("https://a.example.se/1", "https://a.example.se/2")
    )
    assert fact.texts() == {"text": "Nere.", "links": "https://a.example.se/1\nhttps://a.example.se/2"}
    fix = f.EntryCorrected(entry=1, reason="fel", fields={"summary": "x", "links": ["y"]})
    assert fix.texts() == {"reason": "fel", "fields": "x\n['y']"}
    recorded = Recorded("2026-0007", 1, fix, AT, AT, Function.VO_HJALPMEDEL, "s-1", "c-1", note="n", deviation="d")
    assert recorded.texts() == fix.texts() | {"note": "n", "deviation": "d", "command_id": "c-1"}


def test_words_are_validated_and_carry_a_label() -> None:
    assert Scope("region-wide").label
    with pytest.raises(ValueError, match="everywhere"):
        Scope("everywhere")
