"""Mail that waits for a moment which a wrong clock has set."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from infrastructure.database.database import Database
from infrastructure.database.tables import deliveries
from infrastructure.log.codec import written


def bring_near(database: Database, now: datetime, longest: timedelta) -> int:
    """Have every delivery be due at `now` (aware) whose next try or lease lies more than the `longest` wait ahead: no
    clock that is right has set it. Returns how many there were."""
    far = deliveries.c.next_try_at > written(now + longest)
    with database.engine.connect().execution_options(reading=True) as connection:
        if connection.execute(select(deliveries.c.id).where(far).limit(1)).first() is None:
            return 0
    with database.engine.begin() as connection:
        return connection.execute(update(deliveries).where(far).values(next_try_at=written(now))).rowcount
