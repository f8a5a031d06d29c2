"""Alembic's way in: migrations run in the transaction that `upgrade` has begun."""

from alembic import context

from infrastructure.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
