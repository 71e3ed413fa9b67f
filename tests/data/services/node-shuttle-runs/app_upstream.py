"""The traffic centre: minutes to a stop from the loops in the road, any number at a time."""
import asyncio
import json
import os
import zlib


async def serve(reader, writer):
    try:
        while True:
            target = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ", 2)[1]
            seed = zlib.crc32(target.encode())
            await asyncio.sleep(0.018 + seed % 14 / 1000)
            body = json.dumps({"minutes": 1 + seed % 5, "jam": seed % 4 == 0, "measured": seed % 60}).encode()
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
