"""What tokens cost: from the page `models`, or as the person says."""

from dataclasses import dataclass
from typing import Any

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import page

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars a million tokens. `exact` is False where cached tokens count at the full price."""

    read: float
    written: float
    into_cache: float
    from_cache: float
    exact: bool = True


@dataclass(slots=True)
class Usage:
    """The tokens of a conversation so far."""

    read: int = 0
    written: int = 0
    into_cache: int = 0
    from_cache: int = 0

    def add(self, usage: Any) -> None:
        """Add what an answer of the API used."""
        self.read += usage.input_tokens or 0
        self.written += usage.output_tokens or 0
        self.into_cache += usage.cache_creation_input_tokens or 0
        self.from_cache += usage.cache_read_input_tokens or 0

    def cost(self, price: Price | None) -> float | None:
        """Return dollars, None where the price is not known."""
        if price is None:
            return None
        parts = (
            self.read * price.read,
            self.written * price.written,
            self.into_cache * price.into_cache,
            self.from_cache * price.from_cache,
        )
        return sum(parts) / _MILLION

    def shown(self, price: Price | None) -> str:
        """Return tokens and money for a person."""
        cached = f", {self.from_cache:,} from the cache" if self.from_cache else ""
        told = f"{self.read + self.into_cache:,} tokens read{cached}, {self.written:,} written"
        cost = self.cost(price)
        if cost is None or price is None:
            return f"{told}; price not known"
        return f"{told}; {'about' if price.exact else 'at most'} ${cost:.4f}"


def price_of(model: str, read: float | None, written: float | None) -> Price | None:
    """Return a model's price; None when neither the page nor the person tells it.

    Raises InputError when only one of the two prices is told.
    """
    if (read is None) != (written is None):
        raise InputError(
            "--price-in and --price-out belong together", hint="Give both, in $ a million tokens"
        )
    if read is not None and written is not None:
        return Price(read, written, read, read, exact=False)
    for line in page("models").data["prices"]:
        if line["model"] == model:
            return Price(line["input"], line["output"], line["cache_write"], line["cache_read"])
    return None
