"""Traces of an endpoint from the file to what they say, and where to look. The edge."""

from dataclasses import dataclass

from slowcoach.core.errors import InputError
from slowcoach.core.job import Cancellation
from slowcoach.diagnosis.tracing.aggregating import traced
from slowcoach.diagnosis.tracing.endpoint import name_of, wanted
from slowcoach.diagnosis.tracing.judging import Suspect, limit, suspects
from slowcoach.diagnosis.tracing.locating import Located, locate
from slowcoach.diagnosis.tracing.model import Traced
from slowcoach.diagnosis.tracing.paths import path_of
from slowcoach.diagnosis.tracing.reading import read_traces


@dataclass(frozen=True, slots=True)
class Study:
    """What the traces say; `located` is the service of the likeliest explanation."""

    seen: Traced
    suspects: tuple[Suspect, ...]
    located: Located

    @property
    def leads_on(self) -> bool:
        """Tell whether the explanation lies in another service than the one that was asked."""
        return self.located.service != self.seen.entry


def study(path: str, method: str, url: str, port: int, cancellation: Cancellation) -> Study:
    """Return what the traces in a file say of an endpoint. Raises the core's errors."""
    asked = wanted(method, url, port)
    sample = read_traces(path, asked, cancellation)
    paths = []
    for spans in sample.traces:
        cancellation.check()
        found = path_of(spans, asked, by_port=sample.by_port)
        if found is not None:
            paths.append(found)
    if not paths:
        raise InputError(
            f"{path}: the spans of {asked.method} {asked.path} have no duration",
            hint="Export traces whose spans have ended",
        )
    http = paths[0].entry.http
    notes = list(sample.notes)
    if len(paths) < limit("few_traces"):
        notes.append(f"only {len(paths)} traces of the endpoint: the shares are rough")
    seen = traced(paths, name_of(http) if http else asked.path, notes)
    judged = suspects(seen)
    services = {service.name: service for service in seen.services}
    return Study(seen, tuple(judged), locate(services[judged[0].service]))
