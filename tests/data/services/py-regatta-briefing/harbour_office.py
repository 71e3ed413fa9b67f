"""The harbour office: wind, tide, ships and papers."""
import asyncio
import json
import os
from urllib.parse import parse_qs, urlsplit

DELAY = {"/wind": 0.034, "/tide": 0.026, "/traffic": 0.047, "/rescue": 0.022, "/notices": 0.038, "/entries": 0.029}


def content(path: str, query: dict) -> dict:
    area = int(query.get("area", ["area-1"])[0][-1])
    return {
        "/wind": {"knots": 12 + area, "from": 230},
        "/tide": {"sets_to": 40 * area, "high_water": "14:52"},
        "/traffic": {"ships": [{"name": f"MV {n}", "minutes": 35 * n} for n in range(1, 5)]},
        "/rescue": {"boats": [{"name": f"RIB {n}", "manned": n != 2} for n in range(1, 5)]},
        "/notices": {"notices": [{"number": f"SI {n}", "text": "Amendment to rule " + str(n)} for n in range(3, 8)]},
        "/entries": {"count": 41},
    }[path]


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            target = urlsplit(head.split(" ", 2)[1])
            if target.path in DELAY:
                await asyncio.sleep(DELAY[target.path])
                status, body = 200, json.dumps(content(target.path, parse_qs(target.query))).encode()
            else:
                status, body = 404, b"{}"
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
