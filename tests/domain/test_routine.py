"""The instruction in force as a document that the program reads."""

import tomllib
from datetime import date, timedelta
from typing import get_args

import pytest
from pydantic import ValidationError

from domain import facts as f
from domain.fact import CATALOGUE, Recorded
from domain.facts import RoutineAdopted
from domain.routine import Condition, Duty
from domain.routine_document import builtin, builtin_versions, parse
from domain.versions import in_force
from domain.vocabulary import Function, System
from tests.given import Day, moment, outage


def numbers(*spans: tuple[int, int]) -> set[str]:
    return {f"SR-{number:03d}" for first, last in spans for number in range(first, last + 1)}


RULES = numbers((1, 5), (10, 28), (40, 47), (50, 53), (60, 70), (80, 82), (90, 98), (100, 101))
"""Every rule number of the instruction."""
READINGS = {f"Q{number}" for number in range(1, 32)}
"""Every place where it is ambiguous."""
DUTIES = builtin().duties
every_duty = pytest.mark.parametrize("duty", DUTIES, ids=[duty.id for duty in DUTIES])

ONE_DUTY = """
id = "egen"
version = "2"
title = { sv = "Egen rutin", en = "A routine of our own" }
owner = "VO Hjälpmedel"
valid_from = 2026-01-01
help_desk = "vo-hjalpmedel"
[systems]
journalen = { name = { sv = "Journalen", en = "the journal" }, owner = "vo-hjalpmedel" }
[areas]
alla = { sv = "allt", en = "everything" }
[functions]
vo-hjalpmedel = { sv = "VO Hjälpmedel", en = "VO Hjälpmedel" }
[channels]
intranet = { sv = "intranätet", en = "the intranet" }
[reserve_routine]
after = "2 h"
scopes = ["all-users"]
published_on = "intranet"
referral_area = "alla"
[paper_channels]
fax = { sv = "fax", en = "fax" }
[facts.routine-adopted]
recorded_by = ["vo-hjalpmedel"]
[facts.outage-detected]
recorded_by = ["vo-hjalpmedel"]
[facts.service-restored]
recorded_by = ["vo-hjalpmedel"]
[facts.supplier-contacted]
recorded_by = ["vo-hjalpmedel"]
[audiences.staff]
name = { sv = "vi", en = "we" }
told_of = [{ fact = "outage-detected", says = [{ sv = "Nere: {systems}.", en = "Down: {systems}." }] }]
[[duty]]
id = "ring"
rules = ["local"]
who = "vo-hjalpmedel"
during = ["outage"]
done_by = [{ fact = "supplier-contacted", where = { outcome = ["reached"] } }]
within = "30 min"
text = { sv = "Ring", en = "Call" }
quote = { sv = "Ring genast.", en = "Call at once." }
"""


def test_sr_001_sr_002_sr_005_the_built_in_routine_is_version_one_and_open_ended() -> None:
    routine = builtin(date(2024, 2, 14))
    assert (routine.id, routine.version) == ("reservrutin-sesam", "1.0")
    assert (routine.valid_from, routine.valid_to) == (date(2024, 2, 14), None)
    assert routine.title.sv == "Reservrutin Sesam S2, websesam och Visma websesam"


def test_a_duty_that_is_done_when_something_is_over_needs_no_fact_for_it() -> None:
    changed = ONE_DUTY.replace('done_by = [{ fact = "supplier-contacted", where = { outcome = ["reached"] } }]', "")
    day = Day(routine=parse(changed.replace('within = "30 min"', 'within = "30 min"\ndone_when_over = "outage"')))
    system = (System("journalen"),)
    day.at("08:00").records(outage(systems=system))
    assert day.verdict("ring", at="08:20").word == "pending"
    assert day.verdict("ring", at="08:31").word == "missed"
    day.at("08:20").records(f.ServiceRestored(systems=system))
    assert day.verdict("ring", at="09:00").word == "kept"


def test_sr_004_it_belongs_to_vo_hjalpmedel() -> None:
    assert builtin().owner == "VO Hjälpmedel"


@every_duty
def test_every_rule_that_a_duty_cites_is_a_rule_of_the_instruction_or_labelled_local(duty: Duty) -> None:
    assert duty.rules
    assert set(duty.rules) <= RULES | {"local"}
    if "local" in duty.rules:
        assert duty.local, "what the instruction does not say is never passed off as a rule of it"


def test_every_rule_that_a_fact_cites_is_a_rule_of_the_instruction() -> None:
    for fact in CATALOGUE.values():
        assert set(builtin().rules_of(fact)) <= RULES | READINGS, fact.wire


