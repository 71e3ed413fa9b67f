"""Gateway to the lift controllers of all buildings."""
import asyncio
import json
import os
import random

trips: dict[str, int] = {}


def reading(lift: str) -> dict:
    trips[lift] = trips.get(lift, 0) + random.randint(0, 1)
    return {"floor": random.randint(-1, 24), "load": round(random.random(), 2), "trips": trips[lift],
            "door": random.choice(("open", "closed")), "code": random.choice((0,) * 60 + (17, 31, 44))}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lift = head.split(" ", 2)[1].rsplit("/", 1)[1]
            await asyncio.sleep(random.uniform(0.006, 0.010))       # the field bus
            body = json.dumps(reading(lift)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
