"""The national vehicle registry: what is recorded about a car. Takes as many callers as come."""
import asyncio
import json
import os
import random

LOOKUP_SECONDS = (0.042, 0.056)


def record(vin):
    seed = sum(map(ord, vin))
    return {
        "vin": vin,
        "make": ("Arden", "Belmont", "Corvo", "Delta")[seed % 4],
        "year": 2008 + seed % 14,
        "owners": 1 + seed % 4,
        "accidents": [{"year": 2012 + (seed + n) % 10, "severity": 1 + (seed + n) % 3} for n in range(seed % 3)],
    }


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            await asyncio.sleep(random.uniform(*LOOKUP_SECONDS))
            body = json.dumps(record(path.rsplit("/", 1)[-1]))
            writer.write(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]), backlog=256)
    async with server:
        await server.serve_forever()


asyncio.run(main())
