"""What is appended to a Locust file so that workers on other machines tell histograms.

Workers have no Slowcoach installed and take this file from the master: the source of this module
travels, so it imports nothing but Locust. On the master it writes what each worker tells to a
file of its own, in the form that `load.locust_stream` reads.
"""

import json
import math
import os
import socket
import ssl
import sys
import time
from importlib import import_module
from typing import Any

_LEAST_MS, _GROWTH = 0.001, 1.01  # load.histogram's buckets
_FIRST_ERROR = 400
_TELL_S = 1.0
_MOST = 100_000  # of anything that a worker tells at once
_MOST_AT_ONCE = 5000  # groups of requests in a message
_MOST_TEXTS = 100
_LONGEST = 300
_MESSAGE = "slowcoach_requests"


class NotTheTargetError(OSError):
    """A connection to another address than the target's was tried; nothing was sent."""


def confine(host: str, addresses: list[str]) -> None:
    """Let this process connect to these addresses alone, and take `host` for the first of them."""
    modules: list[Any] = [socket, import_module("gevent.socket")]

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            address = arguments[1]
            if isinstance(address, tuple) and str(address[0]).partition("%")[0] not in addresses:
                raise NotTheTargetError(f"{address[0]} is not the target of this test")

    def pinned(asked: Any) -> Any:
        def resolve(name: Any, port: Any, *args: Any, **options: Any) -> Any:
            text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
            wanted = addresses[0] if text is not None and text.lower() == host else text
            return asked(wanted, port, *args, **options)

        return resolve

    sys.addaudithook(look)
    for module in modules:
        module.getaddrinfo = pinned(module.getaddrinfo)


def kind_of(exception: BaseException) -> str:
    """Return the word for a failure without an answer."""
    found: Any = exception
    for _ in range(5):
        if found is None:
            break
        text = str(found).lower()
        if isinstance(found, TimeoutError) or "timed out" in text or "timeout" in text:
            return "timeout"
        if "is not the target" in text:
            return "not the target"
        if isinstance(found, ConnectionRefusedError) or "refused" in text:
            return "refused"
        if isinstance(found, ssl.SSLError):
            return "tls"
        if isinstance(found, ConnectionError):
            return "reset"
        found = found.__cause__ or found.__context__
    return type(exception).__name__


class Worker:
    """Counts this worker's requests and tells them to the master once a second."""

    def __init__(self, runner: Any) -> None:
        self.runner = runner
        self.groups: dict[tuple[Any, ...], list[float]] = {}
        self.thrown: dict[str, int] = {}

    def threw(self, exception: BaseException, **_: Any) -> None:
        """Note an exception that a task of a user raised."""
        text = f"{type(exception).__name__}: {exception}"[:_LONGEST]
        known = text in self.thrown or len(self.thrown) < _MOST_TEXTS
        text = text if known else "others"
        self.thrown[text] = self.thrown.get(text, 0) + 1

    def request(
        self,
        request_type: str,
        name: str,
        response_time: Any,
        exception: Any = None,
        start_time: Any = None,
        response: Any = None,
        **_: Any,
    ) -> None:
        """Note one request."""
        latency = float(response_time or 0.0)
        status = getattr(response, "status_code", None) or 0
        error = None
        if exception is not None:
            error = f"status {status}" if status >= _FIRST_ERROR else kind_of(exception)
        began = start_time if start_time is not None else time.time() - latency / 1000
        dropped = name == "dropped" and exception is not None
        told = name if dropped else f"{request_type} {name}"[:_LONGEST]
        answered = bool(status) or exception is None
        key = (int(began * 10), int(began * 10 + latency / 100), told, error, answered)
        self.groups.setdefault(key, []).append(latency)

    def tell(self, **_: Any) -> None:
        """Tell the master what came since the last time."""
        groups, self.groups = self.groups, {}
        requests = [[*key, _counted(found)] for key, found in groups.items()]
        thrown, self.thrown = self.thrown, {}
        for at in range(0, len(requests) or 1, _MOST_AT_ONCE):
            message = {
                "users": self.runner.user_count,
                "requests": requests[at : at + _MOST_AT_ONCE],
                "thrown": thrown if at == 0 else {},
            }
            self.runner.send_message(_MESSAGE, message)

    def go_on(self) -> None:
        """Tell once a second; to be run beside the users."""
        while True:
            time.sleep(_TELL_S)  # gevent's
            self.tell()


