"""Readings on their way from the store to the statement: record, entity, charge, view, answer."""
import copy
import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

TARIFFS = {"day": 0.31, "night": 0.22, "solar": -0.08}


class ReadingRow(NamedTuple):
    meter: str
    kind: str
    taken: str
    old: str
    new: str
    flags: str


@dataclass(frozen=True)
class Reading:
    meter: str
    kind: str
    taken: dt.date
    old: float
    new: float
    flags: tuple[str, ...] = ()


@dataclass
class Charge:
    meter: str
    kind: str
    used: float
    amount: float
    estimated: bool
    month: str


class ReadingStore:
    def __init__(self, districts: int = 8, meters: int = 2000):
        self._rows = {d: [ReadingRow(f"M{d}{i:05d}", ("day", "night", "solar")[i % 3], f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}",
                                     f"{i * 3.5:.1f}", f"{i * 3.5 + 10 + i % 70:.1f}", "est;dup" if i % 9 == 0 else "ok")
                          for i in range(meters)] for d in range(1, districts + 1)}

    def fetch(self, district: int) -> list[dict]:
        return [row._asdict() for row in self._rows.get(district, [])]


class ReadingMapper:
    def to_entity(self, record: dict) -> Reading:
        year, month, day = (int(part) for part in record["taken"].split("-"))
        return Reading(record["meter"], record["kind"], dt.date(year, month, day), float(record["old"]), float(record["new"]),
                       tuple(flag.strip() for flag in record["flags"].split(";")))


class ReadingRules:
    def __init__(self):
        self.rules = [self.not_backwards, self.within_year, self.known_tariff, self.plausible, self.meter_number]

    def not_backwards(self, r: Reading) -> bool:
        return r.new >= r.old

    def within_year(self, r: Reading) -> bool:
        return dt.date(2024, 1, 1) <= r.taken <= dt.date(2024, 12, 31)

    def known_tariff(self, r: Reading) -> bool:
        return r.kind in TARIFFS

    def plausible(self, r: Reading) -> bool:
        return abs(r.new - r.old) < 5000

    def meter_number(self, r: Reading) -> bool:
        return r.meter.startswith("M") and r.meter[1:].isdigit()

    def accepts(self, r: Reading) -> bool:
        return all(rule(r) for rule in self.rules)


class Corrections:
    def apply(self, r: Reading) -> Reading:
        if "dup" in r.flags:
            r = replace(r, flags=tuple(f for f in r.flags if f != "dup"))
        return replace(r, old=round(r.old, 1), new=round(r.new, 1))


class Charging:
    def charge(self, r: Reading) -> Charge:
        used = r.new - r.old
        amount = used * TARIFFS[r.kind] + (1.5 if r.kind == "day" else 0.0)
        return Charge(r.meter, r.kind, round(used, 2), round(amount, 2), "est" in r.flags, r.taken.strftime("%b %Y"))


class StatementPresenter:
    def view(self, charge: Charge) -> dict:
        text = f"{charge.amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
        return {"meter": f"{charge.meter[:2]} {charge.meter[2:]}", "tariff": charge.kind.capitalize(), "month": charge.month,
                "used": f"{charge.used:.1f} kWh", "amount": f"{text} EUR", "mark": "*" if charge.estimated else ""}


class StatementSerializer:
    names = (("meter", "meterNumber"), ("tariff", "tariffName"), ("month", "billingMonth"), ("used", "consumption"),
             ("amount", "amountDue"), ("mark", "estimateMark"))

    def line(self, view: dict) -> dict:
        return {outer: view[inner] for inner, outer in self.names}


class StatementService:
    def __init__(self, store: ReadingStore):
        self.store, self.mapper, self.rules = store, ReadingMapper(), ReadingRules()
        self.corrections, self.charging = Corrections(), Charging()
        self.presenter, self.serializer = StatementPresenter(), StatementSerializer()

    def statement(self, district: int) -> dict:
        readings = [self.mapper.to_entity(record) for record in self.store.fetch(district)]
        readings = [self.corrections.apply(r) for r in readings if self.rules.accepts(r)]
        charges = [self.charging.charge(r) for r in readings]
        totals: dict[str, float] = {}
        for charge in charges:
            totals[charge.kind] = totals.get(charge.kind, 0.0) + charge.amount
        audit = [copy.copy(charge) for charge in charges if charge.estimated]
        views = [self.presenter.view(charge) for charge in charges]
        return {"district": district, "totals": {k: round(v, 2) for k, v in totals.items()},
                "estimated": [asdict(c) for c in audit[:20]], "lines": [self.serializer.line(view) for view in views]}
