"""The road atlas: kilometres by road between two postcode districts."""
import asyncio
import json
import os
import zlib
from urllib.parse import parse_qs, urlsplit

LOOKUP_SECONDS = 0.017


def road(query):
    origin, destination = query["from"][0], query["to"][0]
    km = 8 + zlib.crc32(f"{origin}>{destination}".encode()) % 600
    return {"km": km, "toll": round(km * 0.06, 2) if km > 200 else 0, "ferry": km % 41 == 0}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = urlsplit(head.split(b" ", 2)[1].decode())
            body = {}
            if target.path == "/road":
                await asyncio.sleep(LOOKUP_SECONDS)
                body = road(parse_qs(target.query))
            text = json.dumps(body).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
