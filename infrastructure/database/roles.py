"""Sets up a log on PostgreSQL: its database, its roles with what each may do, its schema."""

import secrets
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg import errors, sql

from domain.refusals import NotFound
from infrastructure.database.database import Database
from infrastructure.database.grants import FUNCTIONS, GRANTS, OWNER, RECORDER, ROLES, WORKER, grants
from infrastructure.database.making import make
from infrastructure.database.postgres import PostgresServer
from infrastructure.database.postgres_connection import DriverConnection, answering
from infrastructure.database.tables import metadata

TAKE_TURNS = (OWNER, RECORDER, WORKER)
"""Who writes by an advisory lock. Whoever else could take it could keep everybody from writing."""

FOR_EVERYBODY = (
    "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace "
    "AND proname ~ '^(pg_(try_)?advisory_.*lock.*|lo_(creat|create|from_bytea))$'"
)
"""What PostgreSQL lets every role do: take advisory locks, and keep large objects, which no table's rights bound."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the server, with its address; `password` None where it was there before."""

    name: str
    url: str
    password: str | None


def set_up(url: str) -> list[Role]:
    """Make the database, the roles and the newest schema where they are not there yet, with an administrator's
    address. Done again it changes nothing but what has been changed by hand. Raises Unavailable, NotAuthorised."""
    server = PostgresServer(url)
    with answering():
        _make_database(server)
        connection = server.connect(None)
        try:
            made = [_made(connection, name) for name in ROLES]
            _let_in(connection)
        finally:
            connection.close()
        as_owner = url + ("&" if "?" in url else "?") + f"options=-c%20role%3D{OWNER}"
        if not make(as_owner):
            Database(as_owner).close()  # brings it up
        connection = server.connect(None)
        try:
            for statement in grants(ROLES):
                connection.execute(statement)
        finally:
            connection.close()
    return [Role(name, _address(url, name, password), password) for name, password in made]


def renew_password(url: str, name: str) -> Role:
    """The role with a new password, by an administrator's address; the old one ends. Raises NotFound for a role that is
    not there yet, Unavailable, NotAuthorised."""
    with answering():
        connection = PostgresServer(url).connect(None)
        try:
            if not _is_there(connection, name):
                raise NotFound("database-role-missing", role=name)
            password = _with_a_password(connection, "ALTER ROLE {} PASSWORD {}", name)
        finally:
            connection.close()
    return Role(name, _address(url, name, password), password)


def _make_database(server: PostgresServer) -> None:
    name = server.database
    connection = server.connect(None, database="postgres")
    try:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    finally:
        connection.close()


def _made(connection: DriverConnection, name: str) -> tuple[str, str | None]:
    """The role with a new password that the server never sees in the clear, or as it is if it is there."""
    if _is_there(connection, name):
        return name, None
    try:
        return name, _with_a_password(connection, "CREATE ROLE {} LOGIN PASSWORD {}", name)
    except (errors.DuplicateObject, errors.UniqueViolation):  # somebody else set up another log at the same moment
        return name, None


def _is_there(connection: DriverConnection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone() is not None


def _with_a_password(connection: DriverConnection, statement: str, name: str) -> str:
    """A new one, which this statement gives the role."""
    password = secrets.token_urlsafe(24)
    hidden = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Literal(hidden)))
    return password


def _let_in(connection: DriverConnection) -> None:
    """These roles and nobody else; what an administrator had made by using the program becomes the owner's."""
    database = sql.Identifier(connection.info.dbname)
    everybody = sql.SQL(", ").join(map(sql.Identifier, ROLES))
    owner = sql.Identifier(OWNER)
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {everybody}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {everybody}",
        "GRANT CREATE ON SCHEMA public TO {owner}",
    ):
        connection.execute(sql.SQL(statement).format(database=database, everybody=everybody, owner=owner))
    for (function,) in connection.execute(FOR_EVERYBODY).fetchall():
        connection.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        if "advisory" in function:
            connection.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {', '.join(TAKE_TURNS)}")
    there = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner <> %s"
    ours = {*metadata.tables, *GRANTS}
    for (table,) in connection.execute(there, (OWNER,)).fetchall():
        if table in ours:
            connection.execute(sql.SQL("ALTER TABLE public.{} OWNER TO {}").format(sql.Identifier(table), owner))
    mine = (
        "SELECT proname, pg_get_function_identity_arguments(oid) FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace AND (proname ~ '^(facts|seals|wishes)_' OR proname = ANY(%s))"
    )
    for name, takes in connection.execute(mine, ([*FUNCTIONS],)).fetchall():
        function = sql.SQL("public.{}({})").format(sql.Identifier(name), sql.SQL(takes))
        connection.execute(sql.SQL("ALTER FUNCTION {} OWNER TO {}").format(function, owner))


def _address(url: str, name: str, password: str | None) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    login = f"{name}:{quote(password, safe='')}" if password else name
    return urlunsplit(parts._replace(netloc=f"{login}@{host}"))
