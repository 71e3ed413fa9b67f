"""The worker threads of a Node.js process, each a session of its own within the main one.

The protocol: the NodeWorker domain of Node.js's inspector.
"""

import json
import time
from typing import Any, Final

from slowcoach.core.errors import ToolFailedError
from slowcoach.profiling.recorders.inspector import Calls, Inspector

_CALL_S: Final = 5.0
_ATTACHED: Final = "NodeWorker.attachedToWorker"
_RECEIVED: Final = "NodeWorker.receivedMessageFromWorker"


class Worker(Calls):
    """Calls of the protocol to one worker thread."""

    def __init__(self, inspector: Inspector, session: str, title: str) -> None:
        self._inspector, self._session = inspector, session
        self.who = title
        self._last = 0

    def call(self, method: str, deadline_s: float = _CALL_S, **parameters: Any) -> dict[str, Any]:
        """Return the result of one call; raises ToolFailedError when the worker does not answer."""
        self._last += 1
        message = json.dumps({"id": self._last, "method": method, "params": parameters})
        events: list[dict[str, Any]] = []
        self._inspector.call(
            "NodeWorker.sendMessageToWorker",
            events=events,
            sessionId=self._session,
            message=message,
        )
        deadline = time.monotonic() + deadline_s
        while (left := deadline - time.monotonic()) > 0:
            said = [each["params"] for each in events if each.get("method") == _RECEIVED]
            for each in said:
                answer = json.loads(each["message"])
                if each["sessionId"] == self._session and answer.get("id") == self._last:
                    return self._result(method, answer)
            came = self._inspector.awaited(_RECEIVED, left)
            events = [] if came is None else [{"method": _RECEIVED, "params": came}]
        raise ToolFailedError(
            f"{self.who}: no answer to {method}", hint="The worker ended, or is in native code"
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
        self._inspector.leave_alone()


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
