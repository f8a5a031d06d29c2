"""Brings a database to the newest schema, once, however many programs start at the same moment."""

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from infrastructure.database import Database


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", "infrastructure:migrations")
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database: "Database") -> None:
    """All or nothing: the migrations run in one transaction that waits for any other program's."""
    from infrastructure.database import SCHEMA

    with database.engine.begin() as connection:
        if database.version() == SCHEMA:
            return
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
