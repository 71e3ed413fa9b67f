"""The worker threads of a Node.js process, each a session of its own within the main one.

The protocol: the NodeWorker domain of Node.js's inspector.
"""

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from slowcoach.core.errors import ToolFailedError
from slowcoach.profiling.recorders.inspector import Calls, Inspector

_CALL_S: Final = 2.0
_PROBE: Final = {"method": "Runtime.evaluate", "params": {"expression": "0"}}
_ATTACHED: Final = "NodeWorker.attachedToWorker"
_RECEIVED: Final = "NodeWorker.receivedMessageFromWorker"


class Worker(Calls):
    """Calls of the protocol to one worker thread. One that is `silent` did not answer the last:
    it stands in native code (a pool's that waits for work at Atomics.wait does); what it is told
    is done when it goes on, and nobody waits for its answers until then.
    """

    def __init__(self, inspector: Inspector, session: str, title: str) -> None:
        self.inspector, self._session = inspector, session
        self.who = title
        self._last = 0
        self.silent = False

    @property
    def session(self) -> str:
        """Return the protocol's name of it."""
        return self._session

    def call(self, method: str, deadline_s: float = _CALL_S, **parameters: Any) -> dict[str, Any]:
        """Return the result of one call; raises ToolFailedError when the worker does not answer."""
        events: list[dict[str, Any]] = []
        self.tell({"method": method, "params": parameters}, events)
        deadline = time.monotonic() + (0.0 if self.silent else deadline_s)
        while (left := deadline - time.monotonic()) > 0:
            said = [each["params"] for each in events if each.get("method") == _RECEIVED]
            for each in said:
                answer = json.loads(each["message"])
                if each["sessionId"] == self._session and answer.get("id") == self._last:
                    return self._result(method, answer)
            came = self.inspector.awaited(_RECEIVED, left)
            events = [] if came is None else [{"method": _RECEIVED, "params": came}]
        self.silent = True
        raise ToolFailedError(
            f"{self.who}: no answer to {method}", hint="The worker ended, or is in native code"
        )

    def tell(self, message: dict[str, Any], events: list[dict[str, Any]]) -> None:
        """Send a message, and do not wait for its answer; what comes meanwhile is added."""
        self._last += 1
        self.inspector.call(
            "NodeWorker.sendMessageToWorker",
            events=events,
            sessionId=self._session,
            message=json.dumps({"id": self._last, **message}),
        )

    def _result(self, method: str, answer: dict[str, Any]) -> dict[str, Any]:
        if "error" in answer:
            raise ToolFailedError(
                f"{self.who}: {method} was refused: {answer['error'].get('message')}",
                hint="Node.js 18 and newer know this call",
            )
        result: dict[str, Any] = answer["result"]
        return result

    def leave_alone(self) -> None:
        """Calls from now on tidy up: they go on though the work is called off."""
        self.inspector.leave_alone()


def workers(inspector: Inspector) -> list[Worker]:
    """Attach to the worker threads that there are now, and to those that begin later."""
    inspector.keep(_ATTACHED)
    inspector.call("NodeWorker.enable", waitForDebuggerOnStart=False)
    return joined(inspector)


def joined(inspector: Inspector) -> list[Worker]:
    """Return the worker threads that have begun since this was asked last."""
    return [
        Worker(inspector, each["sessionId"], str(each["workerInfo"].get("title", "worker")))
        for each in inspector.kept(_ATTACHED)
    ]


def answering(inspector: Inspector, threads: Sequence[Worker], within_s: float) -> list[Worker]:
    """Return those of a program's worker threads that answer at once; the others are `silent`."""
    events: list[dict[str, Any]] = []
    left: dict[str, Worker] = {}
    for each in threads:
        each.silent = True
        with suppress(ToolFailedError):  # it has ended
            each.tell(_PROBE, events)
            left[each.session] = each
    found: list[Worker] = []
    until = time.monotonic() + within_s
    said = [each["params"] for each in events if each.get("method") == _RECEIVED]
    while left:
        for one in said:
            if (thread := left.pop(one["sessionId"], None)) is not None:
                thread.silent = False
                found.append(thread)
        wait_s = until - time.monotonic()
        came = inspector.awaited(_RECEIVED, wait_s) if left and wait_s > 0 else None
        if came is None:
            break
        said = [came]
    return found
