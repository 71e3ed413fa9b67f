"""The city's register of citizens: which concession someone has on a day."""
import asyncio
import json
import os
from http import HTTPStatus

KINDS = ["student", "senior", "family", "none"]


async def lookup(path: str) -> tuple[HTTPStatus, dict]:
    parts = path.split("?")[0].strip("/").split("/")
    if len(parts) != 3 or parts[2] != "concession":
        return HTTPStatus.NOT_FOUND, {}
    await asyncio.sleep(0.055)
    return HTTPStatus.OK, {"citizen": parts[1], "concession": KINDS[int(parts[1][1:]) % 4]}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            status, content = await lookup(head.decode().split(" ", 2)[1])
            body = json.dumps(content).encode()
            writer.write(f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json\r\n"
                         f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