def _counted(latencies: list[float]) -> dict[str, Any]:
    counts: dict[int, int] = {}
    for latency in latencies:
        place = math.log(latency / _LEAST_MS) / math.log(_GROWTH) if latency > 0 else 0.0
        bucket = max(int(place + 1e-9), 0)
        counts[bucket] = counts.get(bucket, 0) + 1
    return {
        "growth": _GROWTH,
        "least_ms": _LEAST_MS,
        "n": len(latencies),
        "sum_ms": math.fsum(latencies),
        "min_ms": min(latencies),
        "max_ms": max(latencies),
        "counts": [list(each) for each in counts.items()],
    }


class Master:
    """Writes what each worker tells to a file of its own, times from when the test began."""

    def __init__(self) -> None:
        self.workers: list[str] = []
        self.began: Any = None
        self.refused = 0

    def hear(self, msg: Any, **_: Any) -> None:
        """Take a message of a worker; one that is not as it should be is counted, not kept."""
        if self.began is None:
            try:
                with open("began.json", encoding="ascii") as file:  # noqa: PTH123 - as it travels
                    self.began = float(json.load(file))
            except OSError:
                return  # the test has not begun
        try:
            requests = [_checked(each, self.began) for each in msg.data["requests"][:_MOST]]
            users = int(msg.data["users"])
            thrown = {
                str(text)[:_LONGEST]: int(count)
                for text, count in list(msg.data["thrown"].items())[: _MOST_TEXTS + 1]
            }
        except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError):
            self.refused += 1
            return
        if msg.node_id not in self.workers:
            self.workers.append(msg.node_id)
        number = self.workers.index(msg.node_id) + 1
        line = {"at": time.time() - self.began, "users": users, "thrown": thrown}
        line["requests"] = requests
        with open(f"seconds-worker{number}.ndjson", "a", encoding="ascii") as file:  # noqa: PTH123
            file.write(json.dumps(line) + "\n")

    def end(self, environment: Any, **_: Any) -> None:
        """Leave what Locust itself counted, to be compared."""
        with open("workers.json", "w", encoding="ascii") as file:  # noqa: PTH123
            json.dump(
                {
                    "workers": len(self.workers),
                    "requests": environment.stats.total.num_requests,
                    "refused": self.refused,
                },
                file,
            )


def _checked(told: Any, began: float) -> list[Any]:
    first, last, name, error, answered, counted = told
    counts = [[int(bucket), int(count)] for bucket, count in counted["counts"][:_MOST]]
    figures = [float(counted[key]) for key in ("sum_ms", "min_ms", "max_ms")]
    n = sum(count for _, count in counts)
    fits = all(0 <= bucket < 3000 and 0 < count <= 10**9 for bucket, count in counts)  # noqa: PLR2004
    if not (fits and n and all(0 <= figure < 1e15 for figure in figures)):  # noqa: PLR2004
        raise ValueError("no histogram")
    seconds = [min(max(int(at / 10 - began), 0), 10**7) for at in (first, last)]
    kept = None if error is None else str(error)[:_LONGEST]
    total, least, most = figures
    return [
        *seconds,
        str(name)[:_LONGEST],
        kept,
        bool(answered),
        {
            "growth": _GROWTH,
            "least_ms": _LEAST_MS,
            "n": n,
            "sum_ms": total,
            "min_ms": least,
            "max_ms": most,
            "counts": counts,
        },
    ]


def listen(host: str, addresses: list[str]) -> None:
    """Hear of requests on a worker, of workers on the master."""
    events = import_module("locust").events
    runners = import_module("locust.runners")

    def begin(environment: Any, runner: Any, **_: Any) -> None:
        if isinstance(runner, runners.WorkerRunner):
            confine(host, addresses)
            worker = Worker(runner)
            events.request.add_listener(worker.request)
            events.user_error.add_listener(worker.threw)
            events.test_stop.add_listener(worker.tell)
            events.quit.add_listener(worker.tell)
            import_module("gevent").spawn(worker.go_on)
        elif isinstance(runner, runners.MasterRunner) and os.environ.get("SLOWCOACH_HOST"):
            master = Master()
            runner.register_message(_MESSAGE, master.hear)
            events.quitting.add_listener(master.end)

    events.init.add_listener(begin)
