"""Throughput at 1, 2, 4, ... requests at a time: does it grow, stop at some number, or fall?

Cost: a few seconds of load, never more at a time than was asked. Nothing else is looked at
meanwhile. Needs nothing but the URL.
"""

from collections.abc import Callable

from slowcoach.capacity.usl import LEAST_POINTS, fit_usl
from slowcoach.diagnosis.limits import shape
from slowcoach.diagnosis.load_shape import Step, Sweep
from slowcoach.load.model import LoadResult, quantile

_PARTS = 4
_RESAMPLES = 20
_LOW, _HIGH = 0.05, 0.95
_SEED = 7
_MS = 1000.0


def steps_to(concurrency: int) -> tuple[int, ...]:
    """Return 1, 2, 4, ... and the asked concurrency; one more where that makes enough to fit."""
    steps = [1]
    while steps[-1] * 2 < concurrency:
        steps.append(steps[-1] * 2)
    if concurrency > 1:
        steps.append(concurrency)
    if len(steps) < LEAST_POINTS <= concurrency:
        steps.append(next(n for n in range(concurrency - 1, 0, -1) if n not in steps))
    return tuple(sorted(steps))


def step_of(result: LoadResult, concurrency: int) -> Step:
    """Return one step's throughput: all answers by the time to the last of them.

    Stragglers, such as connections that had to be asked for twice, are left out.
    """
    answered = [s for s in result.samples if s.status is not None]
    longest = shape("straggler") * (quantile(sorted(s.latency_ms for s in answered), 0.5) or 0.0)
    ends = sorted(s.started_s + s.latency_ms / _MS for s in answered if s.latency_ms <= longest)
    if not ends:
        return Step(concurrency=concurrency, throughput=0.0)
    return Step(
        concurrency=concurrency,
        throughput=len(ends) / ends[-1],
        parts=_parts(ends),
        answers=len(ends),
    )


def _parts(ends: list[float]) -> tuple[float, ...]:
    """Return the throughput in each quarter of the answers; () when these are few."""
    least = int(shape("step_answers"))
    if len(ends) < least:
        return ()
    marks = [0.0] + [ends[len(ends) * k // _PARTS - 1] for k in range(1, _PARTS + 1)]
    each = [len(ends) * k // _PARTS - len(ends) * (k - 1) // _PARTS for k in range(1, _PARTS + 1)]
    return tuple(
        round(n / max(1e-6, after - before), 3)
        for n, before, after in zip(each, marks, marks[1:], strict=False)
    )


def swept(steps: tuple[int, ...], send: Callable[[int], LoadResult]) -> Sweep:
    """Send each step's load by `send`, and fit; ends at the first that fails."""
    found: list[Step] = []
    for concurrency in steps:
        result = send(concurrency)
        if result.errors or not result.completed:
            return Sweep(steps=tuple(found), why_not=f"requests failed at {concurrency} at a time")
        found.append(step_of(result, concurrency))
    return fitted(tuple(found))


def fitted(steps: tuple[Step, ...]) -> Sweep:
    """Return the steps with the law's coefficients, where there are enough to judge the fit."""
    n = [s.concurrency for s in steps]
    if len(n) < LEAST_POINTS or not all(s.parts for s in steps):
        return Sweep(steps=steps, why_not="too few steps or answers for the scalability law")
    fit = fit_usl(n, [s.throughput for s in steps])
    # a constant throughput has no spread that could be explained: it fits by sigma = 1
    flat = max(s.throughput for s in steps) <= shape("serial") * steps[0].throughput
    if not flat and (fit.r_squared or 0.0) < shape("fit"):
        return Sweep(steps=steps, why_not="the scalability law does not fit these steps")
    if fit.sigma > shape("most_sigma"):
        return Sweep(steps=steps, why_not="throughput falls more than the scalability law allows")
    low, high = _interval(steps)
    return Sweep(
        steps=steps,
        sigma=round(fit.sigma, 4),
        sigma_low=round(min(low, fit.sigma), 4),
        sigma_high=round(max(high, fit.sigma), 4),
        kappa=round(fit.kappa, 6),
    )


def _interval(steps: tuple[Step, ...]) -> tuple[float, float]:
    import numpy as np

    generator = np.random.default_rng(_SEED)
    n = [s.concurrency for s in steps]
    sigmas = [
        fit_usl(n, [float(generator.choice(s.parts, _PARTS).mean()) for s in steps]).sigma
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(sigmas, [_LOW, _HIGH])
    return float(low), float(high)
