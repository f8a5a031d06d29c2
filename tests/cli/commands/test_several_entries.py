"""One command that writes several entries: papers that came together, an entry that is moved where it belongs."""

import pytest

from tests.terminal import Terminal


@pytest.fixture
def papers(outage: Terminal) -> Terminal:
    """The reserve routine has been active since ten past twelve."""
    outage.at("12:10").records("reserve-routine-activated")
    return outage


@pytest.fixture
def two(outage: Terminal) -> Terminal:
    """Two open incidents; the prognosis in the first, entry 2, belongs to the second."""
    outage.records("outage-detected --scope all-users --system websesam")
    outage.at("08:20").records("prognosis-received --restored-by 14:00 --incident 1")
    return outage.at("08:30")


def test_papers_that_came_together_are_a_fact_each(papers: Terminal) -> None:
    written = papers.records("referral-received --serial OT-18 --serial ot-19 --unit Lund").json
    assert [(each["entry"], each["fact"]) for each in written] == [(3, "referral-received"), (4, "referral-received")]
    assert papers.status()["referrals"]["outstanding"] == ["OT-18", "OT-19"]
    assert [each["status"] for each in written] == [papers.status()] * 2, "as it stands when all are written"
    assert papers.records("referral-received --serial OT-20").json["entry"] == 5, "one is an object"
    papers.at("12:30").records("service-restored --system sesam-s2")
    told = papers.types("record referral-entered --as partner --serial OT-18 --serial OT-19 --serial OT-20").out
    assert [f"Skrivet: 2026-0001 post {entry}, remiss inmatad" in told for entry in (7, 8, 9)] == [True] * 3
    assert [f"Löpnummer: OT-{serial}" in told for serial in (18, 19, 20)] == [True] * 3
    assert told.count("Härnäst:") == 1
    assert papers.status()["referrals"]["outstanding"] == []


@pytest.mark.parametrize("serials", ["--serial OT-18 --serial OT-18", "--serial OT-18 --serial OT-1", "--serial '' "])
def test_where_one_paper_is_refused_none_is_written(papers: Terminal, serials: str) -> None:
    papers.records("referral-received --serial OT-1")
    before = papers.facts()
    assert papers.types(f"record referral-received --serial OT-17 {serials}").code in (2, 5)
    assert papers.facts() == before


def test_a_set_aside_is_of_one_paper_and_its_reason(papers: Terminal) -> None:
    assert papers.types("record referral-set-aside --reason duplicate --serial OT-1 --serial OT-2").code == 2


def test_a_dry_run_of_several_papers_says_what_would_happen_and_writes_nothing(papers: Terminal) -> None:
    before = papers.facts()
    told = papers.types("record referral-received --serial OT-18 --serial OT-19 --dry-run")
    assert told.code == 0
    assert told.out.count("Skulle skrivas: 2026-0001 post") == 2
    assert papers.facts() == before


def test_several_papers_repeated_with_their_command_id_are_answered_and_add_nothing(papers: Terminal) -> None:
    first = papers.records("referral-received --serial OT-18 --serial OT-19 --command-id k-1").json
    again = papers.at("12:40").records("referral-received --serial OT-18 --serial OT-19 --command-id k-1").json
    assert [(each["entry"], each["position"]) for each in again] == [(e["entry"], e["position"]) for e in first]
    before = papers.facts()
    for other in ("--serial OT-18", "--serial OT-18 --serial OT-20", "--serial OT-18 --serial OT-19 --serial OT-20"):
        assert papers.types(f"record referral-received {other} --command-id k-1").code == 5
    assert papers.facts() == before


def test_a_paper_s_number_is_corrected_as_one(papers: Terminal) -> None:
    papers.records("referral-received --serial OT-18 --serial OT-19")
    papers.records("entry-corrected --entry 4 --set serial=OT-91 --reason feltryck")
    assert papers.status()["referrals"]["outstanding"] == ["OT-18", "OT-91"]


@pytest.mark.parametrize("named", ["2", "2026-0002", "0002"])
def test_q29_an_entry_is_moved_to_an_incident_named_in_any_way_and_the_answer_shows_it_there(
    two: Terminal, named: str
) -> None:
    told = two.types(f"record entry-withdrawn --incident 1 --entry 2 --moved-to {named} --reason 'fel händelse'")
    assert told.code == 0, told.err
    assert "Skrivet: 2026-0001 post 3, post återtagen, 08:30 CET" in told.out
    assert "Flyttad till: 2026-0002" in told.out
    assert "Skrivet: 2026-0002 post 2, prognos mottagen, 08:20 CET" in told.out
    assert two.status("2")["prognosis"] == {"restored_by": "2026-12-07T13:00:00Z"}


def test_what_was_moved_stands_in_the_json_beside_its_withdrawal(two: Terminal) -> None:
    written = two.records("entry-withdrawn --incident 1 --entry 2 --moved-to 2 --reason fel").json
    assert (written["incident"], written["entry"], written["fact"]) == ("2026-0001", 3, "entry-withdrawn")
    moved = written["moved"]
    assert (moved["incident"], moved["entry"], moved["fact"]) == ("2026-0002", 2, "prognosis-received")


@pytest.mark.parametrize("named", ["2", "2026-0002"])
def test_q29_a_voided_incident_is_the_same_as_one_named_in_any_way(two: Terminal, named: str) -> None:
    two.records(f"incident-voided --incident 1 --reason samma --same-as {named}")
    assert two.types("log 1 --json").json[-1]["data"]["same_as"] == "2026-0002"
    two.records("entry-corrected --incident 1 --entry 3 --set same-as=2 --reason samma")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("entry-withdrawn --entry 2 --reason fel --moved-to hej", 2, "”hej” är inget nummer på en händelse"),
        ("incident-voided --reason fel --same-as 1:1", 2, "”1:1” är inget nummer på en händelse"),
        ("entry-withdrawn --entry 2 --reason fel --moved-to 9", 3, "Det finns ingen händelse 2026-0009"),
        ("incident-voided --reason fel --same-as 2026-0009", 3, "Det finns ingen händelse 2026-0009"),
        ("entry-withdrawn --entry 2 --reason fel --moved-to 1", 5, "2026-0001"),
    ],
)
def test_a_wrong_incident_gets_one_right_sentence(two: Terminal, line: str, code: int, said: str) -> None:
    refused = two.types(f"record {line} --incident 1")
    assert (refused.code, refused.err.count("\n")) == (code, 1)
    assert said in refused.err
