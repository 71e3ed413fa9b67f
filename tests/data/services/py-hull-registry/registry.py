"""The registry's ships, their owners, engines and surveys, as they are kept in memory."""
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum


class Trade(str, Enum):
    FISHING = "fishing"
    CARGO = "cargo"
    PLEASURE = "pleasure"
    PASSENGER = "passenger"


@dataclass
class Owner:
    name: str
    street: str
    town: str
    email: str
    share: Decimal


@dataclass
class Engine:
    maker: str
    kilowatts: Decimal
    built: int
    hours: int


@dataclass
class Survey:
    kind: str
    held_at: datetime
    surveyor: str
    passed: bool
    remarks: list[str]


@dataclass
class Ship:
    number: int
    name: str
    call_sign: str
    trade: Trade
    harbour: str
    length: Decimal
    beam: Decimal
    tonnage: Decimal
    keel_laid: date
    owners: list[Owner]
    engines: list[Engine]
    surveys: list[Survey]

    @property
    def next_survey(self) -> date:
        years = 1 if self.trade is Trade.PASSENGER else 2
        return max(s.held_at for s in self.surveys).date() + timedelta(days=365 * years)


HARBOURS = ["esbjerg", "skagen", "gilleleje", "korsor", "hvide sande"]


def load_ships(count: int = 900) -> list[Ship]:
    trades, start = list(Trade), datetime(2021, 3, 1, 9, 30, tzinfo=timezone.utc)
    ships = []
    for n in range(1, count + 1):
        owners = [Owner(f"Rederi {n + k}", f"Havnegade {1 + (n * 7 + k) % 90}", HARBOURS[(n + k) % 5].title(),
                        f"post{n + k}@rederi.example", Decimal(100) / (1 + n % 2)) for k in range(1 + n % 2)]
        engines = [Engine(["Volund", "Callesen", "Hundested"][(n + k) % 3], Decimal(90 + n * 13 % 700), 1970 + n % 50,
                          n * 173 % 40000) for k in range(1 + n % 2)]
        surveys = [Survey(["hull", "safety", "radio"][k % 3], start + timedelta(days=n % 300 + k * 240), f"Surveyor {n % 17}",
                          (n + k) % 7 > 0, ["renew the fenders", "test the pumps"][: (n + k) % 3]) for k in range(2)]
        ships.append(Ship(1000 + n, f"Havfrue {n}", f"OX{n:04d}", trades[n % 4], HARBOURS[n % 5], Decimal(n * 31 % 420) / 10 + 6,
                          Decimal(n * 11 % 60) / 10 + 2, Decimal(n * 17 % 900) + 4, date(1960 + n % 60, 1 + n % 12, 1 + n % 28),
                          owners, engines, surveys))
    return ships
