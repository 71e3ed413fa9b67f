"""Products, their reviews, and the search that forgives a typing error."""

from collections import Counter, defaultdict
from functools import lru_cache

from database import Product, Review
from database import Session as Sessions
from settings import fault
from sqlalchemy import select
from sqlalchemy.orm import Session


def reviews_of(session: Session, product_id: int, limit: int = 20) -> list[Review]:
    """Return a product's newest reviews."""
    query = (
        select(Review)
        .where(Review.product_id == product_id)
        .order_by(Review.written_at.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


class Names:
    """Every product's name in lower case, read once: with its id, and by its trigrams."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(select(Product.name, Product.id))
        self.ids = {name.lower(): number for name, number in rows}
        self.by_trigram: dict[str, list[str]] = defaultdict(list)
        for name in self.ids:
            for trigram in trigrams(name):
                self.by_trigram[trigram].append(name)


@lru_cache(maxsize=1)
def names() -> Names:
    with Sessions() as session:
        return Names(session)


def trigrams(text: str) -> set[str]:
    """Return the pieces of three letters, with the start of the text marked by two blanks."""
    padded = f"  {text} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def candidates(term: str, wanted: int = 25) -> list[str]:
    """Return the names that share most of the term's trigrams: the ones worth comparing."""
    if fault("hot_function"):
        return list(names().ids)
    shared: Counter[str] = Counter()
    for trigram in trigrams(term):
        shared.update(names().by_trigram.get(trigram, ()))
    return [name for name, _ in shared.most_common(wanted)]


def edit_distance(a: str, b: str) -> int:
    """Return how many letters must be changed, added or removed to make one of the other."""
    above = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right)))
        above = row
    return above[-1]


def search(term: str, limit: int = 5) -> list[tuple[str, int]]:
    """Return the names that are nearest to what was typed, with their product's id."""
    term = term.strip().lower()[:40]
    near = sorted(candidates(term), key=lambda name: edit_distance(term, name))
    return [(name, names().ids[name]) for name in near[:limit]]
