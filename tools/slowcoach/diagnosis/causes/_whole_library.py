"""A library as a whole is the cost: it is entered at many places, and many compute in it."""

from collections.abc import Iterable

from slowcoach.core.knowledge import rule
from slowcoach.diagnosis.models import Activity


def spread_inside(every: list[Activity], total: float) -> tuple[float, ...]:
    """Return what each innermost function computes, most first, where libraries that several
    functions of the program enter at several places do almost all, and no entry, no function of
    the program and no innermost function stands out; () otherwise.

    `every`: what the program's functions compute, `total`: that and what is computed without them.
    """
    computing = [a for a in every if a.state != "gc"]
    used = {package for a in computing for package in a.packages}
    return next((found for p in sorted(used) if (found := _inside(p, computing, total))), ())


def in_layers(mine: list[Activity]) -> bool:
    """Tell whether what one function of the program computes is spread over libraries' layers."""
    limits = rule("cpu.spread")
    own = sum(a.mean for a in mine if not a.callee and a.state != "gc")
    inner = tuple(sorted(innermost(mine).values(), reverse=True))
    spent = sum(inner)
    return (
        needed(inner, spent) >= limits.limit("inner_functions")
        and inner[0] <= limits.limit("inner_top") * spent
        and own <= limits.limit("own_code") * spent
    )


def innermost(mine: list[Activity]) -> dict[str, float]:
    """Return how much each innermost function computed for one of the program's."""
    found: dict[str, float] = {}
    for a in mine:
        for leaf, mean in a.leaves.items() if a.state != "gc" else ():
            found[leaf] = found.get(leaf, 0.0) + mean
    return found


def _inside(package: str, computing: list[Activity], total: float) -> tuple[float, ...]:
    limits, hot = rule("cpu.spread"), rule("cpu.hot_function")
    through = [a for a in computing if package in a.packages]
    if sum(a.mean for a in through) < limits.limit("almost_all") * sum(a.mean for a in computing):
        return ()
    entries = {(a.function, a.callee[0]) for a in through if a.callee}
    leaves = innermost(through)
    functions: dict[str, list[Activity]] = {}
    for a in computing:
        functions.setdefault(a.function, []).append(a)
    files = {leaf.split(":")[0] for leaf in leaves if ":" in leaf}
    ordered = tuple(sorted(leaves.values(), reverse=True))
    spread = (
        len(entries) >= limits.limit("entries")
        and all(_no_work_of_its_own(mine, total) for mine in functions.values())
        and len(files) >= limits.limit("inner_files")
        and bool(ordered)
        and ordered[0] <= hot.limit("top_share") * total
        and needed(ordered, sum(ordered)) >= limits.limit("inner_functions")
    )
    return ordered if spread else ()


def _no_work_of_its_own(mine: list[Activity], total: float) -> bool:
    """Tell whether a function of the program computes little, or less than most in layers."""
    hot, part = rule("cpu.hot_function"), sum(a.mean for a in mine) / total
    return part <= hot.limit("spread_share") or (
        part <= hot.limit("layers_share") and in_layers(mine)
    )


def needed(parts: Iterable[float], total: float) -> int:
    """Return how many of the parts, in this order, hold almost all of the whole."""
    held, count = 0.0, 0
    for part in parts:
        if held >= rule("cpu.spread").limit("almost_all") * total:
            break
        held += part
        count += 1
    return count
