"""The systems of the cold stores behind one gateway: free places by class."""
import asyncio
import json
import os
import random


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            n = sum(map(ord, head.split(" ", 2)[1]))
            await asyncio.sleep(0.024 + n % 13 / 1000 + random.random() * 0.006)
            body = json.dumps({"free": n % 60, "rate": 3.5 + n % 9 * 0.2}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
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
