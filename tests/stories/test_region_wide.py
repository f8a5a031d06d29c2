"""The whole region's IT is down: VO Hjälpmedel awaits instructions and takes no measures."""

from tests.terminal import Terminal


def test_in_a_region_wide_stop_one_waits_for_the_instruction(desk: Terminal) -> None:
    opened = desk.at("06:30").records("outage-detected --scope region-wide --cause infrastructure").json["status"]
    assert opened["systems"] == ["sesam-s2", "websesam", "visma-websesam"], "SR-051: none is presumed reachable"
    assert opened["reserve_routine"]["due_at"] is None
    assert desk.types("due --json").json == [], "the steps of SR-06x are not demanded"
    assert "Avvakta instruktioner" in desk.types("board").out

    # A measure before the instruction is the truth, so it is recorded; and it is a deviation (SR-053).
    early = desk.at("07:00").records("supplier-contacted --outcome no-answer")
    assert early.flags == ["measure-before-instruction"]
    assert desk.at("07:05").records("callers-informed --count 12 --advice wait").flags == []

    # Five hours in, the reserve routine is still not ours to activate without an instruction (Q7).
    refused = desk.at("11:30").types("record reserve-routine-activated")
    assert refused.code == 5
    assert "instruction-received" in refused.err
    desk.at("11:40").records("instruction-received --text 'Gå över till papper för akuta OT-remisser.'")
    assert desk.status()["reserve_routine"] | {} == {
        "state": "due", "due_at": "2026-12-07T10:40:00Z", "activated_at": None, "deactivated_at": None,
    }  # fmt: skip
    activated = desk.at("11:45").records("reserve-routine-activated --as vo-hjalpmedel")
    assert activated.flags == []
    assert desk.at("11:50").records("partner-notified --message activation --outcome reached").flags == []
    assert [d["code"] for d in desk.status()["deviations"]] == ["measure-before-instruction"]
    reviewed = desk.types("review 1 --json")
    assert reviewed.code == 6
    verdicts = {verdict["duty"]: verdict for verdict in reviewed.json["verdicts"]}
    assert verdicts["await-instruction"]["verdict"] == "missed"
    assert verdicts["await-instruction"]["evidence"] == [2]
    assert verdicts["activate-after-four-hours"]["verdict"] == "kept"
    assert verdicts["report-to-system-owner"]["verdict"] == "pending", "told to act a moment ago"


def test_an_activation_before_the_instruction_is_recorded_with_its_reason(desk: Terminal) -> None:
    desk.at("06:30").records("outage-detected --scope region-wide")
    told = desk.at("11:00").records("reserve-routine-activated --deviation 'inget besked på fyra timmar'").json
    assert told["flags"] == ["activation-before-instruction"]
    assert told["status"]["deviations"] == [
        {"entry": 2, "code": "activation-before-instruction", "rule": "Q7", "reason": "inget besked på fyra timmar"}
    ]


def test_what_looked_local_turns_out_to_be_region_wide(desk: Terminal) -> None:
    desk.at("06:30").records("outage-detected --scope local --system sesam-s2")
    desk.at("06:50").records("scope-reclassified --scope region-wide --reason 'hela nätet är nere'")
    status = desk.status()
    assert status["scope"] == "region-wide"
    assert status["systems_down"] == ["sesam-s2", "websesam", "visma-websesam"]
