"""What lies on the shelves, made up from a fixed list so that every start has the same things."""
from dataclasses import dataclass

COLOURS = ["black", "brown", "grey", "blue", "red", "green", "white"]
MATERIALS = ["leather", "nylon", "canvas", "plastic", "wool"]
THINGS = ["wallet", "umbrella", "backpack", "scarf", "phone", "key ring", "glove", "book"]
EXTRAS = ["with a broken zip", "with train card", "with two keys", "with name tag", "without strap", "quite worn"]
STATIONS = ["Harbour", "Old Town", "Airport", "Zoo"]


@dataclass(frozen=True)
class Found:
    number: int
    station: str
    text: str


def stock(count: int) -> list[Found]:
    out = []
    for n in range(count):
        text = " ".join((COLOURS[n % 7], MATERIALS[n // 7 % 5], THINGS[n // 3 % 8], EXTRAS[n // 5 % 6]))
        out.append(Found(n + 1, STATIONS[n * 13 // 5 % 4], text))
    return out


FOUND = stock(560)


def at(station: str) -> list[Found]:
    return [f for f in FOUND if f.station == station]
