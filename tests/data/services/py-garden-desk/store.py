import os
import threading
from collections import OrderedDict

from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"),
                       pool_size=2, max_overflow=1, pool_timeout=10)


class RecentSearches:
    """The last searches, for the office's page."""

    def __init__(self, limit: int = 500):
        self.limit = limit
        self.lock = threading.Lock()
        self.entries: OrderedDict[str, dict] = OrderedDict()

    def add(self, key: str, entry: dict) -> None:
        with self.lock:
            self.entries[key] = entry
            while len(self.entries) > self.limit:
                self.entries.popitem(last=False)

    def last(self, count: int) -> list[dict]:
        with self.lock:
            return list(self.entries.values())[-count:]


def free_plots(soil: str, min_area: int) -> list[dict]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, garden, area, soil FROM plots WHERE tenant IS NULL AND lower(soil) = :soil "
                                       "AND area >= :area ORDER BY garden, area DESC"), {"soil": soil, "area": min_area})
        return [dict(row) for row in rows.mappings()]


def fee_of(soil: str) -> float:
    with engine.connect() as connection:
        return float(connection.execute(text("SELECT per_metre FROM fees WHERE soil = :soil"), {"soil": soil}).scalar_one())
