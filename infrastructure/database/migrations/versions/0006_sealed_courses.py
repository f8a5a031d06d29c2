"""Courses carry a seal. Those that have none are gone through again, with the next fact of their incident."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("DELETE FROM courses")
