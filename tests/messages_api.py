"""A local server that speaks the Messages API: scripted turns, streamed or whole, and its errors.

A turn of the script is a list of content blocks, or one of the classes below; a function of the
request's body that returns one; or an int, the status of an error.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_USAGE = {
    "input_tokens": 1000,
    "output_tokens": 100,
    "cache_creation_input_tokens": 200,
    "cache_read_input_tokens": 300,
}
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class Turn:
    """Content that ends for a reason of its own."""

    blocks: list[dict[str, Any]]
    stop: str


@dataclass(frozen=True)
class Breaks:
    """A streamed answer that breaks: an error event of this type, or the connection is cut."""

    error: str | None
    blocks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def said(text: str) -> dict[str, Any]:
    """Return a text block."""
    return {"type": "text", "text": text}


def uses(name: str, given: Any, call: str = "toolu_1") -> dict[str, Any]:
    """Return a tool call; `given` as text is sent as the (perhaps malformed) JSON."""
    return {"type": "tool_use", "id": call, "name": name, "input": given}


class MessagesApi:
    """The server. `requests` are the bodies of the messages that came."""

    def __init__(self, script: list[Any]) -> None:
        self.script = list(script)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.counted = 0
        self._lock = threading.Lock()

    def next(self, body: dict[str, Any]) -> Any:
        """Return the turn that answers a request."""
        with self._lock:
            self.requests.append(body)
            turn = self.script.pop(0) if self.script else [said("No more is scripted.")]
        return turn(body) if callable(turn) else turn

    def results(self, at: int) -> list[dict[str, Any]]:
        """Return the tool results that a request ends with."""
        content = self.requests[at]["messages"][-1]["content"]
        return [block for block in content if block["type"] == "tool_result"]

    @contextmanager
    def up(self) -> Iterator[str]:
        """Serve on loopback beside the block; yields the base URL."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(api: MessagesApi) -> Callable[..., BaseHTTPRequestHandler]:  # noqa: C901 - a class
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            """Keep silent."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            api.headers.append({k.lower(): v for k, v in self.headers.items()})
            if "count_tokens" in self.path:
                api.counted += 1
                return self._json({"input_tokens": len(json.dumps(body)) // 4})
            turn = api.next(body)
            if isinstance(turn, int):
                error = {"type": _ERRORS[turn], "message": f"scripted {turn}"}
                return self._json({"type": "error", "error": error}, turn)
            breaks = turn if isinstance(turn, Breaks) else None
            blocks = turn if isinstance(turn, list) else turn.blocks
            uses_tools = any(block["type"] == "tool_use" for block in blocks)
            stop = turn.stop if isinstance(turn, Turn) else None
            message = {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": blocks,
                "stop_reason": stop or ("tool_use" if uses_tools else "end_turn"),
                "stop_sequence": None,
                "usage": _USAGE,
            }
            if body.get("stream"):
                return self._stream(message, breaks)
            return self._json(message)

        def _json(self, content: Any, status: int = 200) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.send_header("retry-after-ms", "20")
            self.end_headers()
            self.wfile.write(data)

        def _event(self, name: str, content: dict[str, Any]) -> None:
            data = json.dumps({"type": name, **content})
            piece = f"event: {name}\ndata: {data}\n\n".encode()
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()

        def _stream(self, message: dict[str, Any], breaks: Breaks | None) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            start = {**message, "content": [], "stop_reason": None}
            start["usage"] = {**_USAGE, "output_tokens": 1}
            self._event("message_start", {"message": start})
            for index, block in enumerate(message["content"]):
                self._block(index, block)
            if breaks is not None:
                if breaks.error:
                    error = {"type": breaks.error, "message": "scripted"}
                    self._event("error", {"error": error})
                    self.wfile.write(b"0\r\n\r\n")
                self.close_connection = True
                return
            delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
            self._event("message_delta", {"delta": delta, "usage": _USAGE})
            self._event("message_stop", {})
            self.wfile.write(b"0\r\n\r\n")

        def _block(self, index: int, block: dict[str, Any]) -> None:
            if block["type"] == "text":
                begun: dict[str, Any] = {"type": "text", "text": ""}
                pieces = block["text"].split(" ")
                deltas = [{"type": "text_delta", "text": f"{word} "} for word in pieces]
            else:
                begun = {**block, "input": {}}
                given = block["input"]
                text = given if isinstance(given, str) else json.dumps(given)
                half = len(text) // 2
                deltas = [
                    {"type": "input_json_delta", "partial_json": part}
                    for part in (text[:half], text[half:])
                ]
            self._event("content_block_start", {"index": index, "content_block": begun})
            for delta in deltas:
                self._event("content_block_delta", {"index": index, "delta": delta})
            self._event("content_block_stop", {"index": index})

    return Handler
