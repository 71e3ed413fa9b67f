"""Who watches while requests are sent: ends the load when errors climb or the service is gone."""

from __future__ import annotations

from collections import deque

from slowcoach.core.errors import UnreachableError
from slowcoach.core.units import share
from slowcoach.diagnosis.limits import harm
from slowcoach.diagnosis.target import Target
from slowcoach.load.engine_kind import StopTestError
from slowcoach.load.guard import look_at_switch
from slowcoach.load.model import Tick

_STOPPED = 2  # looks, a second apart: a profiler may stop it for a moment


class Watchman:
    """Hears of the load each second. `why` is why it was ended early ("": it was not)."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._stopped = 0
        self._fails_alone = False
        self._window: deque[Tick] = deque()
        self._loads = False
        self.why = ""

    def begin(self) -> None:
        """Begin to send anew."""
        self._window.clear()

    def begin_load(self) -> None:
        """Judge errors from now on: more than one request at a time is sent."""
        self._loads = True

    def fails_alone(self) -> None:
        """Note that a lone request is refused too: then nothing climbs."""
        self._fails_alone = True

    def must_serve(self) -> None:
        """Raise UnreachableError when the service has ended."""
        service = self._target.service
        if service is not None and not self._target.alive():
            raise UnreachableError(
                f"pid {service.pid}: the service ended while it was investigated",
                hint="Read its log (the kernel's, if memory ran out), then start it again",
            )

    def look(self, tick: Tick) -> None:
        """Look whether to go on.

        Raises UnreachableError when the service ended or is stopped, StopTestError when it
        refuses too many requests or load was switched off.
        """
        self.must_serve()
        self._must_go_on()
        try:
            look_at_switch()
            self._judge(tick)
        except StopTestError as stop:
            self.why = self.why or str(stop)
            raise

    def _must_go_on(self) -> None:
        service = self._target.service
        self._stopped = self._stopped + 1 if self._target.is_stopped() else 0
        if service is not None and self._stopped >= _STOPPED:
            raise UnreachableError(
                f"pid {service.pid}: the service is stopped (by SIGSTOP, or a debugger)",
                hint=f"Let it go on (kill -CONT {service.pid}), then investigate again",
            )

    def _judge(self, tick: Tick) -> None:
        looks = round(harm("window_s"))  # one a second
        before = self._window[0] if len(self._window) >= looks else None
        self._window.append(tick)
        while len(self._window) > looks:
            self._window.popleft()
        if not self._loads or self._fails_alone or len(self._window) < looks:
            return
        refused = tick.refused - (before.refused if before else 0)
        sent = tick.sent - (before.sent if before else 0)
        if refused >= max(harm("least_refused"), harm("error_share") * sent):
            raise StopTestError(
                f"{share(refused / max(1, sent))} of the last {sent} requests were refused, "
                f"{tick.elapsed_s:.0f} s after it began"
            )
