"""Who may do what in a PostgreSQL log: an owner, a recorder, a worker and a reader.

None of them can change or remove a fact: three for want of the right, the owner by the triggers. What each command
needs at least stands in docs/operations.md.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg import errors, sql

from infrastructure.database import Database
from infrastructure.postgres import Line, PostgresServer, answering
from infrastructure.tables import metadata

OWNER, RECORDER, WORKER, READER = (f"reservrutin_{who}" for who in ("owner", "recorder", "worker", "reader"))
ROLES = (OWNER, RECORDER, WORKER, READER)

_ADD = "SELECT, INSERT"
_KEEP = "SELECT, INSERT, UPDATE"
_PSEUDONYMS = "SELECT (id, audience, systems, areas, language, state, added_at, after_position, welcomed)"

GRANTS: Mapping[str, Mapping[str, str]] = {
    "facts": {RECORDER: _ADD, WORKER: _ADD, READER: "SELECT"},
    "tree": {RECORDER: _KEEP, WORKER: _KEEP, READER: "SELECT"},
    "leaves": {RECORDER: _ADD, WORKER: _ADD, READER: "SELECT"},
    "checkpoints": {RECORDER: "SELECT", WORKER: _ADD, READER: "SELECT"},
    "tracking": {RECORDER: _KEEP, WORKER: _KEEP, READER: "SELECT"},
    "incidents": {RECORDER: _KEEP, WORKER: _KEEP, READER: "SELECT"},
    "courses": {RECORDER: _KEEP, WORKER: _KEEP, READER: "SELECT"},
    "staff": {RECORDER: "SELECT", WORKER: "SELECT", READER: "SELECT (id, roles, added_at)"},
    "subscribers": {RECORDER: _PSEUDONYMS, WORKER: "SELECT, UPDATE", READER: _PSEUDONYMS},
    "deliveries": {RECORDER: "SELECT", WORKER: _KEEP, READER: "SELECT"},
    "attempts": {RECORDER: "SELECT", WORKER: _ADD, READER: "SELECT"},
    "registers": {RECORDER: "SELECT", WORKER: "SELECT, UPDATE", READER: "SELECT"},
    "alembic_version": {RECORDER: "SELECT", WORKER: "SELECT", READER: "SELECT"},
}
"""What each role may do with each table, besides the owner. A table that is not named here is the owner's alone."""

NUMBERED = {"deliveries": WORKER, "attempts": WORKER}
"""Whose rows get a number, and who writes them."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the server, with its address; `password` None where it was there before."""

    name: str
    url: str
    password: str | None


def grants(known: Sequence[str]) -> list[str]:
    """The statements that give these roles what they may do, and take away the rest."""
    said = []
    for table, rights in GRANTS.items():
        for role in known:
            if role != OWNER:
                said.append(f"REVOKE ALL ON {table} FROM {role}")
            if role in rights:
                said.append(f"GRANT {rights[role]} ON {table} TO {role}")
    return said + [
        f"GRANT USAGE ON SEQUENCE {table}_id_seq TO {role}" for table, role in NUMBERED.items() if role in known
    ]


KNOWN = "SELECT rolname FROM pg_roles WHERE rolname = ANY(ARRAY[{}]) ORDER BY 1".format(
    ", ".join(f"'{role}'" for role in ROLES)
)


def set_up(url: str) -> list[Role]:
    """Make the database, the roles and the newest schema where they are not there yet, with an administrator's
    address. Done again it changes nothing but what has been changed by hand. Raises Unavailable, NotAuthorised."""
    server = PostgresServer(url)
    with answering():
        _make_database(server)
        line = server.open_line(None)
        try:
            made = [_made(line, name) for name in ROLES]
            _let_in(line)
        finally:
            line.close()
        as_owner = Database(url + ("&" if "?" in url else "?") + f"options=-c%20role%3D{OWNER}")
        as_owner.close()
        line = server.open_line(None)
        try:
            for statement in grants(ROLES):
                line.execute(statement)
        finally:
            line.close()
    return [Role(name, _address(url, name, password), password) for name, password in made]


def _make_database(server: PostgresServer) -> None:
    name = server.database
    line = server.open_line(None, database="postgres")
    try:
        if not line.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            line.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    finally:
        line.close()


def _made(line: Line, name: str) -> tuple[str, str | None]:
    """The role with a new password that the server never sees in the clear, or as it is if it is there."""
    if line.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
        return name, None
    password = secrets.token_urlsafe(24)
    hidden = line.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    try:
        line.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(hidden)))
    except (errors.DuplicateObject, errors.UniqueViolation):  # somebody else set up another log at the same moment
        return name, None
    return name, password


def _let_in(line: Line) -> None:
    """These roles and nobody else; what an administrator had made by using the program becomes the owner's."""
    database = sql.Identifier(line.info.dbname)
    everybody = sql.SQL(", ").join(map(sql.Identifier, ROLES))
    owner = sql.Identifier(OWNER)
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {everybody}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {everybody}",
        "GRANT CREATE ON SCHEMA public TO {owner}",
    ):
        line.execute(sql.SQL(statement).format(database=database, everybody=everybody, owner=owner))
    there = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner <> %s"
    ours = {*metadata.tables, *GRANTS}
    for (table,) in line.execute(there, (OWNER,)).fetchall():
        if table in ours:
            line.execute(sql.SQL("ALTER TABLE public.{} OWNER TO {}").format(sql.Identifier(table), owner))
    mine = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname ~ '^(facts|seals)_'"
    for (function,) in line.execute(mine).fetchall():
        line.execute(sql.SQL("ALTER FUNCTION public.{}() OWNER TO {}").format(sql.Identifier(function), owner))


def _address(url: str, name: str, password: str | None) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    login = f"{name}:{quote(password, safe='')}" if password else name
    return urlunsplit(parts._replace(netloc=f"{login}@{host}"))
