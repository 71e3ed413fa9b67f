"""Kubernetes: the service's pods, their limits, and how often they were started anew."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.production.asking_http import Reading
from slowcoach.production.model import Allowance, Heard, Source
from slowcoach.production.question import Question
from slowcoach.production.settings import is_named, server_of, setting

_LABELS = ("app.kubernetes.io/name", "app", "k8s-app", "app.kubernetes.io/instance")
_MOST_PODS = "500"


def _ask(question: Question, allowance: Allowance) -> Heard:
    server = server_of("KUBE")
    if server is None:
        return Heard(question)
    if not server.url.startswith("https://"):
        raise InputError(
            "SLOWCOACH_KUBE_URL: expected https://", hint="The token would be readable"
        )
    if not question.services:
        said = "Kubernetes was not asked: no source told the service's name (SLOWCOACH_SERVICE)."
        return Heard(question, warnings=(said,))
    namespace = quote(setting("KUBE_NAMESPACE") or "default", safe="")
    with Reading(server, "Kubernetes", allowance) as reading:
        path = f"/api/v1/namespaces/{namespace}/pods"
        pods = pods_of(reading.json(path, {"limit": _MOST_PODS}), question.services)
    if not pods:
        said = f"namespace {namespace} has no pods of {', '.join(question.services)}."
        return Heard(question, warnings=(said,))
    return Heard(question, figures_of(pods))


def pods_of(answer: Any, services: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the pods of a service by their usual labels, else by their names' beginning."""
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise UnreadableError(
            "Kubernetes: expected a list of pods, got something else",
            hint="Check SLOWCOACH_KUBE_URL, the API server's address",
        )
    pods: list[Mapping[str, Any]] = [item for item in items if isinstance(item, dict)]
    for service in services:
        name = service.rpartition("/")[2]
        labelled = [p for p in pods if name in {_labels(p).get(label) for label in _LABELS}]
        start = re.compile(rf"{re.escape(name)}-[a-z0-9-]+")
        found = labelled or [p for p in pods if start.fullmatch(_name(p))]
        if found:
            return found
    return []


def figures_of(pods: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return how many pods there are, their limits, restarts and why they ended last."""
    ready = sum(_is_ready(pod) for pod in pods)
    said = [f"{len(pods)} pods, {ready} of them ready; {_limits(pods)}"]
    states = [status for pod in pods for status in _list(_part(pod, "status"), "containerStatuses")]
    restarts = sum(int(status.get("restartCount") or 0) for status in states)
    if restarts:
        ends = [_part(_part(status, "lastState"), "terminated") for status in states]
        why = Counter(str(end.get("reason")) for end in ends if end.get("reason"))
        last = max((str(end.get("finishedAt") or "") for end in ends), default="")
        reasons = ", ".join(f"{name} ({count})" for name, count in why.most_common(3))
        said.append(
            f"{restarts} restarts of containers"
            + (f", the last reasons: {reasons}" if reasons else "")
            + (f", the latest at {last}" if last else "")
        )
    return tuple(said)


def _limits(pods: Iterable[Mapping[str, Any]]) -> str:
    found: Counter[str] = Counter()
    for pod in pods:
        for container in _list(_part(pod, "spec"), "containers"):
            limits = _part(_part(container, "resources"), "limits")
            cpu, memory = limits.get("cpu"), limits.get("memory")
            name = container.get("name")
            found[f"{name}: {cpu or 'no limit of'} CPU, {memory or 'no limit of'} memory"] += 1
    return "limits of " + "; ".join(text for text, _ in found.most_common(2))


def _is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = _list(_part(pod, "status"), "conditions")
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)


def _labels(pod: Mapping[str, Any]) -> Mapping[str, Any]:
    return _part(_part(pod, "metadata"), "labels")


def _name(pod: Mapping[str, Any]) -> str:
    return str(_part(pod, "metadata").get("name", ""))


def _part(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = item.get(key)
    return found if isinstance(found, dict) else {}


def _list(item: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = item.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


SOURCE = Source(
    name="kubernetes",
    title="Kubernetes",
    kind="platform",
    is_set=lambda: is_named("KUBE"),
    ask=_ask,
)
