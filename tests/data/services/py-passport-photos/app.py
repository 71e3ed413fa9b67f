"""Passport photos: says whether a photo that was handed in may go on a passport, and if not, why."""
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass

import anyio.to_thread
import urllib3
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


@dataclass(frozen=True)
class Settings:
    measuring: str = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
    port: int = int(os.environ["PORT"])
    threads: int = int(os.environ.get("PHOTO_THREADS", "3"))
    timeout: float = 6.0


settings = Settings()
http = urllib3.PoolManager(maxsize=24, timeout=settings.timeout, retries=False)


@dataclass(frozen=True)
class Verdict:
    rule: str
    passed: bool
    value: float | bool


Rule = Callable[[dict], Verdict]
RULES: list[Rule] = []


def rule(function: Callable[[dict], tuple[bool, float | bool]]) -> Rule:
    name = function.__name__.replace("_", "-")

    def judged(found: dict) -> Verdict:
        passed, value = function(found)
        return Verdict(name, passed, value)

    RULES.append(judged)
    return judged


@rule
def face_height(found: dict) -> tuple[bool, float]:
    share = found["face"]["height"] / found["height"]
    return 0.62 <= share <= 0.80, round(share, 3)


@rule
def face_centred(found: dict) -> tuple[bool, float]:
    middle = (found["face"]["x"] + found["face"]["width"] / 2) / found["width"]
    return abs(middle - 0.5) < 0.06, round(middle, 3)


@rule
def eyes_level(found: dict) -> tuple[bool, float]:
    (left_x, left_y), (right_x, right_y) = found["eyes"]["left"], found["eyes"]["right"]
    tilt = abs(right_y - left_y) / (right_x - left_x)
    return tilt < 0.05, round(tilt, 4)


@rule
def mouth_closed(found: dict) -> tuple[bool, bool]:
    return not found["mouthOpen"], found["mouthOpen"]


@rule
def no_glare(found: dict) -> tuple[bool, float]:
    limit = 0.10 if found["glasses"] else 0.18
    return found["glare"] <= limit, found["glare"]


@rule
def plain_background(found: dict) -> tuple[bool, float]:
    return found["background"] >= 0.93, found["background"]


def measurements(photo: str) -> dict:
    try:
        answer = http.request("GET", f"{settings.measuring}/measurements/{photo}")
    except urllib3.exceptions.HTTPError as error:
        raise HTTPException(502, f"no measurement: {error}") from error
    if answer.status == 404:
        raise HTTPException(404, f"no photo {photo}")
    return answer.json()


def crop_box(found: dict) -> dict:
    """The part of the photo that is printed: 35 to 45, the face in its upper middle."""
    face = found["face"]
    height = min(found["height"], round(face["height"] / 0.72))
    width = min(found["width"], round(height * 35 / 45))
    left = max(0, round(face["x"] + face["width"] / 2 - width / 2))
    top = max(0, round(face["y"] - height * 0.12))
    return {"left": left, "top": top, "width": width, "height": height}


def photo_id(request: Request) -> str:
    photo = request.path_params["photo"]
    if not photo.startswith("ph-") or not photo[3:].isdigit():
        raise HTTPException(400, "photos are named ph-NUMBER")
    return photo


def check(request: Request) -> JSONResponse:
    photo = photo_id(request)
    found = measurements(photo)
    verdicts = [judged(found) for judged in RULES]
    failed = [verdict.rule for verdict in verdicts if not verdict.passed]
    return JSONResponse({"photo": photo, "accepted": not failed, "failed": failed,
                         "rules": [vars(verdict) for verdict in verdicts]})


def crop(request: Request) -> JSONResponse:
    photo = photo_id(request)
    return JSONResponse({"photo": photo, "crop": crop_box(measurements(photo))})


async def rules(request: Request) -> JSONResponse:
    return JSONResponse({"rules": len(RULES), "printed": "35x45"})


async def healthz(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def failed(request: Request, error: HTTPException) -> JSONResponse:
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


@contextlib.asynccontextmanager
async def lifespan(app: Starlette):
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
    yield
    http.clear()


app = Starlette(
    routes=[
        Route("/photos/{photo}/check", check),
        Route("/photos/{photo}/crop", crop),
        Route("/rules", rules),
        Route("/healthz", healthz),
    ],
    exception_handlers={HTTPException: failed},
    lifespan=lifespan,
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=settings.port, log_level="warning", access_log=False)
