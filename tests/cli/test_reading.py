"""Reading a history: as it was known then, as it is due at a time, and what a review ends with."""

from tests.terminal import Terminal


def test_what_was_known_at_a_time_leaves_out_what_was_recorded_later(outage: Terminal) -> None:
    outage.at("11:00").records("prognosis-received --restored-by 12:00 --at 09:00")
    known = outage.types("replay 1 --known-at 10:00 --json").json
    assert [step["entry"] for step in known] == [1]
    happened = outage.types("replay 1 --as-of 10:00 --json").json
    assert [step["entry"] for step in happened] == [1, 2]
    assert happened[1]["status"]["prognosis"] == {"restored_by": "2026-12-07T11:00:00Z"}
    assert [step["entry"] for step in outage.types("replay 1 --to-entry 1 --json").json] == [1]
    assert "Inget hade hänt" in outage.types("replay 1 --known-at 07:00").out


def test_what_is_due_can_be_asked_for_another_time(outage: Terminal) -> None:
    before = {duty["duty"]: duty for duty in outage.types("due --at 08:15 --json").json}
    after = {duty["duty"]: duty for duty in outage.types("due --at 12:05:10 --json").json}
    assert before["report-to-system-owner"]["overdue_seconds"] == 0
    assert after["report-to-system-owner"]["overdue_seconds"] == 3 * 3600 + 45 * 60 + 10
    assert after["activate-without-prognosis"]["overdue_seconds"] == 0, "there is a quarter of an hour to decide in"
    later = {duty["duty"]: duty for duty in outage.types("due --at 12:21:10 --json").json}
    assert later["activate-without-prognosis"]["overdue_seconds"] == 16 * 60 + 10


def test_a_duty_done_late_ends_the_review_with_six_and_all_kept_with_zero(outage: Terminal) -> None:
    outage.records("system-owner-contacted --outcome reached")
    outage.records("supplier-contacted --outcome reached --at 08:09")
    line = "operating-information-published --as system-owner --channel vardgivare-skane --text Nere"
    late = outage.at("09:30").records(f"{line} --at 09:10").json
    outage.records("service-restored --system sesam-s2")
    review = outage.types("review 1 --json")
    assert review.code == 6
    verdict = next(v for v in review.json["verdicts"] if v["duty"] == "publish-operating-information")
    assert (verdict["verdict"], verdict["late_seconds"], verdict["evidence"]) == ("late", 300, [late["entry"]])
    outage.records(f"entry-corrected --entry {late['entry']} --as system-owner --occurred-at 08:50 --reason 'fel tid'")
    assert outage.types("review 1").code == 0


def test_a_correction_is_shown_in_the_words_of_what_it_corrects(outage: Terminal) -> None:
    outage.records("system-owner-contacted --outcome reached")
    outage.records("entry-corrected --entry 2 --set outcome=no-answer --reason 'fel knapp'")
    shown = outage.types("log").out
    assert "Rättat till: Resultat svarar inte" in shown
    assert "rättad av post 3" in shown
    assert "2026-12-07 08:10 CET" in shown
