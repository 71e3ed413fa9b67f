"""The lots of the running auctions, held in memory with all that is known of them."""
import random
from collections import defaultdict
from dataclasses import dataclass, field

MAKERS = ["Aalto", "Berg", "Cruz", "Dahl", "Endo", "Ferri", "Gide", "Holm", "Ibsen", "Jansen", "Kato", "Lund"]
KINDS = ["clock", "chair", "print", "vase", "lamp", "book", "coin", "map"]
STATES = ["mint", "fine", "good", "fair", "poor"]


@dataclass
class Bid:
    paddle: int
    amount: int


@dataclass
class Lot:
    number: int
    sale: int
    kind: str
    maker: str
    year: int
    state: str
    low: int
    high: int
    bids: list[Bid] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    provenance: list[tuple[int, str]] = field(default_factory=list)

    @property
    def standing(self) -> int:
        return self.bids[-1].amount if self.bids else 0

    def fulfils(self, reserve_share: float) -> bool:
        return self.standing >= self.low * reserve_share


class Catalogue:
    def __init__(self) -> None:
        self.lots: dict[int, Lot] = {}
        self._by_kind: dict[str, list[Lot]] = defaultdict(list)
        self._by_maker: dict[str, list[Lot]] = defaultdict(list)

    def add(self, lot: Lot) -> None:
        self.lots[lot.number] = lot
        self._by_kind[lot.kind].append(lot)
        self._by_maker[lot.maker].append(lot)

    def search(self, kind: str | None, maker: str | None, upto: int | None, limit: int) -> list[Lot]:
        pool = self._by_maker.get(maker, []) if maker else self._by_kind.get(kind, []) if kind else self.lots.values()
        found = []
        for lot in pool:
            if (kind is None or lot.kind == kind) and (upto is None or lot.low <= upto):
                found.append(lot)
                if len(found) == limit:
                    break
        return found

    def like(self, lot: Lot, limit: int = 4) -> list[Lot]:
        near = [other for other in self._by_maker[lot.maker][:120] if other.kind == lot.kind and other is not lot]
        return sorted(near, key=lambda other: abs(other.year - lot.year))[:limit]


def load(count: int = 15000) -> Catalogue:
    dice = random.Random(1871)
    catalogue = Catalogue()
    for number in range(1, count + 1):
        low = dice.randrange(20, 4000, 10)
        lot = Lot(number, 1 + number % 14, dice.choice(KINDS), dice.choice(MAKERS), dice.randint(1780, 1990),
                  dice.choice(STATES), low, round(low * 1.4))
        amount = low // 2
        for _ in range(dice.randrange(9)):
            amount += dice.randrange(5, 60, 5)
            lot.bids.append(Bid(dice.randint(100, 999), amount))
        lot.words = {lot.kind, lot.maker.lower(), lot.state, str(lot.year)}
        lot.provenance = [(lot.year + 20 * n, f"collection {dice.randint(1, 300)}") for n in range(1, dice.randint(2, 5))]
        catalogue.add(lot)
    return catalogue
