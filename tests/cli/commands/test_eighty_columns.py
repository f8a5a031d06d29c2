"""Whatever a command answers fits a terminal of 80 columns, and is broken between words."""

import pytest

from tests.terminal import DRIFTINFO, Terminal

DAY = (
    "record outage-detected --scope region-wide --at 06:00",
    "record instruction-received --text 'avvakta' --orders wait --source 'Region Skånes it-avdelning, driftledningen'",
    "record supplier-contacted --outcome reached --reference VS-118 --deviation 'jouren bad om det i telefon'",
    "record outage-detected --scope all-users --system sesam-s2 --system websesam --system visma-websesam --at 06:10",
    "record entry-withdrawn --incident 1 --entry 3 --moved-to 2 --reason 'skrevs i fel händelse av misstag i brådskan'",
    "record reserve-routine-activated --incident 2 --deviation 'det var redan bestämt av förvaltningschefen i tjänst'",
    "record referral-received --incident 2 --serial OT-2026-0018 --serial OT-2026-0019 --unit 'Ortopeden Lund'",
    "record partner-notified --incident 2 --message activation --channel phone --outcome no-answer",
    "record desk-handed-over --incident 2 --to vo-hjalpmedel --open-matters 'Visma ringer åter, prognosen är muntlig'",
    "record incident-voided --incident 1 --same-as 2 --reason 'samma avbrott, upptäckt på två håll samtidigt'",
)
"""A day with long words; each of these answers, too."""

READ = (
    "board", "board --all", "show 1", "show 2", "show 2 --papers", "log 1", "log 2", "due", "due 2 --at 06:20", "say",
    "replay 1", "replay 2 --written", "review 1", "review 2", "review --all", "deliveries 2",
    "deliveries --at 23:00", "verify", "settings",
    "routine show", "staff list", "subscriber list", "database check",
)  # fmt: skip

KEPT = (
    "subscriber add hjalpmedelsadministrationen.helsingborg@skane.example --audience staff --system websesam",
    "subscriber pause {subscriber}", "subscriber resume {subscriber}", "subscriber remove {subscriber}",
    "staff add {login} --role hjalpmedel-administration --role vo-hjalpmedel --role compliance-reviewer",
    "staff list", "projections rebuild", "worker --once", "staff remove {login}", "staff list", "staff list --at 23:58",
    "log --of subscribers", "log --of staff",
)  # fmt: skip


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_answer_fits_eighty_columns(terminal: Terminal, language: str) -> None:
    from cli.terminal.login import login_at_the_keyboard

    known = {"login": login_at_the_keyboard(), "subscriber": "p-0"}
    for line in (*DAY, *READ, *KEPT):
        reply = terminal.types(f"{line.format(**known)} --lang {language}")
        assert reply.code in (0, 6), (line, reply.err)
        if line.startswith("subscriber add"):
            known["subscriber"] = next(word for word in reply.out.split() if word.startswith("(p-"))[1:-2]
        for shown in reply.out.splitlines():
            address = DRIFTINFO in shown or terminal.settings.database_url in shown
            assert len(shown) <= 80 or address, (line, shown)
