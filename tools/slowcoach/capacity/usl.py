"""The Universal Scalability Law, fitted to measured throughput.

X(N) = gamma N / (1 + sigma (N - 1) + kappa N (N - 1)): gamma is the throughput of one, sigma the
share that queues (contention), kappa the cost of agreeing with each other (coherency). Gunther,
"Guerrilla Capacity Planning", 2007.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slowcoach.capacity.model import Scalability

Floats = NDArray[np.float64]
LEAST_POINTS = 4  # three parameters: with fewer points than four nothing is left to judge the fit
_FREE = ((True, True), (True, False), (False, True), (False, False))  # sigma, kappa
_ROUNDS = 200
_DAMPING = 1e-3
_STEP = 10.0
_SMALL = 1e-14
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True, slots=True)
class _Fit:
    gamma: float
    sigma: float
    kappa: float
    squares: float


def fit_usl(concurrency: Sequence[float], throughput: Sequence[float]) -> Scalability:
    """Fit by least squares of the throughput with sigma and kappa not below 0.

    Each combination of free parameters is fitted from the linear form N/X, refined by
    Levenberg and Marquardt, and the best that keeps the bounds stands. Needs at least
    `LEAST_POINTS` different concurrencies above 0; raises ValueError otherwise.
    """
    n = np.asarray(concurrency, dtype=np.float64)
    x = np.asarray(throughput, dtype=np.float64)
    if len(n) != len(x) or len(np.unique(n)) < LEAST_POINTS or n.min() <= 0 or x.min() < 0:
        raise ValueError(f"needs {LEAST_POINTS} different concurrencies above 0")
    if x.max() <= 0:
        raise ValueError("no throughput at all")
    best = min(
        (_refined(n, x, free) for free in _FREE),
        key=lambda fit: fit.squares,
    )
    spread = float(((x - x.mean()) ** 2).sum())
    sigma, kappa = _cleaned(best.sigma), _cleaned(best.kappa)
    peak = math.sqrt((1 - sigma) / kappa) if kappa > 0 and sigma < 1 else None
    found = Scalability(
        sigma=sigma,
        kappa=kappa,
        gamma=best.gamma,
        peak_concurrency=peak,
        ceiling=None,
        r_squared=1 - best.squares / spread if spread > 0 else None,
        points=len(n),
        measured_to=float(n.max()),
    )
    return found.model_copy(update={"ceiling": _ceiling(found)})


def _cleaned(value: float) -> float:
    return value if value > _NEGLIGIBLE else 0.0


def _ceiling(fit: Scalability) -> float | None:
    if fit.peak_concurrency is not None:
        return fit.throughput(max(fit.peak_concurrency, 1.0))
    return fit.gamma / fit.sigma if fit.sigma > 0 else None


def _refined(n: Floats, x: Floats, free: tuple[bool, bool]) -> _Fit:
    """Fit gamma and the free ones of sigma and kappa; out of bounds counts as infinitely bad."""
    columns = np.array([True, *free])
    values = _start(n, x, columns)
    damping = _DAMPING
    residual, jacobian = _model(n, x, values)
    for _ in range(_ROUNDS):
        j = jacobian[:, columns]
        curvature = j.T @ j
        damped = curvature + damping * np.diag(np.diag(curvature))
        try:
            step = np.linalg.solve(damped, j.T @ residual)
        except np.linalg.LinAlgError:
            break
        trial = values.copy()
        trial[columns] += step
        new_residual, new_jacobian = _model(n, x, trial)
        if new_residual @ new_residual < residual @ residual:
            done = abs(step) <= _SMALL + 1e-12 * abs(values[columns])
            values, residual, jacobian = trial, new_residual, new_jacobian
            damping /= _STEP
            if done.all():
                break
        else:
            damping *= _STEP
            if damping > 1 / _SMALL:
                break
    gamma, sigma, kappa = (float(value) for value in values)
    allowed = gamma > 0 and sigma >= 0 and kappa >= 0 and np.isfinite(values).all()
    return _Fit(gamma, sigma, kappa, float(residual @ residual) if allowed else math.inf)


def _start(n: Floats, x: Floats, columns: NDArray[Any]) -> Floats:
    """Return gamma, sigma, kappa from N/X, which is linear in 1, N-1 and N(N-1)."""
    measured = x > 0
    n, x = n[measured], x[measured]
    design = np.stack([np.ones_like(n), n - 1, n * (n - 1)], axis=1)[:, columns]
    found = np.linalg.lstsq(design, n / x, rcond=None)[0]
    values = np.zeros(3)
    values[columns] = found
    if values[0] <= 0:  # noise: begin at the straight line
        return np.array([float((x / n).max()), 0.0, 0.0])
    return np.array([1 / values[0], max(values[1] / values[0], 0), max(values[2] / values[0], 0)])


def _model(n: Floats, x: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return what is left of the throughput, and the model's derivatives by the parameters."""
    gamma, sigma, kappa = values
    below = 1 + sigma * (n - 1) + kappa * n * (n - 1)
    below = np.where(abs(below) < _SMALL, _SMALL, below)
    expected = gamma * n / below
    jacobian = np.stack(
        [n / below, -expected * (n - 1) / below, -expected * n * (n - 1) / below], axis=1
    )
    return x - expected, jacobian
