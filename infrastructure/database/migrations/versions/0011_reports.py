"""Which reports have been read, so that a second one in the same words is another."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table("reports", sa.Column("fingerprint", TEXT, primary_key=True))