@every_duty
def test_every_duty_has_its_words_and_its_clause_in_both_languages(duty: Duty) -> None:
    for wording in (duty.text, duty.quote, *([duty.reading] if duty.reading else [])):
        assert wording.in_("sv")
        assert wording.in_("en")
        assert wording.in_("sv") != wording.in_("en")


@every_duty
def test_a_time_that_the_instruction_does_not_give_is_local_and_says_so(duty: Duty) -> None:
    if duty.within and duty.within != timedelta(hours=4):
        assert duty.local
        assert duty.reading or "SR-027" in duty.rules


@every_duty
def test_every_duty_can_be_begun_and_done(duty: Duty) -> None:
    assert duty.starts or duty.during
    assert duty.done_by or duty.forbids
    for pattern in (*duty.starts, *duty.done_by):
        fact = CATALOGUE[pattern.fact]
        assert set(pattern.where) <= set(fact.model_fields)
    if duty.done_by:
        assert any(
            duty.who in builtin().recorded_by(CATALOGUE[pattern.fact]) or duty.who is Function.SUPPLIER
            for pattern in duty.done_by
        )


def test_no_two_duties_share_an_id() -> None:
    assert len({duty.id for duty in DUTIES}) == len(DUTIES)


def test_sr_069_sr_090_the_two_rules_of_four_hours_are_two_duties() -> None:
    by_rule = {rule: duty for duty in DUTIES for rule in duty.rules}
    without, after = by_rule["SR-069"], by_rule["SR-090"]
    assert without.id != after.id
    assert without.within == after.within == timedelta(hours=4)
    assert (without.since, after.since) == ("outage", "outage")
    assert without.unless == ("prognosis-in-force",)
    assert after.unless == ("deferral-in-force",)


def test_q6_at_once_is_a_local_quarter_of_an_hour() -> None:
    duty = next(duty for duty in DUTIES if "SR-061" in duty.rules)
    assert (duty.within, duty.local) == (timedelta(minutes=15), True)


OF_THE_DAY = numbers((27, 27), (42, 42), (46, 46), (52, 53), (61, 66), (69, 70), (81, 82), (90, 90), (92, 98))


@pytest.mark.parametrize("rule", sorted(OF_THE_DAY))
def test_every_obligation_of_the_day_has_a_duty(rule: str) -> None:
    assert any(rule in duty.rules for duty in DUTIES)


def test_a_routine_of_ones_own_is_read() -> None:
    [duty] = parse(ONE_DUTY).duties
    assert (duty.id, duty.within) == ("ring", timedelta(minutes=30))


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("15 min", timedelta(minutes=15)),
        ("15m", timedelta(minutes=15)),
        ("4 h", timedelta(hours=4)),
        ("2 d", timedelta(days=2)),
    ],
)
def test_a_time_is_written_in_minutes_hours_or_days(text: str, duration: timedelta) -> None:
    assert parse(ONE_DUTY.replace("30 min", text)).duties[0].within == duration


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        parse("id = ")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('id = "egen"\n', ""),
        ('version = "2"', ""),
        ("[[duty]]", "[[duties]]"),
        ('owner = "VO Hjälpmedel"', 'owner = "VO Hjälpmedel"\ndeadline = "4 h"'),
        ('during = ["outage"]', 'during = ["full moon"]'),
        ('who = "vo-hjalpmedel"', 'who = "somebody"'),
        ('within = "30 min"', 'within = "half an hour"'),
        ('within = "30 min"', 'within = "genast"'),
        ('text = { sv = "Ring", en = "Call" }', 'text = { sv = "Ring" }'),
        ("valid_from = 2026-01-01", 'valid_from = "någon gång"'),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01\nvalid_to = 2025-12-31"),
        ("[facts.supplier-contacted]", "[facts.callers-informed]"),
        ("[facts.routine-adopted]", "[facts.note-added]"),
        ("[audiences.staff]", "[audiences.public]"),
        ("[audiences.staff]", "[rules]\nactivation-to-early = 'X-1'\n[audiences.staff]"),
        ("Nere: {systems}.", "Nere: {system}."),
        ('during = ["outage"]\n', ""),
        ('published_on = "intranet"', 'published_on = "hemvist"'),
    ],
)
def test_a_routine_that_leaves_something_out_or_says_something_unknown_is_refused(right: str, wrong: str) -> None:
    assert right in ONE_DUTY
    with pytest.raises(ValidationError):
        parse(ONE_DUTY.replace(right, wrong))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('fact = "supplier-contacted"', 'fact = "supplier-phoned"'),
        ("outcome = [", "result = ["),
        ('["reached"]', '["nådd"]'),
    ],
    ids=["no such fact", "no such field", "no such value"],
)
def test_a_routine_whose_duty_could_never_be_done_is_refused(right: str, wrong: str) -> None:
    """A slip of the pen in a fact's name would else read as a duty that is missed every time."""
    assert right in ONE_DUTY
    with pytest.raises(ValidationError):
        parse(ONE_DUTY.replace(right, wrong))


