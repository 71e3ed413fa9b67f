"""Which series of a Prometheus count an endpoint's requests, and what to ask of them. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slowcoach.diagnosis.tracing.endpoint import is_route, plainness
from slowcoach.load.prometheus_traffic import METHODS, ROUTES, STATUSES

SERVICES = ("service_name", "service", "app", "application", "exported_job", "job")
# of what servers time their requests by, the telling ones first
_KNOWN = (
    "http_server_request_duration_seconds",
    "http_server_requests_seconds",
    "http_request_duration_seconds",
    "http_request_duration_highr_seconds",
    "http_server_duration_milliseconds",
    "http_server_duration_seconds",
    "flask_http_request_duration_seconds",
    "django_http_requests_latency_seconds_by_view_method",
    "starlette_request_duration_seconds",
    "istio_request_duration_milliseconds",
    "traefik_service_request_duration_seconds",
    "nginx_ingress_controller_request_duration_seconds",
)
_LIKELY = re.compile(r"\w*(?:http|request)\w*(?:duration|latency|seconds)\w*")
_OTHERS = re.compile(r"promhttp|grpc|client|prometheus_|size|bytes|alertmanager")
_LABEL = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The series of one endpoint: the metric's name without `_bucket`, and exact labels.

    `quantiles`: it is a histogram; else only sum and count are there, for a mean.
    """

    metric: str
    labels: tuple[tuple[str, str], ...]
    quantiles: bool
    requests: float = 0.0

    @property
    def selector(self) -> str:
        """Return the labels as PromQL has them."""
        return ",".join(f"{name}={json.dumps(value)}" for name, value in self.labels)

    @property
    def scale(self) -> float:
        """Return by what to multiply to have ms."""
        return 1.0 if re.search(r"milli|_ms(?:_|$)", self.metric) else 1000.0

    @property
    def service(self) -> str:
        """Return the service's name as its series have it."""
        named = dict(self.labels)
        return next((named[label] for label in SERVICES if label in named), "")

    @property
    def route(self) -> str:
        """Return the route as its series have it, "" where they do not tell."""
        named = dict(self.labels)
        return next((named[label] for label in ROUTES if label in named), "")

    def latency(self, quantile: float, window: str) -> str:
        """Return PromQL for a quantile over a window (`[300s]`, `[1h] offset 1h`), or the mean."""
        name, labels = self.metric, self.selector
        if self.quantiles:
            inner = f"sum by (le) (rate({name}_bucket{{{labels}}}{window}))"
            return f"histogram_quantile({quantile:g}, {inner})"
        spent, count = (f"sum(rate({name}_{end}{{{labels}}}{window}))" for end in ("sum", "count"))
        return f"{spent} / {count}"

    def rate(self, window: str) -> str:
        """Return PromQL for requests a second."""
        return f"sum(rate({self.metric}_count{{{self.selector}}}{window}))"

    def errors(self, status: str, window: str) -> str:
        """Return PromQL for answers with 5xx a second, by the label that has the status."""
        labels = f"{self.selector},{status}" if self.labels else status
        return f'sum(rate({self.metric}_count{{{labels}=~"5..|5xx"}}{window}))'


def metrics_of(names: Iterable[str]) -> list[tuple[str, bool]]:
    """Return the metrics that may time requests that users made, the likeliest first, each with
    whether it has buckets.
    """
    known = set(names)
    bases = {name.removesuffix("_count") for name in known if name.endswith("_count")}
    likely = sorted(b for b in bases if _LIKELY.fullmatch(b) and not _OTHERS.search(b))
    ranked = dict.fromkeys([name for name in _KNOWN if name in bases] + likely)
    timed = [b for b in ranked if f"{b}_bucket" in known or f"{b}_sum" in known]
    return [(b, f"{b}_bucket" in known) for b in timed]


def grouped(metric: str, window: str) -> str:
    """Return PromQL for the requests of each endpoint that a metric knows."""
    labels = ", ".join((*SERVICES, *ROUTES, *METHODS, "namespace"))
    return f"sum by ({labels}) (increase({metric}_count{window}))"


def statuses(metric: str, window: str) -> str:
    """Return PromQL that tells which label has the status."""
    return f"sum by ({', '.join(STATUSES)}) (increase({metric}_count{window}))"


def endpoints_of(
    data: Any, metric: tuple[str, bool], method: str, path: str, services: Sequence[str]
) -> list[Endpoint]:
    """Return the endpoint's series among those of `grouped`, the likeliest first.

    Raises ValueError for what is no answer of its API.
    """
    found: list[tuple[tuple[bool, bool, float, float], Endpoint]] = []
    for labels, value in vector(data):
        route = _first(labels, ROUTES)
        said = _first(labels, METHODS).upper()
        cleaned = route.removeprefix("^").removesuffix("$")
        if said not in {method, ""} or not route or not is_route(cleaned, path):
            continue
        exact = tuple(sorted((k, v) for k, v in labels.items() if _LABEL.fullmatch(k) and v))
        one = Endpoint(metric[0], exact, metric[1], value)
        named = one.service in services
        found.append(((named, value > 0, plainness(cleaned), value), one))
    return [one for _, one in sorted(found, key=lambda pair: pair[0], reverse=True)]


def status_label(data: Any) -> str:
    """Return the label that has the status; "" where there is none."""
    for labels, _ in vector(data):
        for name in STATUSES:
            if re.fullmatch(r"\d(?:\d\d|xx)", labels.get(name, "")):
                return name
    return ""


def vector(data: Any) -> list[tuple[Mapping[str, str], float]]:
    """Return labels and values of an instant's answer; raises ValueError for another."""
    try:
        return [
            ({str(k): str(v) for k, v in row["metric"].items()}, float(row["value"][1]))
            for row in data["result"]
        ]
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"no answer of Prometheus' API ({error!r})") from None


def points(data: Any) -> list[tuple[float, float]]:
    """Return times and values of a range's one series; raises ValueError for another answer."""
    try:
        rows = data["result"]
        return [(float(at), float(v)) for at, v in rows[0]["values"]] if rows else []
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"no answer of Prometheus' API ({error!r})") from None


def _first(labels: Mapping[str, str], names: Iterable[str]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")
