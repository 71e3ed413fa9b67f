"""The controllers of three locker sites behind one gateway."""
import asyncio
import itertools
import json
import os
from urllib.parse import parse_qs, urlsplit

codes = itertools.count(418207, 7919)


async def answer(method: str, target: str) -> tuple[int, object]:
    url = urlsplit(target)
    query = {k: v[0] for k, v in parse_qs(url.query).items()}
    _, site, *rest = url.path.split("/")
    match method, rest:
        case "GET", ["events"]:
            await asyncio.sleep(min(float(query["hold"]), 3.2))
            last = int(query["after"]) + 1
            return 200, {"last": last, "events": [{"id": last, "kind": "opened" if last % 3 else "closed", "site": site}]}
        case "GET", ["compartments"]:
            await asyncio.sleep(0.009)
            return 200, [{"id": f"{site[0].upper()}{n}", "size": "SML"[n % 3], "uses": n * 7 % 11} for n in range(1, 25)]
        case "POST", ["compartments", _, "codes"]:
            await asyncio.sleep(0.012)
            return 201, {"code": f"{next(codes) % 1000000:06d}"}
    return 404, {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, target, _ = head.split(" ", 2)
            length = next((int(line.split(":")[1]) for line in head.lower().split("\r\n")
                           if line.startswith("content-length:")), 0)
            await reader.readexactly(length)
            status, content = await answer(method, target)
            body = json.dumps(content).encode()
            writer.write(b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                         % (status, len(body)) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
