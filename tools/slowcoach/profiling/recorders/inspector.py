"""A client of V8's inspector protocol.

The protocol: https://chromedevtools.github.io/devtools-protocol/v8/. Node.js serves it on one
local port; each call here waits for its own answer. Events in between are dropped, but for those
that are asked for.
"""

import json
import time
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from slowcoach.core.errors import ToolFailedError, UnreachableError
from slowcoach.core.job import Cancellation
from slowcoach.profiling.recorders.inspector_socket import InspectorClosedError, WebSocket

_CALL_S: Final = 30.0


class Calls:
    """Calls of the protocol to one thread of a program. `who` is it in words, for errors."""

    who: str

    def call(self, method: str, deadline_s: float = _CALL_S, **parameters: Any) -> dict[str, Any]:
        """Return the result of one call; raises ToolFailedError when there is none in time."""
        raise NotImplementedError

    def leave_alone(self) -> None:
        """Calls from now on tidy up: they go on though the work is called off."""
        raise NotImplementedError

    def evaluate(self, expression: str, *, by_value: bool = True) -> dict[str, Any]:
        """Return the remote object that an expression gives; `require` is known in it."""
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            includeCommandLineAPI=True,
            returnByValue=by_value,
            silent=True,
        )
        return self._value(answer)

    def ask(self, object_id: str, function: str) -> Any:
        """Call a method of a remote object, given as a function declaration; return its value."""
        answer = self.call(
            "Runtime.callFunctionOn",
            functionDeclaration=function,
            objectId=object_id,
            returnByValue=True,
            silent=True,
        )
        return self._value(answer).get("value")

    def _value(self, answer: dict[str, Any]) -> dict[str, Any]:
        if "exceptionDetails" in answer:
            said = answer["exceptionDetails"].get("exception", {}).get("description", "an error")
            raise ToolFailedError(
                f"{self.who}: it cannot be asked about itself: {said[:200]}",
                hint="Node.js 18 and newer can",
            )
        result: dict[str, Any] = answer["result"]
        return result


class Inspector(Calls):
    """Calls of the protocol to one program. `who` is it in words, for errors."""

    def __init__(
        self, url: str, who: str, cancellation: Cancellation | None = None, pid: int | None = None
    ) -> None:
        self.who, self._cancellation, self._last = who, cancellation, 0
        self._passed: set[str] = set()  # events that came before an answer
        self._kept: dict[str, list[dict[str, Any]]] = {}  # parameters of those that are asked for
        try:
            self._socket = WebSocket(url, time.monotonic() + _CALL_S, pid)
        except (OSError, InspectorClosedError) as error:
            raise UnreachableError(
                f"{who}: its inspector does not answer: {error}", hint="Try again"
            ) from None

    def call(
        self,
        method: str,
        deadline_s: float = _CALL_S,
        *,
        events: list[dict[str, Any]] | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Return the result of one call; what comes before it is added to `events`.

        Raises ToolFailedError when the program refuses or does not answer in time, and
        CancelledError when the work is called off meanwhile.
        """
        self._last += 1
        asked = {"id": self._last, "method": method, "params": parameters}
        deadline = time.monotonic() + deadline_s
        try:
            self._socket.send(json.dumps(asked))
            while True:
                answer = json.loads(self._socket.receive(deadline, self._cancellation))
                if answer.get("id") == self._last:
                    break
                self._passed.add(str(answer.get("method")))
                self._keep(answer)
                if events is not None:
                    events.append(answer)
        except (OSError, ValueError, InspectorClosedError) as error:
            raise ToolFailedError(
                f"{self.who}: no answer to {method}: {error or 'it took too long'}",
                hint="The program ended, or someone else closed its inspector: record again",
            ) from None
        if "error" in answer:
            raise ToolFailedError(
                f"{self.who}: {method} was refused: {str(answer['error'].get('message'))[:200]}",
                hint="Node.js 18 and newer know this call",
            )
        result: dict[str, Any] = answer["result"]
        return result

    def keep(self, event: str) -> None:
        """Keep the parameters of such events from now on, until they are asked for."""
        self._kept.setdefault(event, [])

    def kept(self, event: str) -> list[dict[str, Any]]:
        """Return the parameters of the events that have come; does not wait for any."""
        found = self._kept.get(event, [])
        self._kept[event] = []
        return found

    def _keep(self, said: dict[str, Any]) -> None:
        if (event := said.get("method")) in self._kept:
            self._kept[event].append(said["params"])

    def awaited(self, event: str, within_s: float) -> dict[str, Any] | None:
        """Return the parameters of the next such event, None when it does not come in time."""
        deadline = time.monotonic() + within_s
        try:
            while True:
                said = json.loads(self._socket.receive(deadline, self._cancellation))
                self._keep(said)
                self._passed.add(str(said.get("method")))
                if said.get("method") == event:
                    found: dict[str, Any] = said["params"]
                    return found
        except (OSError, ValueError, InspectorClosedError):
            return None

    def told(self, event: str) -> bool:
        """Tell whether such an event has come since this was asked last; does not wait for one."""
        found = event in self._passed
        self._passed.clear()
        try:
            while self._socket.waiting():
                said = json.loads(self._socket.receive(time.monotonic() + _CALL_S))
                self._keep(said)
                found = found or said.get("method") == event
        except (OSError, ValueError, InspectorClosedError) as error:
            raise ToolFailedError(
                f"{self.who}: it ended while it was recorded: {error}",
                hint="Record for less time, or give the command that starts it",
            ) from None
        return found

    def leave_alone(self) -> None:
        """Calls from now on tidy up: they go on though the work is called off."""
        self._cancellation = None

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def debugger_url(port: int) -> str | None:
    """Return the address of the program's debugger behind a port, None when there is none."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/json/list", timeout=_CALL_S, trust_env=False)
        targets = answer.json()
    except (httpx.HTTPError, ValueError):
        return None
    if not isinstance(targets, list) or not targets or not isinstance(targets[0], dict):
        return None
    path = urlsplit(str(targets[0].get("webSocketDebuggerUrl", ""))).path
    return f"ws://127.0.0.1:{port}{path}" if path else None
