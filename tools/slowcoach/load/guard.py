"""What stands between a request for load and the first packet: target, bounds, budget, switch."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from slowcoach.core.errors import InputError, NotPermittedError
from slowcoach.core.files import data_folder
from slowcoach.core.knowledge import page
from slowcoach.core.permission import Permissions, is_loopback
from slowcoach.load.engine_kind import StopTestError
from slowcoach.load.targets import Resolve, Target, target_of

_SWITCH = "load-is-stopped"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much load a test asks for: its highest rate or users, its length, its requests."""

    rps: float | None
    users: int | None
    duration_s: float
    requests: float


class Budget:
    """The requests that load tests of this process have been admitted for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spent = 0.0

    @property
    def spent(self) -> float:
        """Return the requests admitted so far."""
        return self._spent

    def spend(self, requests: float, most: float) -> None:
        """Take requests out of the budget; raises NotPermittedError when too few are left."""
        with self._lock:
            if self._spent + requests > most:
                raise NotPermittedError(
                    f"{requests:,.0f} more requests: this process may send {most:,.0f} in all, and "
                    f"{self._spent:,.0f} are spent",
                    hint="Ask for less, restart the server, or set SLOWCOACH_MAX_REQUESTS",
                )
            self._spent += requests

    def give_back(self, requests: float) -> None:
        """Put back what a test that ended early did not send."""
        with self._lock:
            self._spent = max(self._spent - requests, 0.0)


BUDGET = Budget()


def admitted(
    url: str,
    wanted: Wanted,
    permissions: Permissions,
    *,
    budget: Budget = BUDGET,
    resolve: Resolve | None = None,
) -> Target:
    """Return the checked target of a test that may be run, its requests taken from the budget.

    Raises NotPermittedError (the switch is off, a host or an amount is not allowed), InputError,
    UnreachableError; nothing has been sent then.
    """
    target = admitted_host(url, permissions, resolve)
    here = is_loopback(target.host)
    for name, value, most, variable in _compared(wanted, permissions, here=here):
        if value > most:
            raise NotPermittedError(
                f"{name}: at most {most:,.0f} for {target.host}, got {value:,.0f}",
                hint=f"Ask for less; the person who starts the server may set {variable}",
            )
    budget.spend(wanted.requests, _most("requests", permissions.bounds.requests, here=here))
    return target


def admitted_host(url: str, permissions: Permissions, resolve: Resolve | None = None) -> Target:
    """Return the checked target of a URL, whatever the amount; raises as `admitted` does."""
    if is_stopped():
        raise NotPermittedError(
            "load tests are switched off on this machine", hint="slowcoach stop-load --undo"
        )
    return target_of(url, permissions, resolve)


def _compared(
    wanted: Wanted, permissions: Permissions, *, here: bool
) -> list[tuple[str, float, float, str]]:
    bounds = permissions.bounds
    asked: list[tuple[str, float | None, float | None, str]] = [
        ("rate", wanted.rps, bounds.rps, "SLOWCOACH_MAX_RPS"),
        ("users", wanted.users, bounds.users, "SLOWCOACH_MAX_USERS"),
        ("duration", wanted.duration_s, bounds.duration_s, "SLOWCOACH_MAX_LOAD_S"),
    ]
    return [
        (name, value, _most(name, bound, here=here), variable)
        for name, value, bound, variable in asked
        if value is not None
    ]


def _most(name: str, bound: float | None, *, here: bool) -> float:
    """Return a bound: the user's, else the page's."""
    if bound is not None:
        return bound
    rows = page("load_safety").data["bounds"]
    found = next(row for row in rows if row["name"] == name)
    return float(found["here" if here else "elsewhere"])


def switch() -> Path:
    """Return the file whose being there stops every load test of this user."""
    return data_folder() / _SWITCH


def is_stopped() -> bool:
    """Tell whether load tests are switched off."""
    return switch().exists()


def stop_all_load() -> None:
    """Switch load tests off: running ones end within a second or two, new ones are refused."""
    path = switch()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="Check the folder") from None


def allow_load_again() -> bool:
    """Switch load tests on again; tell whether they were off."""
    try:
        os.unlink(switch())  # noqa: PTH108 - one call, so that two at once do not collide
    except FileNotFoundError:
        return False
    return True


def look_at_switch() -> None:
    """Raise StopTestError when load tests were switched off; to be called each second."""
    if is_stopped():
        raise StopTestError("load tests were switched off (slowcoach stop-load)")
