"""The limits that pages of knowledge give to a diagnosis."""

from functools import cache

from slowcoach.core.knowledge import page


@cache
def deciding(name: str) -> float:
    """Return a limit of how a cause is decided (knowledge/pages/diagnosis.md)."""
    return float(page("diagnosis").data["limits"][name]["value"])


@cache
def shape(name: str) -> float:
    """Return a limit of how the load is looked at (knowledge/pages/load_shape.md)."""
    return float(page("load_shape").data["limits"][name]["value"])


@cache
def looking(name: str) -> float:
    """Return a limit of when a look tells something (knowledge/pages/diagnosis_looks.md)."""
    return float(page("diagnosis_looks").data["limits"][name]["value"])


@cache
def harm(name: str) -> float:
    """Return a limit of what a service may be burdened with (knowledge/pages/diagnosis_harm.md)."""
    return float(page("diagnosis_harm").data["limits"][name]["value"])
