"""Stand-in for the warehouse floor system: says on which shelf a quantity can be picked."""
import asyncio
import json
import os
import zlib
from urllib.parse import parse_qs, urlsplit

SCAN_SECONDS = 0.045


async def handle(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = urlsplit(head.split(b" ", 2)[1].decode())
            body = b"{}"
            if target.path == "/shelves":
                await asyncio.sleep(SCAN_SECONDS)
                sku = parse_qs(target.query).get("sku", [""])[0]
                body = json.dumps({"shelf": f"S{zlib.crc32(sku.encode()) % 900:03d}"}).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
