"""The timber association's price service: reference prices for a batch of assortments, any number at a time."""
import asyncio
import json
import os

BASE = {"oak": 310, "ash": 140, "larch": 125, "spruce": 96, "beech": 104}
FACTOR = {"A": 1.35, "B": 1.0, "C": 0.72}


def price(key):
    species, grade, diameter = key.split("/")
    return round(BASE[species] * FACTOR[grade] * (0.8 + int(diameter) / 120), 2)


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
            asked = json.loads(await reader.readexactly(length) or b"[]")
            await asyncio.sleep(0.034)
            body = json.dumps({key: price(key) for key in asked}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
