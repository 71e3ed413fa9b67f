"""The net/http/pprof endpoint of a Go program: where it is, and what it answers."""

import select
import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from slowcoach.core.errors import ToolFailedError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders import proc
from slowcoach.profiling.recorders.node_process import own_listeners
from slowcoach.profiling.recorders.node_recording import Meter, pause

PATH: Final = "/debug/pprof"
_HOSTS = ("127.0.0.1", "[::1]")
_TIMEOUT_S = 5.0
_SLACK_S = 30.0  # beyond the recording's own time, for a busy program
_POLL_S = 0.1
_LARGEST = 200_000_000
_SAID = 200


class NoEndpointError(UnreachableError):
    """A Go program runs, but serves no profiles."""


def endpoint(pid: int) -> str:
    """Return the URL of a process's pprof handlers; raises UnreachableError without any."""
    if not proc.exists(pid):
        raise UnreachableError(f"pid {pid}: no such process", hint="Find it with `pgrep -a NAME`")
    ports = sorted({listener.port for listener in own_listeners(pid)})
    for port in ports:
        for host in _HOSTS:
            url = f"http://{host}:{port}{PATH}"
            if _answers(url):
                return url
    where = f"at ports {', '.join(map(str, ports))}" if ports else "and it listens at no port"
    raise NoEndpointError(
        f"{proc.name(pid)}: expected {PATH}/ of net/http/pprof, found none {where}",
        hint='Add `import _ "net/http/pprof"` to the program and serve http.DefaultServeMux',
    )


def _answers(url: str) -> bool:
    try:
        with httpx.Client(trust_env=False, timeout=_TIMEOUT_S) as client:
            answer = client.get(f"{url}/", headers={"Accept": "text/html"})
    except httpx.HTTPError:
        return False
    return answer.is_success and "goroutine" in answer.text and "pprof" in answer.text


@dataclass(slots=True)
class Client:
    """Asks the handlers, tells how far it is, and stops when the work is called off."""

    url: str
    meter: Meter
    cancellation: Cancellation | None
    on_tick: Callable[[float], None] | None

    def get(self, name: str, seconds: float = 0.0) -> bytes:
        """Return what a handler answers, which may take these seconds.

        Leaving it open ends the connection; the handler notices, and stops its profile. Raises
        UnreachableError when the program ends, ToolFailedError with what the handler said.
        """
        url = f"{self.url}/{name}"
        late = time.monotonic() + seconds + _SLACK_S
        address = urlsplit(url)
        request = f"GET {address.path}?{address.query} HTTP/1.0\r\nHost: localhost\r\n\r\n"
        data = bytearray()
        try:
            with closing(socket.create_connection(_address(address), _TIMEOUT_S)) as link:
                link.sendall(request.encode())
                while time.monotonic() < late and len(data) < _LARGEST:
                    if not select.select([link], [], [], 0 if seconds else _POLL_S)[0]:
                        self.tick()
                        self._must_go_on(url)
                        pause(_POLL_S if seconds else 0, self.cancellation)
                        continue
                    part = link.recv(1 << 16)
                    if not part:
                        return _body(bytes(data), url)
                    data += part
        except OSError as error:
            raise UnreachableError(
                f"{url}: {error}", hint="Is the program still running?"
            ) from None
        raise ToolFailedError(
            f"{url}: expected an answer of at most {_LARGEST // 1_000_000} MB within "
            f"{seconds + _SLACK_S:g} s, got more, or none",
            hint="Record for less time, or look at why the program hangs",
        )

    def text(self, name: str) -> str:
        """Return a handler's answer as text."""
        return self.get(name).decode("utf-8", "replace")

    def _must_go_on(self, url: str) -> None:
        if proc.is_stopped(self.meter.pid):
            raise ToolFailedError(
                f"{url}: the program is stopped (SIGSTOP)",
                hint=f"Let it go on: kill -CONT {self.meter.pid}",
            )

    def tick(self) -> None:
        """Tell how far it is."""
        if self.on_tick is not None:
            self.on_tick(self.meter.seconds)


def _address(url: SplitResult) -> tuple[str, int]:
    return url.hostname or "", url.port or 80


def _body(data: bytes, url: str) -> bytes:
    """Return the body of an answer; HTTP 1.0 has no chunks."""
    if not data:
        raise UnreachableError(f"{url}: the program ended", hint="Record for less time")
    head, _, body = data.partition(b"\r\n\r\n")
    words = head.split(maxsplit=2)
    if len(words) > 1 and words[1] == b"200":
        return body
    said = " ".join(body[:_SAID].decode("utf-8", "replace").split())
    raise ToolFailedError(
        f"{url}: {said or head[:_SAID]!r}",
        hint="Wait until the other profile is done, then record again",
    )
