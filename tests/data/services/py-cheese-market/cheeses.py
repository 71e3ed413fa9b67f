"""What the dairies send in: one record a cheese, with the tasting note as the affineur wrote it (Markdown)."""
import random
from dataclasses import dataclass

MILKS = ("cow", "goat", "ewe", "buffalo")
WORDS = ("nutty", "grassy", "lactic", "buttery", "hay", "mushroom", "caramel", "brine", "walnut", "cellar", "cream", "pepper")
PLACES = ("Alderbrook", "Hochfeld", "Saint-Aubin", "Monte Vecchio", "Fjellgard", "Oakmere")
DRINKS = ("dry cider", "a light red", "pale ale", "late harvest white", "black tea")


@dataclass(frozen=True)
class Cheese:
    code: str
    name: str
    dairy: str
    milk: str
    months: int
    cents_per_kg: int
    revision: int
    note: str


def _note(rnd: random.Random, name: str, dairy: str) -> str:
    a, b, c, d = rnd.sample(WORDS, 4)
    return (f"**{name}** from *{dairy}*: {a} at first, then {b}.\n\n"
            f"- rind: {c}\n- paste: {d}\n\n"
            f"Goes with {rnd.choice(DRINKS)}.")


def load_cheeses() -> dict[str, Cheese]:
    rnd = random.Random(1912)
    found = {}
    for number in range(1400):
        dairy = f"{rnd.choice(PLACES)} dairy {number % 37}"
        name = f"{rnd.choice(WORDS).title()} {rnd.choice(('Tomme', 'Blue', 'Round', 'Log', 'Wheel'))} {number}"
        code = f"C{number:04d}"
        found[code] = Cheese(code, name, dairy, rnd.choice(MILKS), rnd.randrange(1, 30), rnd.randrange(1400, 5200),
                             1 + number % 3, _note(rnd, name, dairy))
    return found


def load_markets(cheeses: dict[str, Cheese]) -> dict[str, list[str]]:
    codes = sorted(cheeses)
    return {"riverside": codes[100:430], "old-town": codes[500:560], "station": codes[:140]}
