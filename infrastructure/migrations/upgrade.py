"""Brings a database to the newest schema, once, however many programs start at the same moment."""

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from infrastructure.database import Database


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", "infrastructure:migrations")
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database: "Database") -> None:
    """All or nothing: the migrations run in one transaction that waits for any other program's. The roles of the log,
    where there are any, then may do what they may."""
    from infrastructure.database import SCHEMA

    with database.as_they_are() as engine, engine.begin() as connection:
        if database.version() == SCHEMA:
            return
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.dialect.name == "postgresql":
            from infrastructure.roles import KNOWN, grants

            for statement in grants(connection.exec_driver_sql(KNOWN).scalars().all()):
                connection.exec_driver_sql(statement)


def pending(found: str | None) -> list[str]:
    """The migrations that a log of this schema lacks, in their order."""
    script = ScriptDirectory.from_config(configuration())
    missing = script.iterate_revisions("head", found or "base")
    return [revision.revision for revision in reversed(list(missing))]
