"""`reservrutin demo`: the instruction's all-users outage, on a real store, with real mail on loopback.

Every step is the command that a person would type, run by the program itself at a desk whose clock
follows the day that is told.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from shlex import quote

import click

from application import authority
from application.desk import Desk
from application.settings import Settings
from cli.commands.worker import send_now
from cli.demo import reader
from cli.demo.story import DemoDesk, Story, mail_server, refuse_without_servers
from cli.terminal.command import Command
from cli.terminal.lines import wrap
from cli.terminal.login import login_at_the_keyboard
from domain.texts import N_
from domain.vocabulary import SWEDEN, Audience
from notifiers.email.mail_server import parse_url
from wording.words import Texts

DRIFTINFO = "https://vardgivare.skane.se/driftinformation"


def _demo(desk: Desk) -> None:
    _ = desk.texts.gettext
    refuse_without_servers()
    folder = Path(tempfile.mkdtemp(prefix="reservrutin-demo-"))
    (folder / "mail").mkdir()
    yesterday = (desk.now().astimezone(SWEDEN) - timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    with mail_server(folder / "mail") as (mailbox, address):
        settings = Settings(
            database_url=f"sqlite:///{folder / 'reservrutin.sqlite'}",
            mail_server=parse_url(address),
            mail_from=("Reservrutin Sesam", "reservrutin@example.se"),
            driftinfo_url=DRIFTINFO,
            lang=desk.settings.lang,
        )
        at_demo = DemoDesk(settings, yesterday)
        at_demo.make_log()
        login = login_at_the_keyboard()
        at_demo.staff.add(login, list(at_demo.routine.functions), authority.administrator(at_demo, login))
        said = _("A whole outage of Sesam, as the instruction tells it. Everything is real: the log, the mail.")
        click.echo(wrap(said, 80))
        _subscribe(at_demo)
        day = Story(at_demo, mailbox, send_now)
        _play(day, desk.texts)
        number = at_demo.board.newest() or ""
        reader.play(day, desk.texts, folder)
        count = len(mailbox.arrived)
        at_demo.database.close()
    _explore(desk.texts, folder, number, count)


def _subscribe(desk: Desk) -> None:
    from infrastructure.registers.subscribers import Subscribers

    for name, audience, language in (
        ("ortopeden", Audience.PUBLIC, "sv"),
        ("administration", Audience.STAFF, "sv"),
        ("aktivortopedteknik", Audience.PARTNER, "sv"),
        ("systemansvarig", Audience.DUTY, "sv"),
        ("reviewer", Audience.COMPLIANCE, "en"),
    ):
        Subscribers(desk.database, desk.now).add(f"{name}@example.se", audience, [], [], language)


def _play(day: Story, texts: Texts) -> None:
    _ = texts.gettext
    systems = "--system sesam-s2 --system websesam --system visma-websesam"
    published = "record operating-information-published --as system-owner --channel vardgivare-skane"
    entered = "record referral-entered --as partner"

    day.chapter(1, _("The telephones ring"))
    day.at(
        "08:05",
        _("Nobody gets into Sesam, and everything else works."),
        f"record outage-detected --scope all-users {systems}",
    )
    day.at("08:09", _("The system owner does not answer …"), "record system-owner-contacted --outcome no-answer")
    day.at("08:12", _("… so the unit manager is called, …"), "record unit-manager-contacted --outcome reached")
    day.at(
        "08:14",
        _("… an incident is created with Servicedesk, …"),
        "record servicedesk-incident-created --channel ritz --reference INC0042",
    )
    day.at(
        "08:20", _("… and the supplier is called."), "record supplier-contacted --outcome reached --reference VS-118"
    )
    down = quote(_("Sesam is down. Please wait."))
    day.at(
        "08:30",
        _("Only the system owner publishes. Prescribers get exactly that by mail."),
        f"{published} --text {down} --link {DRIFTINFO}",
    )
    day.at("08:40", _("Five prescribers have called."), "record callers-informed --count 5 --advice wait")
    day.run("board")

    day.chapter(2, _("Four hours without a prognosis"))
    day.at(
        "10:15", _("IT believes in 11.30."), "record prognosis-received --restored-by 11:30 --source 'Region Skåne IT'"
    )
    why = quote(_("the fault is larger than it seemed"))
    day.at("11:20", _("It does not hold."), f"record prognosis-withdrawn --reason {why}")
    day.at("12:06", _("Four hours are up, and there is no prognosis."), "record reserve-routine-activated")
    day.at("12:10", _("Aktiv ortopedteknik is told."), "record partner-notified --message activation --outcome reached")
    text = quote(_("Reserve routine: acute OT referrals on paper, by fax or post."))
    day.at(
        "12:15",
        _("It is published, with links."),
        f"{published} --text {text} --link {DRIFTINFO} --reserve-routine-applies",
    )
    day.run("board")

    day.chapter(3, _("Paper by fax"))
    for clock, serial in (("12:40", "OT-0017"), ("13:05", "OT-0018"), ("13:20", "OT-0019")):
        received = f"record referral-received --serial {serial} --via fax --unit 'Ortopeden Lund'"
        day.at(clock, _("A referral comes out of the fax."), received)

    day.chapter(4, _("Running again"))
    day.at("14:20", _("All three systems can be reached."), f"record service-restored {systems}")
    day.at("14:25", _("The reserve routine ends …"), "record reserve-routine-deactivated")
    day.at(
        "14:28",
        _("… and Aktiv ortopedteknik gets the all-clear."),
        "record partner-notified --message all-clear --outcome reached",
    )
    day.run("board")
    day.at("14:40", _("The paper is entered by hand."), f"{entered} --serial OT-0017 --reference 884213")
    day.at("14:44", _("The next one."), f"{entered} --serial OT-0018 --reference 884214")
    day.at(
        "14:50", _("One had come twice."), "record referral-set-aside --as partner --serial OT-0019 --reason duplicate"
    )
    summary = quote(_("Sesam runs again, all referrals are balanced."))
    day.at(
        "15:00",
        _("Every paper is accounted for, so the incident can be closed."),
        f"record incident-closed --summary {summary}",
    )
    day.run("show")


def _explore(texts: Texts, folder: Path, number: str, count: int) -> None:
    _ = texts.gettext
    program = quote(sys.argv[0]) if sys.argv[0] else "reservrutin"
    log = f"RESERVRUTIN_DATABASE_URL=sqlite:///{folder / 'reservrutin.sqlite'}"
    told = _("The log, {count} mails and the page are in {folder}. Explore them:").format(count=count, folder=folder)
    click.echo("\n" + wrap(told, 80))
    click.echo(f"  export {log}")
    for command in (f"review {number}", f"replay {number}", f"deliveries {number}"):
        click.echo(f"  {program} {command}")


demo = Command(
    "demo",
    _demo,
    help=N_("A whole outage in a minute: a real log in a temporary folder, real mail on this machine."),
    examples="reservrutin demo\nreservrutin demo --lang en | less",
)
