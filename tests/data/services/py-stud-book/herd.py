"""The stud book in memory: every horse entered since 1950, with its parents and its foals."""
import random
from typing import Iterator

STUDS = ("Altmark", "Brede", "Celle", "Dillenburg", "Ems", "Fehmarn")
COATS = ("bay", "black", "chestnut", "grey", "dun")


class Horse:
    __slots__ = ("number", "born", "mare", "coat", "stud", "sire", "dam", "foals")

    def __init__(self, number: int, born: int, mare: bool, coat: str, stud: str, sire, dam):
        self.number = number
        self.born = born
        self.mare = mare
        self.coat = coat
        self.stud = stud
        self.sire = sire
        self.dam = dam
        self.foals: list[Horse] = []

    @property
    def name(self) -> str:
        return f"{self.stud} {self.number}"


class StudBook:
    def __init__(self, years: int, foals_a_year: int):
        rng = random.Random(1950)
        self.horses: list[Horse] = []
        stallions: list[Horse] = []
        mares: list[Horse] = []
        for year in range(years):
            crop = []
            sires, dams = stallions[-60:], mares[-3 * foals_a_year:]
            for _ in range(foals_a_year):
                sire = rng.choice(sires) if sires else None
                dam = rng.choice(dams) if dams else None
                number = len(self.horses) + 1
                horse = Horse(number, 1950 + year, rng.random() < 0.5, rng.choice(COATS), rng.choice(STUDS), sire, dam)
                for parent in (sire, dam):
                    if parent is not None:
                        parent.foals.append(horse)
                self.horses.append(horse)
                crop.append(horse)
            mares += [h for h in crop if h.mare]
            stallions += [h for h in crop if not h.mare][:20]

    def find(self, number: int) -> Horse | None:
        return self.horses[number - 1] if 0 < number <= len(self.horses) else None

    def of_year(self, year: int) -> Iterator[Horse]:
        return (h for h in self.horses if h.born == year)


class Branch:
    """A horse's place in the tree of somebody's descendants: one horse stands there once for each line it comes down."""

    __slots__ = ("horse", "above", "below", "depth")

    def __init__(self, horse: Horse, above: "Branch | None"):
        self.horse = horse
        self.above = above
        self.below: list[Branch] = []
        self.depth = above.depth + 1 if above else 0
        if above:
            above.below.append(self)


def descent(founder: Horse, generations: int, limit: int) -> Branch:
    root = Branch(founder, None)
    level, count = [root], 1
    for _ in range(generations):
        following = []
        for branch in level:
            for foal in branch.horse.foals:
                following.append(Branch(foal, branch))
            if count + len(following) >= limit:
                break
        count += len(following)
        level = following
        if count >= limit:
            break
    return root


def walk(root: Branch) -> Iterator[Branch]:
    pending = [root]
    while pending:
        branch = pending.pop()
        yield branch
        pending.extend(branch.below)
