"""Courses hold what duties of the second edition look for. Those that do not are gone through again."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("DELETE FROM courses")
