"""What is investigated: the service behind the URL, its interpreters, its database."""

import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from slowcoach.core.errors import SlowcoachError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.core.permission import host_of, is_loopback
from slowcoach.diagnosis.evidence.counters import Counters, read_counters
from slowcoach.diagnosis.evidence.database import DatabaseWatch, port_of, watching
from slowcoach.diagnosis.evidence.in_flight import InFlight
from slowcoach.diagnosis.evidence.namespaces import network_of
from slowcoach.diagnosis.evidence.peers import Peers
from slowcoach.diagnosis.evidence.process import (
    Service,
    command_of,
    descendants,
    find_service,
    listeners,
    process_start,
    serving,
)
from slowcoach.diagnosis.evidence.sockets import SERVICES
from slowcoach.diagnosis.eyes import Eyes, Where, eyes_for
from slowcoach.diagnosis.models import Budget
from slowcoach.load.driver import Request
from slowcoach.profiling.recorders import proc

_HTTPS_PORT, _HTTP_PORT = 443, 80
_NOBODY = -1
_ENDED = frozenset("ZX")  # it has ended, though nobody has asked how
_COMMAND_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller asked for.

    `pid` may be that of a service behind the one that the URL names, asked at `own_port` (0: at
    the first port that it listens at).
    """

    request: Request
    pid: int | None
    database_url: str | None
    duration_s: float
    concurrency: int
    diagnostics: Mapping[str, str] = field(default_factory=dict[str, str])
    addresses: tuple[str, ...] = ()
    own_port: int = 0
    budget: Budget | None = None


def port_of_url(url: str) -> int:
    """Return the port that a URL means."""
    parts = urlsplit(url)
    return parts.port or (_HTTPS_PORT if parts.scheme == "https" else _HTTP_PORT)


class Target:
    """The service as far as it can be seen; `missing` says what cannot, and why."""

    def __init__(self, asked: Asked, cancellation: Cancellation) -> None:
        self._asked = asked
        self._cancellation = cancellation
        self.port = port_of_url(asked.request.url)
        self.missing: dict[str, str] = {}
        self._started = 0
        self._database_pids: tuple[int, ...] = ()
        self.service = self._find()

    @property
    def workers(self) -> tuple[int, ...]:
        """Return the pids that serve."""
        return self.service.workers if self.service else ()

    def _find(self) -> Service | None:
        asked = self._asked
        host = host_of(asked.request.url)
        elsewhere = "" if is_loopback(host) else host
        if elsewhere and asked.pid is None and not serving(self.port, elsewhere):
            self.missing["process"] = "the service runs on another machine"
            return None
        try:
            service = find_service(self.port, asked.pid, elsewhere)
        except UnreachableError:
            if asked.pid is not None:
                raise
            self.missing["process"] = "no process that this user may see listens on the port"
            return None
        self._started = process_start(service.pid)
        if service.is_behind:
            own = asked.own_port
            self.port = own if own in service.ports else service.ports[0]
        return service

    def peers(self) -> Peers:
        """Return what watches whom the service asks, and how many requests are with it if it is
        behind the one that the URL names.
        """
        service = self.service
        counted = None
        if service and service.is_behind and network_of(service.pid) == network_of("self"):
            counted = InFlight(self.port)
        return Peers(self.workers, self.port, counted)

    def names_of(self, ports: Iterable[int], peers: Peers) -> dict[int, str]:
        """Return what is known of the peers at some ports: the database, a known service, or the
        process of this machine that listens there.
        """
        found = {p: SERVICES.get(p) or _listener(p, peers) for p in ports}
        if port := self.database_port():
            found[port] = "PostgreSQL"
        return found

    def eyes(self) -> Eyes:
        """Return what looks into the service, to be entered."""
        service = self.service
        if service is None:
            return Eyes()
        parts = urlsplit(self._asked.request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        where = Where(
            pids=service.workers,
            port=self.port,
            database_port=self.database_port(),
            origin=f"http://127.0.0.1:{self.port}" if service.is_behind else origin,
            diagnostics=self._asked.diagnostics,
        )
        eyes = eyes_for(service.runtime, where)
        if eyes.why_not:
            self.missing["interpreter" if eyes.is_partial else "stacks"] = eyes.why_not
        return eyes

    def database(self, stack: ExitStack) -> DatabaseWatch | None:
        """Return a watch over the database; None when there is none or it refuses."""
        url = self._asked.database_url
        if not url:
            self.missing["database"] = "no database_url was given"
            return None
        try:
            watch = stack.enter_context(watching(url, self._cancellation, self.workers))
        except SlowcoachError as error:
            self.missing["database"] = str(error)
            return None
        if is_loopback(urlsplit(url).hostname or "localhost"):
            self._database_pids = tuple(listeners(port_of(url))[:1])
        return watch

    def counters(self) -> Counters:
        """Return what the kernel counts now."""
        database = [p for root in self._database_pids for p in descendants(root)]
        pid = self.service.pid if self.service else _NOBODY
        return read_counters(pid, time.monotonic(), tuple(database))

    def database_port(self) -> int:
        """Return the database's port, 0 for none."""
        return port_of(self._asked.database_url) if self._asked.database_url else 0

    def alive(self) -> bool:
        """Tell whether the process that was found still runs."""
        if self.service is None:
            return True
        with suppress(OSError, ValueError, IndexError):
            ended = proc.state(self.service.pid) in _ENDED
            return not ended and process_start(self.service.pid) == self._started
        return False

    def is_stopped(self) -> bool:
        """Tell whether a signal has stopped the processes that serve."""
        return bool(self.workers) and all(map(proc.is_stopped, self.workers))


def _listener(port: int, peers: Peers) -> str:
    """Return the process of this machine that listens at a peer's port, for texts."""
    pids = listeners(port) if peers.is_here(port) else []
    return f"pid {pids[0]}: {command_of(pids[0])[:_COMMAND_SHOWN]}" if pids else ""
