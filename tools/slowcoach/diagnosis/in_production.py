"""Traces that production's servers gave: studied as a file of traces would be. The edge."""

import json
from dataclasses import asdict, replace

from slowcoach.core.errors import CancelledError, SlowcoachError
from slowcoach.core.files import own_folder
from slowcoach.core.job import Job
from slowcoach.core.units import duration, number, share
from slowcoach.diagnosis.target import Asked, port_of_url
from slowcoach.diagnosis.tracing.model import Traced
from slowcoach.diagnosis.tracing.study import Study, study
from slowcoach.production.hearing import Production, shown

_LONGEST = 120


def studied(production: Production, asked: Asked, job: Job) -> tuple[Production, Study | None]:
    """Return what the first traces that can be read say, and production with it as a figure."""
    warnings = list(production.warnings)
    for document in production.traces:
        try:
            found = _study(document, asked, job)
        except CancelledError:
            raise
        except SlowcoachError as error:
            warnings.append(f"Production: its traces tell nothing: {error.message}.")
            continue
        said = shown(_figure(found.seen, production.question.least_ms))
        figures = (*production.figures, said)
        return replace(production, figures=figures, warnings=tuple(warnings)), found
    return replace(production, warnings=tuple(warnings)), None


def _study(document: bytes, asked: Asked, job: Job) -> Study:
    url = asked.request.url
    with own_folder() as folder:
        file = folder / "production's traces"
        file.write_bytes(document)
        method, port = asked.request.method, port_of_url(url)
        found = study(str(file), method, url, port, job.cancellation)
    job.save("traces.json", json.dumps(asdict(found.seen)).encode(), "application/json")
    return found


def _figure(seen: Traced, least_ms: float) -> str:
    slow = f" of at least {duration(least_ms / 1000)}" if least_ms >= 1 else ""
    said = f"{number(seen.traces)} traces{slow}"
    if not seen.stretches:
        return said
    top = seen.stretches[0]
    return (
        f"{share(top.share.median)} of the latency is {top.name[:_LONGEST]} of service "
        f"{top.service}, in {said}"
    )
