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
_PERCENT = 100
_HINT = (
    'Say them: slowcoach ask "plan capacity for 10x, we have 500 rps on 4 instances" --set '
    "cpu_peak_pct=55; or --set measurements=[[1,90],[4,310],[16,700]] of a load test"
)


def run(walk: Walk) -> None:
    """Carry the command out."""
    current = _current(walk)
    if not current and not walk.given("measurements", "database_url"):
        raise InputError(
            "nothing is known of today: requests a second, instances, processor or memory",
            hint=_HINT,
        )
    growth = _growth(walk)
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


def _current(walk: Walk) -> dict[str, float]:
    """Return today's figures: those that were said, and those that a person knows."""
    known = walk.arguments
    if "rate" in known:
        known.setdefault("peak_rps", known["rate"])
    current = known.get("current") or {}
    if not isinstance(current, dict):
        raise InputError("current: expected figures by name", hint='Write {"peak_rps": 500}')
    if current or known.get("measurements"):
        return dict(current)
    told: dict[str, float] = {}
    for name, question in _CURRENT.items():
        if (value := walk.ask(name, question)) is not None:
            told[name] = _number(name, value)
    return told


def _growth(walk: Walk) -> dict[str, Any] | None:
    """Return the growth: a sentence tells a share (0.15), `--set` and people per cent (15)."""
    growth = walk.arguments.get("growth")
    if growth is None and not walk.arguments.get("multiplier"):
        growth = walk.ask("growth", _GROWTH)
    if growth is None or isinstance(growth, dict):
        return growth
    monthly = growth * _PERCENT if isinstance(growth, float) else _number("growth", growth)
    return {"request_growth_monthly_pct": monthly}


def _number(name: str, value: Any) -> float:
    try:
        return float(str(value).strip().rstrip("%"))
    except ValueError:
        raise InputError(
            f"{name}: expected a number, got {str(value)[:40]!r}", hint="Write it as 500"
        ) from None


PLAYBOOK = Playbook("plan_capacity", run)
