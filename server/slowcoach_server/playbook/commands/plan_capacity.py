"""Plan capacity: the present figures, the growth, then which limit comes first."""

from typing import Any

from slowcoach.core.errors import InputError
from slowcoach_server.playbook.playbook import Playbook
from slowcoach_server.playbook.walk import Walk

_CURRENT = {
    "peak_rps": "Requests a second at the busiest time?",
    "instances": "On how many instances?",
    "cpu_peak_pct": "CPU in percent at that time?",
    "memory_peak_pct": "Memory in percent at that time?",
    "db_connections_peak": "Database connections at that time?",
}
_GROWTH = "Growth a month in percent?"
_MULTIPLIER = 10


def run(walk: Walk) -> None:
    """Carry the command out."""
    if "rate" in walk.arguments:
        walk.arguments.setdefault("peak_rps", walk.arguments["rate"])
    current: dict[str, float] = dict(walk.arguments.get("current") or {})
    if not current:
        for name, question in _CURRENT.items():
            if (value := walk.ask(name, question)) is not None:
                current[name] = _number(name, value)
    growth: dict[str, Any] | None = None
    if (monthly := walk.arguments.get("growth")) is not None:
        growth = {"request_growth_monthly_pct": _number("growth", monthly)}
    elif not walk.arguments.get("multiplier"):
        told = walk.ask("growth", _GROWTH)
        growth = {"request_growth_monthly_pct": _number("growth", told)} if told else None
    multiplier = walk.arguments.get("multiplier")
    if growth is None and multiplier is None:
        multiplier = walk.default("multiplier", _MULTIPLIER)
    found = walk.call(
        "plan_capacity",
        "what the growth asks for, and which limit comes first",
        current=current or None,
        growth=growth,
        multiplier=multiplier,
        **walk.given("months", "measurements", "prices", "limits", "database_url"),
    )
    walk.conclude(found)
    walk.next.extend(found.next)


def _number(name: str, value: Any) -> float:
    try:
        return float(str(value).strip().rstrip("%"))
    except ValueError:
        raise InputError(
            f"{name}: expected a number, got {str(value)[:40]!r}", hint="Write it as 500"
        ) from None


PLAYBOOK = Playbook("plan_capacity", run)
