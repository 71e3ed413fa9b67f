"""Which measurement would decide between two causes, or give the sight that is missing. Pure."""

from slowcoach.core.knowledge import page
from slowcoach.diagnosis.activity import INSIDE, TURN
from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Judgement
from slowcoach.diagnosis.view import View

_OF_THE_DATABASE = frozenset({"database", "statements"})


def next_step(view: View, best: Judgement, second: Judgement) -> str:
    """Return what to measure next, in one or two sentences."""
    data = page("diagnosis").data
    if mostly_failing(view):
        return str(data["failing"])
    missing = view.observed.missing
    for signal, step in data["missing"].items():
        if signal in missing and signal in _OF_THE_DATABASE and _embedded(view):
            return str(data["embedded"])
        if signal in missing and (signal not in _OF_THE_DATABASE or view.sql_share > 0):
            return str(step)
    if best.score and best.score - second.score >= deciding("margin"):
        telling = data["telling"][best.cause]
        return f"{best.cause} is the likeliest, but its signs are weak. {telling}"
    if best.score and second.score:
        return between(best.cause, second.cause)
    return str(data["nothing"])


def _embedded(view: View) -> bool:
    """Tell whether the database that has the time is an engine inside the process, without URL."""
    inside = view.own_share(lambda a: a.state == "db" and a.target in {INSIDE, TURN})
    return inside > view.sql_share / 2


def mostly_failing(view: View) -> bool:
    """Tell whether so many requests failed that their time says nothing of the service's."""
    failed = sum(view.loaded.errors.values())
    return failed > 0 and failed >= deciding("mostly_failing") * (failed + view.loaded.completed)


def between(one: str, other: str) -> str:
    """Return what decides between two causes: the pair's own line, else what tells each apart."""
    data = page("diagnosis").data
    pair = f"{one} | {other}", f"{other} | {one}"
    said = next((data["rivals"][key] for key in pair if key in data["rivals"]), None)
    if said is None:
        telling = data["telling"]
        said = " Or: ".join(telling[word] for word in (one, other) if word in telling)
    return f"{one} and {other} explain it about equally. {said}"
