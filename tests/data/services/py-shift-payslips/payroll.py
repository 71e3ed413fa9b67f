"""From the time clock's lines to what a worker is paid."""
import csv
import io
import random
import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, field_validator

CENT = Decimal("0.01")
RATES = {"A": Decimal("16.40"), "B": Decimal("18.95"), "C": Decimal("22.10")}
SURCHARGES = {"night": Decimal("0.25"), "sunday": Decimal("0.50"), "holiday": Decimal("1.25")}
HOLIDAYS = {date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 1)}
BADGE = re.compile(r"^(?P<plant>[A-Z]{2})-(?P<group>[ABC])(?P<number>\d{3})$")


def trimmed(value):
    return value.strip() if isinstance(value, str) else value


class ClockLine(BaseModel):
    badge: Annotated[str, BeforeValidator(trimmed)]
    came: datetime
    left: datetime
    pause: int = 0
    remark: Annotated[str, BeforeValidator(trimmed)] = ""

    @field_validator("came", "left", mode="before")
    @classmethod
    def clock_time(cls, value):
        return datetime.strptime(value, "%d.%m.%Y %H:%M") if isinstance(value, str) else value

    @property
    def hours(self) -> Decimal:
        return Decimal((self.left - self.came).total_seconds() / 3600).quantize(CENT) - Decimal(self.pause) / 60


class Worker(BaseModel):
    badge: str
    name: str
    born: date
    iban: str


def clock_file(plant: str, month: date, workers: list[Worker]) -> str:
    rng = random.Random(f"{plant}{month}")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    for worker in workers:
        for day in sorted(rng.sample(range(28), 5)):
            came = datetime.combine(month + timedelta(days=day), time(rng.choice((5, 13, 21)), rng.randrange(60)))
            left = came + timedelta(minutes=rng.randrange(440, 520))
            writer.writerow([f" {worker.badge}", came.strftime("%d.%m.%Y %H:%M"), left.strftime("%d.%m.%Y %H:%M"),
                             rng.choice((30, 45)), rng.choice(("", " late bus ", "overtime agreed"))])
    return out.getvalue()


def read_lines(text: str) -> list[ClockLine]:
    names = ["badge", "came", "left", "pause", "remark"]
    return [ClockLine.model_validate(row) for row in csv.DictReader(io.StringIO(text), names, delimiter=";")]


def kinds_of(line: ClockLine) -> set[str]:
    kinds = set()
    if line.came.hour >= 20 or line.left.hour <= 6:
        kinds.add("night")
    if line.came.weekday() == 6:
        kinds.add("sunday")
    if line.came.date() in HOLIDAYS:
        kinds.add("holiday")
    return kinds


def pay_of(line: ClockLine) -> dict:
    group = BADGE.match(line.badge)["group"]
    base = (RATES[group] * line.hours).quantize(CENT, ROUND_HALF_UP)
    extra = {kind: (base * SURCHARGES[kind]).quantize(CENT, ROUND_HALF_UP) for kind in sorted(kinds_of(line))}
    return {"line": line, "base": base, "extra": extra, "sum": base + sum(extra.values(), Decimal(0))}


def taxes(gross: Decimal, born: date) -> dict[str, Decimal]:
    shares = {"pension": Decimal("0.093"), "health": Decimal("0.0815"), "care": Decimal("0.017"),
              "income": Decimal("0.11") if gross < 1200 else Decimal("0.16")}
    if born > date(2001, 1, 1):
        shares["care"] = Decimal("0.023")
    return {name: (gross * share).quantize(CENT, ROUND_HALF_UP) for name, share in shares.items()}
