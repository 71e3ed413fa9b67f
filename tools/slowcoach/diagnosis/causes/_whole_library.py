"""A library as a whole is the cost: it is entered at many places, and many compute in it."""

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


def _inside(package: str, computing: list[Activity], total: float) -> tuple[float, ...]:
    limits, hot = rule("cpu.spread"), rule("cpu.hot_function")
    through = [a for a in computing if package in a.packages]
    if sum(a.mean for a in through) < limits.limit("almost_all") * sum(a.mean for a in computing):
        return ()
    entries: dict[tuple[str, str], float] = {}
    functions: dict[str, float] = {}
    leaves: dict[str, float] = {}
    for a in through:
        entry = (a.function, a.callee[0] if a.callee else "")
        entries[entry] = entries.get(entry, 0.0) + a.mean
        for leaf, mean in a.leaves.items():
            leaves[leaf] = leaves.get(leaf, 0.0) + mean
    for a in computing:
        functions[a.function] = functions.get(a.function, 0.0) + a.mean
    files = {leaf.split(":")[0] for leaf in leaves if ":" in leaf}
    ordered = tuple(sorted(leaves.values(), reverse=True))
    spread = (
        len(entries) >= limits.limit("entries")
        and max(functions.values()) <= hot.limit("layers_share") * total
        and len(files) >= limits.limit("inner_files")
        and bool(ordered)
        and ordered[0] <= hot.limit("spread_share") * total
        and _held(ordered) >= limits.limit("inner_functions")
    )
    return ordered if spread else ()


def _held(ordered: tuple[float, ...]) -> int:
    """Return how many of the largest hold almost all."""
    held, most = 0.0, rule("cpu.spread").limit("almost_all") * sum(ordered)
    for count, mean in enumerate(ordered, 1):
        held += mean
        if held >= most:
            return count
    return len(ordered)
