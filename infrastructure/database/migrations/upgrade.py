"""Brings a database to the newest schema, once, however many programs start at the same moment."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from infrastructure.database.grants import KNOWN, grants

WHOSE = """
SELECT quote_ident(tableowner) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'facts'
AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
"""
"""The owner of the log, where a superuser asks: what an administrator's command adds to it is to be theirs too."""


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", "infrastructure.database:migrations")
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine) -> None:
    """All or nothing: the migrations run in one transaction that waits for any other program's. The roles of the log,
    where there are any, then may do what they may."""
    config = configuration()
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return
        config.attributes["connection"] = connection
        if connection.dialect.name == "postgresql" and (owner := connection.exec_driver_sql(WHOSE).scalar()):
            connection.exec_driver_sql(f"SET LOCAL ROLE {owner}")
        command.upgrade(config, "head")
        if connection.dialect.name == "postgresql":
            for statement in grants(connection.exec_driver_sql(KNOWN).scalars().all()):
                connection.exec_driver_sql(statement)


def pending(found: str | None) -> list[str]:
    """The migrations that a log of this schema lacks, in their order."""
    script = ScriptDirectory.from_config(configuration())
    missing = script.iterate_revisions("head", found or "base")
    return [revision.revision for revision in reversed(list(missing))]
