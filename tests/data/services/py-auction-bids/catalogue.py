"""Lots as the catalogue shows them."""
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

STEPS = [(100, 5), (500, 20), (2000, 50), (10**9, 200)]


@dataclass
class Lot:
    id: int
    number: int
    title: str
    reserve: int
    bids: int
    bidders: int
    highest: int
    watched_by: int

    @property
    def interest(self) -> float:
        return self.bidders * 3 + self.bids * 0.5 + self.watched_by

    @property
    def next_bid(self) -> int:
        if not self.bids:
            return self.reserve // 2
        return self.highest + next(step for below, step in STEPS if self.highest < below)

    def public(self) -> dict:
        return {"lot": self.number, "title": self.title, "bids": self.bids, "highest": self.highest,
                "next": self.next_bid, "reserve_met": self.highest >= self.reserve, "watched_by": self.watched_by}


ORDERS = {
    "number": lambda lot: lot.number,
    "interest": lambda lot: (-lot.interest, lot.number),
    "highest": lambda lot: (-lot.highest, lot.number),
}


def estimate(amounts: list[int]) -> dict | None:
    if len(amounts) < 3:
        return None
    middle = median(amounts)
    return {"low": round(middle * 0.8), "high": round(middle * 1.25)}


def summary(lots: list[Lot], premium: Decimal) -> dict:
    sold = [lot.highest for lot in lots if lot.highest >= lot.reserve]
    return {"lots": len(lots), "would_sell": len(sold), "hammer": sum(sold), "premium": str(round(sum(sold) * premium, 2))}