def test_every_condition_is_one_that_the_review_knows() -> None:
    used = {condition for duty in DUTIES for condition in (*duty.during, *duty.unless)}
    assert used <= set(get_args(Condition))


def test_sr_014_every_system_has_exactly_one_owner() -> None:
    assert {terms.owner for terms in builtin().systems.values()} == {Function.SYSTEM_OWNER}
    for wrong in (', owner = "vo-hjalpmedel"', ""), ('owner = "vo-hjalpmedel" }', 'owner = ["vo-hjalpmedel"] }'):
        assert wrong[0] in ONE_DUTY
        with pytest.raises(ValidationError, match="owner"):
            parse(ONE_DUTY.replace(*wrong))


def adoption(position: int, at: str, valid_from: str, valid_to: str | None = None, version: str = "2") -> Recorded:
    text = ONE_DUTY.replace('version = "2"', f'version = "{version}"')
    fact = RoutineAdopted(
        routine="egen",
        routine_version=version,
        valid_from=date.fromisoformat(valid_from),
        valid_to=date.fromisoformat(valid_to) if valid_to else None,
        document=text,
    )
    when = moment(at)
    return Recorded(
        "routine", position, fact, when, when, Function.VO_HJALPMEDEL, "s-1", str(position), position=position
    )


NOON = "2026-12-07T12:00+01:00"


@pytest.mark.parametrize(
    ("adoptions", "version"),
    [
        ([], "1.0.1"),
        ([adoption(1, "2026-12-06T09:00+01:00", "2026-12-07")], "2"),
        ([adoption(1, "2026-12-06T09:00+01:00", "2026-12-08")], "1.0.1"),
        ([adoption(1, "2026-12-07T12:00:01+01:00", "2026-01-01")], "1.0.1"),
        ([adoption(1, "2026-12-07T12:00+01:00", "2026-01-01")], "2"),
        ([adoption(1, "2026-02-01T09:00+01:00", "2026-02-01"),
          adoption(2, "2026-02-02T09:00+01:00", "2026-12-06", version="3")], "3"),
        ([adoption(1, "2026-02-01T09:00+01:00", "2026-12-06", version="3"),
          adoption(2, "2026-02-02T09:00+01:00", "2026-02-15", version="2.1")], "3"),
        ([adoption(1, "2026-02-01T09:00+01:00", "2026-12-06", version="3"),
          adoption(2, "2026-02-02T09:00+01:00", "2026-12-06", version="3.1")], "3.1"),
        ([adoption(1, "2026-02-01T09:00+01:00", "2026-02-01"),
          adoption(2, "2026-02-02T09:00+01:00", "2026-02-15", "2026-12-06", version="3")], "2"),
        ([adoption(1, "2026-02-01T09:00+01:00", "2026-02-01", "2026-12-06")], "2"),
        ([adoption(7, "2026-12-06T09:00+01:00", "2026-12-06")], "1.0.1"),
    ],
    ids=[
        "nothing adopted: the built-in one",
        "valid from today",
        "valid from tomorrow",
        "adopted a second later",
        "adopted at that very moment",
        "the one that became valid last",
        "… however late the other was adopted",
        "valid from the same day: the one adopted last",
        "one that has ended gives way",
        "one that has ended goes on where there is no other",
        "later in the log than the incident",
    ],
)  # fmt: skip
def test_sr_002_which_version_an_incident_is_judged_by(adoptions: list[Recorded], version: str) -> None:
    assert in_force(adoptions, moment(NOON), before=5).version == version


@pytest.mark.parametrize(
    ("began", "version"),
    [
        ("2024-02-13T12:00+01:00", "1.0"),
        ("2026-11-27T23:59+01:00", "1.0"),
        ("2026-11-28T00:00+01:00", "1.0.1"),
        (NOON, "1.0.1"),
    ],
)
def test_sr_002_what_began_under_an_earlier_built_in_version_is_judged_by_it(began: str, version: str) -> None:
    assert in_force((), moment(began)).version == version


def test_every_built_in_version_says_the_same_of_itself_and_follows_the_one_before() -> None:
    versions = [routine for routine, _text in builtin_versions()]
    assert {(routine.id, routine.title, routine.valid_to) for routine in versions} == {
        (builtin().id, builtin().title, None)
    }
    assert [routine.valid_from for routine in versions] == sorted((r.valid_from for r in versions), reverse=True)
    for routine, text in builtin_versions():
        assert routine == parse(text), "what is read without a check passes the check"
