"""The evidence as a service behind others sees it: its part of each request and the load. Pure."""

from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Observed, Phase


def seen_from_inside(observed: Observed) -> Observed:
    """Return the evidence with the requests that were with the process as its load.

    Of C requests at a time those of `in_flight` are with it, so by Little's law that share of the
    latency is spent there. Evidence of the service that the URL names is returned as it is.
    """
    if observed.in_flight is None:
        return observed
    alone, loaded = observed.in_flight
    return observed.model_copy(
        update={
            "alone": _part(observed.alone, alone),
            "loaded": _part(observed.loaded, loaded),
            "first_ms": None if observed.first_ms is None else observed.first_ms * min(1.0, alone),
        }
    )


def share_inside(observed: Observed) -> float | None:
    """Return the share of the latency under load that was spent with the process (more than 1:
    several calls of it at a time); None for the service that the URL names.
    """
    if observed.in_flight is None:
        return None
    return observed.in_flight[1] / max(1, observed.loaded.concurrency)


def is_asked(observed: Observed) -> bool:
    """Tell whether requests came to the process at all while the load ran."""
    return observed.in_flight is None or observed.in_flight[1] >= looking("least_in_flight")


def _part(phase: Phase, in_flight: float) -> Phase:
    share = min(1.0, in_flight / max(1, phase.concurrency))
    return phase.model_copy(
        update={
            "concurrency": max(1, round(in_flight)),
            "latencies_ms": tuple(ms * share for ms in phase.latencies_ms),
        }
    )
