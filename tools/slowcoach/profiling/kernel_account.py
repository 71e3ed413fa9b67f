"""What the kernel's account of a recording says: the fields of the answer, and what to conclude."""

from typing import Any

from slowcoach.core.finding import Evidence, Finding
from slowcoach.core.knowledge import rule
from slowcoach.core.units import number
from slowcoach.profiling.recorders.states import Account

_GROUPS = 3
_STARVED = "profile.short_of_processors"
_THROTTLED = "profile.throttled"
_FAULTS = "profile.major_faults"
_WAITS = "profile.mostly_waits"


def judge(account: Account | None, *, on_cpu: bool) -> list[Finding]:
    """Return what the account decides; `on_cpu`: the processor's time was recorded."""
    if account is None:
        return []
    found = [_starved(account), _throttled(account), _faults(account)]
    if on_cpu:
        found.append(_waits(account))
    return [finding for finding in found if finding is not None]


def _starved(account: Account) -> Finding | None:
    short = rule(_STARVED)
    runnable = account.runnable
    if runnable is None or runnable < short.limit("least_threads"):
        return None
    held_up = runnable / (runnable + account.running)
    if held_up < short.limit("runnable_share"):
        return None
    evidence = [
        Evidence(
            metric="time ready to run but without a processor",
            value=held_up,
            unit="share",
            limit=short.limit("runnable_share"),
            note=f"{number(runnable)} threads on average, beside {number(account.running)} running",
        )
    ]
    pressure = account.pressure.get("cpu")
    if pressure is not None:
        evidence.append(Evidence(metric="processor pressure", value=pressure, unit="share"))
    return short.finding(evidence)


def _throttled(account: Account) -> Finding | None:
    held = rule(_THROTTLED)
    if account.throttled is None or account.throttled < held.limit("share"):
        return None
    return held.finding(
        [
            Evidence(
                metric="time stopped at the control group's limit",
                value=account.throttled,
                unit="share",
                limit=held.limit("share"),
            )
        ]
    )


def _faults(account: Account) -> Finding | None:
    faults = rule(_FAULTS)
    if account.major_faults < faults.limit("per_second"):
        return None
    return faults.finding(
        [
            Evidence(
                metric="page faults that read from disk, a second",
                value=account.major_faults,
                unit="count",
                limit=faults.limit("per_second"),
                note=f"{number(account.disk)} threads on average waited for disks",
            )
        ]
    )


def _waits(account: Account) -> Finding | None:
    waits = rule(_WAITS)
    wanted = account.running + (account.runnable or 0.0)
    if wanted >= waits.limit("cores"):
        return None
    return waits.finding(
        [
            Evidence(
                metric="cores used",
                value=account.running,
                unit="count",
                limit=waits.limit("cores"),
                note=f"{number(account.waiting)} threads on average waited",
            )
        ]
    )


def sentence(account: Account | None, findings: list[Finding]) -> str:
    """Return the sentence for the summary, when the account decides how to read the profile."""
    if account is None or not findings:
        return ""
    rules = {finding.rule for finding in findings}
    running = number(account.running, 2)
    if _THROTTLED in rules:
        return "It was stopped at its control group's limit of the processor, which no code mends."
    if _STARVED in rules:
        return (
            f"It wanted {number(account.running + (account.runnable or 0.0), 2)} cores and got "
            f"{running}: the machine is short of processors, and wall times are not its own."
        )
    if _WAITS in rules:
        return f"The process used {running} cores: it waits; look at the wall clock view."
    return ""


def fields(account: Account) -> dict[str, Any]:
    """Return the account as the answer's fields."""
    return {
        "seconds": _figure(account.seconds),
        "processes": account.processes,
        "threads": account.threads,
        "running": _figure(account.running),
        "runnable": _figure(account.runnable),
        "waiting": _figure(account.waiting),
        "disk": _figure(account.disk),
        "voluntary_switches": _figure(account.voluntary),
        "involuntary_switches": _figure(account.involuntary),
        "minor_faults": _figure(account.minor_faults),
        "major_faults": _figure(account.major_faults),
        "throttled": _figure(account.throttled),
        "pressure": {name: _figure(share) for name, share in account.pressure.items()},
        "busiest": tuple(
            {
                "name": group.name,
                "threads": group.threads,
                "running": _figure(group.running),
                "runnable": _figure(group.runnable),
            }
            for group in account.groups[:_GROUPS]
        ),
    }


def _figure(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")
