"""Logs of AWS load balancers (ALB, and the older Classic ELB)."""

import re
from functools import partial

from slowcoach.load.access_logs.layout import Columns, Layout, LogFormat, lines_of

_TYPES = r"(?:https?|h2|grpcs|wss?)"
_SECONDS = r"(-?[\d.]+)"
_QUOTED = r'[^"\\\n]*+(?:\\.[^"\\\n]*+)*'
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
_TAIL = (
    rf" (\S+):\d+ \S+ {_SECONDS} {_SECONDS} {_SECONDS} (\d{{3}}|-) \S+ (\d+) (\d+)"
    rf' "([A-Z][A-Z-]*+) [a-z]++://([^/ "]*+)([^ "]*+)[^"\n]*+" "({_QUOTED})"'
)
_ISO = r"(\d{4}-\d\d-\d\dT[\d:.]+Z)"
_NEW = re.compile(rf"^{_TYPES} {_ISO} \S+{_TAIL}.*$", re.MULTILINE)
_OLD = re.compile(rf"^{_ISO} \S+{_TAIL}.*$", re.MULTILINE)
_ROLES = (
    "time_iso",
    "client",
    "d1",
    "d2",
    "d3",
    "status",
    "request_bytes",
    "answer_bytes",
    "method",
    "host",
    "target",
    "agent",
)
_DURATION = slice(2, 5)


def _known(head: str) -> Layout | None:
    first = lines_of(head)[:20]
    for pattern, name in ((_NEW, "AWS ALB"), (_OLD, "AWS ELB")):
        if any(pattern.match(line) for line in first):
            return Layout(name, partial(_columns, pattern))
    return None


def _columns(pattern: re.Pattern[str], block: str) -> Columns:
    rows = pattern.findall(block)
    if not rows:
        return {}
    found: dict[str, list[str] | tuple[str, ...]] = dict(
        zip(_ROLES, zip(*rows, strict=True), strict=True)
    )
    found["duration_s"] = [_total(row[_DURATION]) for row in rows]
    found["target"] = [target or "/" for target in found["target"]]
    found["host"] = [host.partition(":")[0] for host in found["host"]]
    return found


def _total(parts: tuple[str, ...]) -> str:
    """Return what the request took in all, in seconds; a part of -1 was not reached."""
    seconds = [float(part) for part in parts]
    return "-" if min(seconds) < 0 else f"{sum(seconds):.6f}"


FORMAT = LogFormat(name="AWS ALB and ELB", known=_known, order=1)
