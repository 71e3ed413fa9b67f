"""The data house: vessel particulars, port risks and sanctions screening."""
import asyncio
import json
import os
import random

PORTS = {"NLRTM": 1, "BRSSZ": 3, "SGSIN": 1, "NGLOS": 5}
dice = random.Random(4)


async def answer(method: str, path: str) -> tuple[int, dict]:
    kind, _, key = path.strip("/").partition("/")
    if kind == "vessels":
        await asyncio.sleep(0.006)
        return 200, {"imo": key, "built": 1990 + int(key) % 30, "flag": "LR", "class": "LR"}
    if kind == "ports":
        await asyncio.sleep(0.004)
        return (200, {"port": key, "risk": PORTS[key]}) if key in PORTS else (404, {})
    if kind == "screening":
        await asyncio.sleep(dice.uniform(0.22, 0.31))
        return 200, {"imo": key, "hits": [], "lists": ["EU", "UN", "OFAC"]}
    return 404, {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, path, _ = head.split(" ", 2)
            status, content = await answer(method, path)
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
