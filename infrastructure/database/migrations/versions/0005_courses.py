"""The courses of long incidents, kept on the way. They come with the next facts, or with a rebuild."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "courses",
        sa.Column("incident", TEXT, primary_key=True),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("course", TEXT, nullable=False),
    )
