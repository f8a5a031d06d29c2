"""`database`: what an administrator sets up and looks after."""

from contextlib import closing, suppress

from application.desk import Desk
from cli.terminal.command import Command, Group, answer
from cli.terminal.lines import labelled
from cli.terminal.parameters import Argument, Choice
from domain.refusals import Invalid, NotFound
from domain.texts import N_
from infrastructure.database.backend import POSTGRESQL, with_its_driver
from infrastructure.database.database import SCHEMA, Database
from infrastructure.database.grants import ROLES

WHAT_IS_NEW = {
    "0001": N_("the log, its read models and its registers"),
    "0002": N_("deliveries take turns and are tried again, and tell what became of them"),
    "0003": N_("the tree over the facts, and what is signed of it; a log that is there gets its tree"),
    "0004": N_("a checksum on each row of the registers and the ledger; rows that are there get theirs"),
    "0005": N_("the course of each long incident, so that it is read as fast as a short one"),
    "0006": N_("a checksum on each such course; what was kept without one is gone through again"),
    "0007": N_("the channel by which each subscriber is told and each delivery went: until now, all by e-mail"),
    "0008": N_("what such a course holds has changed; each is gone through again"),
    "0009": N_("a publication that was asked for is not waited for when the outage is over: courses are made anew"),
    "0010": N_("what happens within one minute happens in turn: courses are made anew"),
    "0011": N_("which reports have been read: a mail that is sent again and comes back again is told as that"),
    "0012": N_("the file says that it is a log of this program"),
    "0013": N_("a prognosis far ahead is flagged: courses are made anew"),
    "0014": N_("who is registered in which functions is kept in the log; who was registered stands there from now on"),
    "0015": N_("each mail has a code of its own by which its reader leaves"),
    "0016": N_("readers subscribe, choose and leave by themselves, on a page or by mail"),
    "0017": N_("staff's page shows each what is theirs to do"),
    "0018": N_("on PostgreSQL a fact is written in one trip to the server"),
    "0019": N_("a delivery gets a checksum when it is planned and when it has ended, not at each step"),
    "0020": N_("an outage found to be region-wide has its instruction awaited anew: courses are made anew"),
}
"""What each migration brings, for whoever decides when to upgrade."""


def _init(desk: Desk) -> None:
    _ = desk.texts.gettext
    url = desk.settings.database_url
    if not url.startswith(POSTGRESQL):
        raise Invalid("needs-postgresql")
    with with_its_driver():
        from infrastructure.database.roles import set_up
    roles = set_up(url)
    there = _("was there already")
    lines = [f"{role.name}\n  {role.url if role.password else there}" for role in roles]
    said = _("The log is set up, schema {schema}. Each address is shown this once:").format(schema=SCHEMA)
    if not any(role.password for role in roles):
        said = _("The log is set up, schema {schema}.").format(schema=SCHEMA)
    answer(
        {
            "schema": SCHEMA,
            "roles": [{"role": role.name, "url": role.url if role.password else None} for role in roles],
        },
        "\n".join([said, *lines]),
    )


def _password(desk: Desk, role: str) -> None:
    _, url = desk.texts.gettext, desk.settings.database_url
    if not url.startswith(POSTGRESQL):
        raise Invalid("needs-postgresql")
    with with_its_driver():
        from infrastructure.database.roles import renew_password
    renewed = renew_password(url, role)
    said = _("{role} has a new password, and the old one is good for nothing. The address is shown this once:")
    answer({"role": role, "url": renewed.url}, f"{said.format(role=role)}\n  {renewed.url}", done=True)


def _check(desk: Desk) -> None:
    _, ngettext = desk.texts.gettext, desk.texts.ngettext
    from infrastructure.database.migrations.upgrade import pending

    found = None
    with closing(Database(desk.settings.database_url, upgrading=False)) as database, suppress(NotFound):
        found = database.version()
    newer = found is not None and found > SCHEMA
    missing = [] if newer else pending(found)
    said = _("Schema {found}; this program knows {known}.").format(found=found or _("none yet"), known=SCHEMA)
    if newer:
        said += " " + _("The log was made by a newer reservrutin: upgrade this one.")
    elif missing:
        words = ngettext("{count} migration would run:", "{count} migrations would run:", len(missing))
        lines = [labelled(revision, _(WHAT_IS_NEW[revision]), len(SCHEMA)) for revision in missing]
        said = "\n".join([said + " " + words.format(count=len(missing)), *lines])
    else:
        said += " " + _("Nothing is to be done.")
    answer({"found": found, "known": SCHEMA, "pending": missing}, said)


database = Group(
    "database",
    [
        Command(
            "init",
            _init,
            help=N_(
                "Set up a log on PostgreSQL: the database, its schema, and the roles of an owner, a recorder, a "
                "worker, a reader and the subscriber's door. Needs an administrator's address. May be repeated."
            ),
            examples="RESERVRUTIN_DATABASE_URL=postgresql+psycopg://postgres@HOST/log reservrutin database init",
        ),
        Command(
            "password",
            _password,
            help=N_(
                "Give a role of the log a new password, and show its address once. The old one ends. Needs an "
                "administrator's address."
            ),
            examples="reservrutin database password reservrutin_worker",
            params=[Argument(["role"], metavar=N_("ROLE"), type=Choice(ROLES))],
        ),
        Command(
            "check",
            _check,
            help=N_("Which schema the log has, and what would be done to it. Nothing is changed."),
        ),
    ],
    help=N_("The log's database: what is there, and who may do what in it."),
    examples="reservrutin database check",
)
