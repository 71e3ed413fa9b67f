"""The plan of a load test, with the methodology's keys, and its form as YAML."""

import re
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from slowcoach.core.errors import InputError

_SECONDS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)(ms|s|m)")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_serializer(mode="wrap")
    def _without_gaps(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what the plan leaves open."""
        return {
            key: value for key, value in handler(self).items() if value not in (None, [], (), {})
        }


class Scenario(_Part):
    """One part of the test. With `rate` (requests per second) it is open and `vus` are the users
    that Little's law expects; with `vus` alone it is closed. With `step_factor` each step is so
    many times the one before; `recovery` is how long the first step's load is held at the end.
    """

    name: str
    description: str = ""
    vus: int | None = None
    vus_start: int | None = None
    vus_end: int | None = None
    step_duration: str | None = None
    step_size: int | None = None
    step_factor: float | None = Field(default=None, gt=1)
    recovery: str | None = None
    rate: float | None = None
    rate_start: float | None = None
    rate_end: float | None = None
    rate_step: float | None = None
    duration: str | None = None
    ramp_up: str | None = None
    think_time: str | None = None

    @property
    def key(self) -> str:
        """Return the name as scripts use it: small letters, digits and underscores."""
        return re.sub(r"\W+", "_", self.name.lower(), flags=re.ASCII).strip("_") or "scenario"


class PassCriteria(_Part):
    """What must hold for the test to pass; None is not asked for."""

    p50_response_ms: float | None = None
    p95_response_ms: float | None = None
    p99_response_ms: float | None = None
    error_rate_pct: float | None = None
    throughput_rps: float | None = None


class Extract(_Part):
    """A value taken from an answer and used in later requests of the same session, as `${name}`.

    `source` is where it stands: `json` (`path` such as data.token or items[0].id), `header` or
    `cookie` (its name), `regex` (`path` is the pattern; its first group is taken).
    """

    name: str
    source: Literal["json", "header", "cookie", "regex"]
    path: str


class ThinkTime(_Part):
    """Pauses as they really were: lognormal, with the median in seconds and sigma of the logs."""

    median_s: float = Field(gt=0)
    sigma: float = Field(ge=0)


class Endpoint(_Part):
    """One request of the mix, and its share by weight.

    `url`, `headers` and `body` may hold `${name}`: a value of `LoadPlan.data`, one taken by an
    `Extract` earlier in the session, or a secret from the environment (`${env:API_TOKEN}`).
    `name` is its template, such as `GET /items/{id}`, under which results are told. `together`
    tells that a journey asks it right after the step before, as a page does its parts: no pause.
    """

    method: str = "GET"
    url: str
    weight: float = Field(default=1.0, ge=0)
    name: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    body: str | None = None
    extract: tuple[Extract, ...] = ()
    together: bool | None = None

    @property
    def label(self) -> str:
        """Return what results call it."""
        return self.name or f"{self.method} {urlsplit(self.url).path or '/'}"


class Journey(_Part):
    """Requests that one user makes in turn, with pauses between them."""

    name: str
    weight: float = Field(default=1.0, ge=0)
    steps: tuple[Endpoint, ...] = Field(min_length=1)


class LoadPlan(_Part):
    """A load test: what it hits, in which scenarios, and what must hold.

    With `journeys` a rate counts their requests, and sessions begin at rate / requests a journey.
    """

    test_name: str
    target: str
    date: str
    scenarios: tuple[Scenario, ...]
    pass_criteria: PassCriteria = PassCriteria()
    endpoints: tuple[Endpoint, ...] = Field(default=(), description="The mix; empty: the target.")
    journeys: tuple[Journey, ...] = ()
    think: ThinkTime | None = None
    data: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="Values by name.")
    timeout_s: float | None = Field(default=None, gt=0)
    arrivals: Literal["even", "poisson"] | None = Field(
        default=None, description="Spacing of an open test's requests; even by default."
    )

    @property
    def requests(self) -> tuple[Endpoint, ...]:
        """Return the mix, which without any is the target alone."""
        return self.endpoints or (Endpoint(url=self.target),)

    def yaml(self) -> str:
        """Return the plan as load-test-plan.yaml."""
        text: str = yaml.safe_dump(
            self.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=100
        )
        return text


def seconds(text: str) -> float:
    """Return the seconds of a duration such as "90s", "5m" or "1h30m"; raises InputError."""
    compact = text.replace(" ", "")
    if not _WHOLE.fullmatch(compact):
        raise InputError(f"duration {text!r}", hint="Give it as 30s, 5m or 2h")
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(compact))


def span(text: str) -> tuple[float, float]:
    """Return the ends in seconds of "1-3s", or twice the same of "2s"."""
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return (seconds(text), seconds(text))
    unit = _SECONDS[match[3]]
    return float(match[1]) * unit, float(match[2]) * unit


def duration_text(value: float) -> str:
    """Return seconds as a plan writes them: 90 -> "90s", 300 -> "5m", 7200 -> "2h"."""
    for unit, size in (("h", 3600), ("m", 60)):
        if value >= size and value % size == 0:
            return f"{value / size:g}{unit}"
    return f"{value:g}s"
