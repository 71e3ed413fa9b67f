"""The payment provider: charges a card."""
import asyncio
import json
import os
import random


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next((int(x.split(":")[1]) for x in head.split("\r\n") if x.startswith("content-length")), 0)
            await reader.readexactly(length)
            await asyncio.sleep(random.uniform(0.046, 0.058))
            body = json.dumps({"receipt": f"r-{random.getrandbits(40):010x}"})
            writer.write(f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"])) as server:
        await server.serve_forever()


asyncio.run(main())
