"""A small server for load tests, on real sockets: its paths behave as they are named."""

import asyncio
import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
Reply = Callable[["Server", bytes, asyncio.StreamWriter], Awaitable[bool]]


class Server:
    """A server in a thread; a handler answers and says whether the connection stays open."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self.connections = 0
        self.requests: list[bytes] = []
        self.stalled_until = 0.0
        self._tls = tls
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    def url(self, path: str) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._stop = asyncio.Event()
        self._clients: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._client, "127.0.0.1", 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        self.connections += 1
        try:
            while await self._one(reader, writer):
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._clients.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line[15:])
        self.requests.append(head + await reader.readexactly(length))
        reply = REPLIES[head.split()[1].split(b"?")[0].decode()]
        return await reply(self, head, writer)


def says(data: bytes, *, stay: bool = True) -> Reply:
    async def reply(_server: Server, _head: bytes, writer: asyncio.StreamWriter) -> bool:
        writer.write(data)
        await writer.drain()
        return stay

    return reply


async def _waits(_server: Server, _head: bytes, writer: asyncio.StreamWriter) -> bool:
    await asyncio.sleep(0.05)
    writer.write(OK)
    return True


async def _hangs(_server: Server, _head: bytes, _writer: asyncio.StreamWriter) -> bool:
    await asyncio.sleep(60)
    return False


async def _stalls_once(server: Server, _head: bytes, writer: asyncio.StreamWriter) -> bool:
    """Serve nobody for a second, beginning with the first request."""
    server.stalled_until = server.stalled_until or time.monotonic() + 1.0
    await asyncio.sleep(max(server.stalled_until - time.monotonic(), 0))
    writer.write(OK)
    return True


async def _in_pieces(_server: Server, _head: bytes, writer: asyncio.StreamWriter) -> bool:
    whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n6;x=y\r\npedia \r\n"
    for byte in whole + b"0\r\nTrailer: t\r\n\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
    return True


async def _slow_body(_server: Server, _head: bytes, writer: asyncio.StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
    for byte in b"abc":
        await writer.drain()
        await asyncio.sleep(0.04)
        writer.write(bytes([byte]))
    return True


async def _closes_idle(_server: Server, _head: bytes, writer: asyncio.StreamWriter) -> bool:
    """Answer as if the connection stayed, and close it when the next request is under way."""
    writer.write(OK)
    await writer.drain()
    await asyncio.sleep(0.02)
    return False


def without_end(head: bytes, part: bytes, pause_s: float = 0.0) -> Reply:
    """Say a head, then the same part over and over until the client goes."""

    async def reply(_server: Server, _head: bytes, writer: asyncio.StreamWriter) -> bool:
        writer.write(head)
        while not writer.is_closing():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
        return False

    return reply


async def _resets(_server: Server, _head: bytes, writer: asyncio.StreamWriter) -> bool:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    await writer.drain()
    writer.transport.abort()
    return False


async def _logs_in(server: Server, _head: bytes, writer: asyncio.StreamWriter) -> bool:
    """Give each client a token of its own in all places where there may be one."""
    number = len(server.requests)
    body = gzip.compress(f'{{"data": [{{"token": "json-{number}"}}], "n": {number}}}'.encode())
    lines = (
        f"HTTP/1.1 200 OK\r\nX-Token: header-{number}\r\nSet-Cookie: sid=cookie-{number}; Path=/"
        f"\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(lines.encode() + body)
    return True


REPLIES: dict[str, Reply] = {
    "/ok": says(OK),
    "/wait": _waits,
    "/hang": _hangs,
    "/stall": _stalls_once,
    "/pieces": _in_pieces,
    "/slow-body": _slow_body,
    "/closes-idle": _closes_idle,
    "/closes": says(OK.replace(b"\r\n", b"\r\nConnection: close\r\n", 1), stay=False),
    "/old": says(b"HTTP/1.0 200 OK\r\n\r\nuntil the end", stay=False),
    "/empty": says(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "/same": says(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 900\r\n\r\n"),
    "/head": says(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"),
    "/early": says(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK),
    "/moved": says(b"HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n"),
    "/fails": says(b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno"),
    "/cut": says(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nonly this", stay=False),
    "/gone": says(b"", stay=False),
    "/nonsense": says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "/too-much": says(OK + b"and more"),
    "/login": _logs_in,
    "/item": says(OK),
    # what no server should do
    "/endless": without_end(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
    "/endless-chunks": without_end(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 500
    ),
    "/endless-head": without_end(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n" * 500),
    "/endless-early": without_end(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "/loris": without_end(b"HTTP/1.1 200 OK\r\nX: ", b"y", 0.02),
    "/huge-head": says(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"),
    "/tiny-chunks": says(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1\r\nx\r\n" * 5000
        + b"0\r\n\r\n"
    ),
    "/long-number": says(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"),
    "/no-number": says(b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n0123456789"),
    "/odd-chunk": says(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n"
    ),
    "/resets": _resets,
    "/half-head": says(b"HTTP/1.1 200 OK\r\nContent-Le", stay=False),
}
