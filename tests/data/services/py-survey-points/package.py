"""Packages of survey points for the field tablets: one SQLite file each."""
import math
import os
import sqlite3
import uuid
from pathlib import Path

FOLDER = Path(os.environ.get("PACKAGE_DIR", "packages"))
SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE points (number INTEGER PRIMARY KEY, east REAL, north REAL, height REAL, code TEXT);
"""


def survey_points(survey: str, count: int):
    origin = sum(survey.encode())
    for number in range(1, count + 1):
        angle = number * 0.31
        yield (number, round(412_000 + origin + 80 * math.cos(angle), 3), round(5_618_000 + 80 * math.sin(angle), 3),
               round(212 + math.sin(angle * 3), 3), ("kerb", "wall", "tree", "drain")[number % 4])


class Package:
    def __init__(self, survey: str):
        FOLDER.mkdir(exist_ok=True)
        self.path = FOLDER / f"{survey}-{uuid.uuid4().hex[:8]}.gpkg"
        self.db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self.db.executescript("BEGIN;" + SCHEMA + "COMMIT;")

    def describe(self, **facts) -> None:
        self.db.executemany("INSERT INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in facts.items()])

    def add_point(self, point: tuple) -> None:
        self.db.execute("INSERT INTO points VALUES (?, ?, ?, ?, ?)", point)

    def finish(self) -> int:
        count, = self.db.execute("SELECT count(*) FROM points").fetchone()
        self.db.close()
        return count


def write_package(survey: str, crew: str, count: int) -> tuple[Path, int]:
    package = Package(survey)
    package.describe(survey=survey, crew=crew, srs=25832)
    for point in survey_points(survey, count):
        package.add_point(point)
    return package.path, package.finish()


def age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def remove_older(keep: int = 40) -> None:
    for old in sorted(FOLDER.glob("*.gpkg"), key=age)[:-keep]:
        old.unlink(missing_ok=True)
