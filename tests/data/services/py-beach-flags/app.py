"""Which flag flies at which beach: for radio stations, hotels and the coast guard's own displays."""
import os
import random
import time
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query
from passlib.context import CryptContext
from pydantic import BaseModel

REGIONS = ("north", "south", "islands")

crypt = CryptContext(schemes=["pbkdf2_sha256"], deprecated="auto")


@dataclass(frozen=True)
class Partner:
    name: str
    key_hash: str
    regions: tuple[str, ...]


def registered_partners() -> list[Partner]:
    """Partners as the portal hands them over; of a key only the salted hash is kept."""
    issued = (
        ("sea hotels", "nf_sea_hotels_1Xc9", ("south",)),
        ("ferry line", "nf_ferry_line_Pd40", ("islands", "north")),
        ("harbour radio", "nf_harbour_radio_7Qm2", REGIONS),
        ("surf school", "nf_surf_school_tY88", ("north",)),
    )
    return [Partner(name, crypt.hash(key), regions) for name, key, regions in issued]


class Partners:
    def __init__(self, partners: list[Partner]):
        self._partners = partners

    def partner_of(self, key: str) -> Partner | None:
        for partner in self._partners:
            if crypt.verify(key, partner.key_hash):
                return partner
        return None


class Flag(str, Enum):
    green = "green"
    yellow = "yellow"
    red = "red"
    purple = "purple"


class Beach(BaseModel):
    number: int
    name: str
    region: str
    lifeguards: int
    waves_m: float
    wind_kn: float
    jellyfish: bool = False


class FlagOut(BaseModel):
    beach: str
    flag: Flag
    why: str
    since: int


class Patrol:
    """The lifeguards' latest observations."""

    def __init__(self, beaches: list[Beach]):
        self._beaches = {beach.number: beach for beach in beaches}
        self._since = {beach.number: int(time.time()) for beach in beaches}

    def of_region(self, region: str) -> list[Beach]:
        return [beach for beach in self._beaches.values() if beach.region == region]

    def get(self, number: int) -> Beach | None:
        return self._beaches.get(number)

    def flag(self, beach: Beach) -> FlagOut:
        flag, why = judge(beach)
        return FlagOut(beach=beach.name, flag=flag, why=why, since=self._since[beach.number])


def judge(beach: Beach) -> tuple[Flag, str]:
    if beach.lifeguards == 0 or beach.waves_m > 2.2 or beach.wind_kn > 28:
        return Flag.red, "no bathing"
    if beach.jellyfish:
        return Flag.purple, "jellyfish"
    if beach.waves_m > 1.1 or beach.wind_kn > 17:
        return Flag.yellow, "swimmers with care"
    return Flag.green, "calm"


def observed() -> list[Beach]:
    rnd = random.Random(44)
    return [Beach(number=n, name=f"{rnd.choice(('Long', 'Shell', 'North', 'Gull', 'Pine'))} Beach {n}", region=REGIONS[n % 3],
                  lifeguards=rnd.randrange(0, 4), waves_m=round(rnd.uniform(0.1, 2.8), 1), wind_kn=rnd.randrange(2, 34),
                  jellyfish=rnd.random() < 0.1) for n in range(1, 91)]


partners = Partners(registered_partners())
patrol = Patrol(observed())


def current_partner(api_key: Annotated[str, Query(min_length=8)]) -> Partner:
    partner = partners.partner_of(api_key)
    if partner is None:
        raise HTTPException(401, "unknown key")
    return partner


CurrentPartner = Annotated[Partner, Depends(current_partner)]
v1 = APIRouter(prefix="/v1")


@v1.get("/beaches/flags")
def flags(partner: CurrentPartner, region: str) -> list[FlagOut]:
    if region not in partner.regions:
        raise HTTPException(403, f"{region} is not part of your agreement")
    return [patrol.flag(beach) for beach in patrol.of_region(region)]


@v1.get("/beaches/{number}")
def beach(partner: CurrentPartner, number: int) -> Beach:
    found = patrol.get(number)
    if found is None or found.region not in partner.regions:
        raise HTTPException(404, "no such beach")
    return found


@v1.get("/agreement")
def agreement(partner: CurrentPartner) -> dict:
    return {"partner": partner.name, "regions": partner.regions}


app = FastAPI(title="Beach flags")
app.include_router(v1)


@app.get("/health")
async def health() -> dict:
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")
