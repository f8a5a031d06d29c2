"""The worker seals what has been sent once nothing waits; a quiet log stays quiet, and what stops it stops no mail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.facts import LedgerSealed
from infrastructure.log.ledger_seals import seals
from infrastructure.outbox.figures import waiting
from tests.conftest import SQLITE
from tests.mailroom import mailroom
from tests.terminal import Terminal


def sealed(terminal: Terminal) -> int:
    return len(seals(terminal.desk.database.connection()))


def test_each_burst_is_sealed_as_it_ends_and_a_quiet_log_writes_nothing(outage: Terminal) -> None:
    outage.types("subscriber add anna@example.se --audience staff")
    with mailroom() as mails:
        outage.desk.settings = replace(outage.settings, mail_server=mails.server())
        for minute in range(3):
            facts = outage.at(f"08:1{minute}").facts()
            outage.types("worker --once")
            assert (len(mails.mails), sealed(outage)) == (1, 1), minute
            assert outage.facts() == facts + (minute == 0)
        outage.at("08:20").records("prognosis-received --restored-by 10:00")
        outage.types("worker --once")
        assert (len(mails.mails), sealed(outage)) == (2, 2)
    assert waiting(outage.desk.database).facts == 0, "a seal waits for nobody to plan it"
    assert outage.types("verify --json").json["unsealed"] == 0
    assert "ännu inte förseglat" not in outage.types("verify").out


def test_while_mail_waits_the_ledger_is_sealed_every_quarter_of_an_hour(outage: Terminal) -> None:
    outage.types("subscriber add anna@example.se --audience staff")
    began = outage.at("08:10").desk.time
    with mailroom() as mails:
        mails.refuses_everybody = "451 4.3.2 not now"
        outage.desk.settings = replace(outage.settings, mail_server=mails.server())
        for minute in range(0, 60, 3):
            outage.on(began + timedelta(minutes=minute)).types("worker --once")
    assert sum(len(row["attempts"]) for row in outage.types("deliveries --json").json) > 4
    assert 1 < sealed(outage) <= 4
    assert outage.types("verify").code == 0


@pytest.mark.parametrize("url", [SQLITE], indirect=True)
def test_a_seal_that_cannot_be_read_is_told_and_stops_no_mail(outage: Terminal) -> None:
    outage.types("subscriber add anna@example.se --audience staff")
    outage.types("worker --once")
    connection = outage.desk.database.connection()
    connection.execute(
        "INSERT INTO facts (incident, entry, fact, bytes, command_id) VALUES (?, 2, 'ledger-sealed:1', ?, 'x')",
        (LedgerSealed.stream, b"{}"),
    )
    with mailroom() as mails:
        outage.desk.settings = replace(outage.settings, mail_server=mails.server())
        done = outage.at("08:40").types("worker --once")
    assert len(mails.mails) == 1
    assert done.code == 0
    assert done.err.count("går inte att läsa") == 1
