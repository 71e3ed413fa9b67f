"""The road service: distance, time and tolls between two postcodes, for many callers at a time."""
import asyncio
import json
import os
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

ROUTE_SECONDS = 0.052


def route(query):
    n = crc32((query["from"][0] + query["to"][0]).encode())
    km = 4 + n % 900 / 10
    return {"kilometers": km, "minutes": round(12 + km * 0.9), "tolls": round(n % 7 * 1.4, 2)}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = urlsplit(head.split(b" ", 2)[1].decode())
            await asyncio.sleep(ROUTE_SECONDS)
            answer = json.dumps(route(parse_qs(target.query))).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
