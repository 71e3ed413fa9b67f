import zlib
from dataclasses import dataclass

SUBJECTS = ["maths", "german", "english", "sports", "music", "history", "physics"]
ROOMS = ["A1", "A2", "B4", "B7", "gym", "lab"]
DAYS = ["mon", "tue", "wed", "thu", "fri"]


@dataclass(frozen=True)
class Lesson:
    form: str
    day: str
    hour: int
    subject: str
    room: str


def lessons_of(form: str, term: str):
    for day in DAYS:
        for hour in range(1, 8):
            key = zlib.crc32(f"{term}/{form}/{day}/{hour}".encode())
            yield Lesson(form, day, hour, SUBJECTS[key % len(SUBJECTS)], ROOMS[(key >> 8) % len(ROOMS)])


def plan(forms: list[str], term: str, log) -> tuple[list[Lesson], int]:
    taken: dict[tuple, Lesson] = {}
    placed, clashes = [], 0
    for form in forms:
        log.warning("class %s, term %s: placing lessons", form, term)
        for lesson in lessons_of(form, term):
            slot = (lesson.day, lesson.hour, lesson.room)
            other = taken.get(slot)
            if other is not None and lesson.room != "gym":
                clashes += 1
                log.warning("%s hour %d: %s of %s wants room %s, taken by %s (%s)", lesson.day, lesson.hour,
                            lesson.subject, form, lesson.room, other.form, other.subject)
                continue
            taken[slot] = lesson
            placed.append(lesson)
            if lesson.subject == "sports" and lesson.room != "gym":
                log.warning("%s hour %d: sports of %s is in %s, not in the gym", lesson.day, lesson.hour, form, lesson.room)
    return placed, clashes
