"""Courses no longer hold that a publication is waited for when its outage is over. All are gone through again."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("DELETE FROM courses")
