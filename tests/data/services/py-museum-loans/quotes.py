import time
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta

VALIDITY = timedelta(days=30)
HANDLING = {"road": 410.0, "air": 1250.0, "courier": 690.0}
VALUES = {"AM-1880-12": 185_000.0, "AM-1902-03": 62_500.0}


@dataclass
class Quote:
    number: str
    borrower: str
    valid_until: date
    weeks: list[dict] = field(default_factory=list)
    total: float = 0.0
    made_at: float = field(default_factory=time.time)


class QuoteDesk:
    """Quotes stay open until the borrower accepts one or lets it lapse."""

    def __init__(self):
        self._quotes: dict[str, Quote] = {}

    def prepare(self, inventory: str, borrower: str, weeks: int, transport: str) -> Quote:
        value = VALUES[inventory]
        quote = Quote(uuid.uuid4().hex[:12], borrower, date.today() + VALIDITY)
        start = date.today() + timedelta(days=60)
        for week in range(weeks):
            premium = round(value * 0.00021 * (1.0 + week * 0.004), 2)
            quote.weeks.append({
                "from": (start + timedelta(weeks=week)).isoformat(),
                "premium": premium,
                "climate": [round(premium * 0.03 + hour * 0.01, 3) for hour in range(24)],
            })
        quote.total = round(sum(w["premium"] + sum(w["climate"]) for w in quote.weeks) + 2 * HANDLING[transport], 2)
        self._quotes[quote.number] = quote
        return quote

    def accept(self, number: str) -> Quote | None:
        quote = self._quotes.get(number)
        if quote is None or quote.valid_until < date.today():
            return None
        return self._quotes.pop(number)

    def find(self, number: str) -> Quote | None:
        return self._quotes.get(number)
