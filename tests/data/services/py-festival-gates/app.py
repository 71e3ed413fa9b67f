"""The gates of a festival: scanned wristbands come in, the turnstile opens or does not."""
import os
import time
from collections import Counter, deque
from contextlib import asynccontextmanager
from dataclasses import dataclass

import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

KEYS_URL = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}/.well-known/jwks.json"
ZONES = {"main": 30_000, "camp": 12_000, "backstage": 400}
REMEMBER = 300


@dataclass(frozen=True)
class Band:
    number: str
    zones: tuple[str, ...]

    @classmethod
    def from_claims(cls, claims: dict) -> "Band":
        return cls(claims["sub"], tuple(claims.get("zones", ())))


class Gates:
    def __init__(self):
        self.inside: Counter = Counter()
        self.refused: Counter = Counter()
        self.last: deque = deque(maxlen=REMEMBER)

    def enter(self, zone: str, band: Band) -> tuple[bool, str]:
        if zone not in band.zones:
            return self._note(zone, band, False, "not for this zone")
        if self.inside[zone] >= ZONES[zone]:
            return self._note(zone, band, False, "zone is full")
        return self._note(zone, band, True, "welcome")

    def leave(self, zone: str) -> None:
        self.inside[zone] = max(0, self.inside[zone] - 1)

    def _note(self, zone: str, band: Band, open_: bool, word: str) -> tuple[bool, str]:
        (self.inside if open_ else self.refused)[zone] += 1
        self.last.append({"at": round(time.time(), 2), "zone": zone, "band": band.number, "open": open_})
        return open_, word


def jwks_client() -> jwt.PyJWKClient:
    return jwt.PyJWKClient(KEYS_URL, timeout=4)


async def read_band(token: str) -> Band:
    """Checks the signature of a wristband with the ticket shop's public key."""
    try:
        key = jwks_client().get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key, algorithms=["EdDSA"], audience="gates")
        return Band.from_claims(claims)
    except jwt.PyJWKClientConnectionError:
        raise HTTPException(503, "keys cannot be had") from None
    except (jwt.PyJWTError, KeyError) as error:
        raise HTTPException(403, f"not a wristband: {error}") from None


def known_zone(request: Request) -> str:
    zone = request.path_params["zone"]
    if zone not in ZONES:
        raise HTTPException(404, "no such zone")
    return zone


async def scan(request: Request) -> JSONResponse:
    zone = known_zone(request)
    try:
        token = (await request.json())["band"]
    except (ValueError, KeyError, TypeError):
        raise HTTPException(400, "no band") from None
    band = await read_band(token)
    gates: Gates = request.app.state.gates
    open_, word = gates.enter(zone, band)
    if open_:
        gates.leave(zone)          # a turnstile counts the way in and, at once, the way through
    return JSONResponse({"band": band.number, "open": open_, "word": word, "inside": gates.inside[zone]})


async def zone_state(request: Request) -> JSONResponse:
    zone = known_zone(request)
    gates: Gates = request.app.state.gates
    return JSONResponse({"zone": zone, "inside": gates.inside[zone], "refused": gates.refused[zone],
                         "room": ZONES[zone] - gates.inside[zone]})


async def last_scans(request: Request) -> JSONResponse:
    return JSONResponse(list(request.app.state.gates.last)[-50:])


async def healthz(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


@asynccontextmanager
async def lifespan(app: Starlette):
    app.state.gates = Gates()
    yield


app = Starlette(lifespan=lifespan, routes=[
    Route("/gates/{zone}/scans", scan, methods=["POST"]),
    Route("/gates/{zone}", zone_state),
    Route("/scans", last_scans),
    Route("/healthz", healthz),
])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
