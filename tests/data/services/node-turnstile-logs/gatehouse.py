"""The gatehouse: confirms entries line by line, on any number of connections at a time."""
import asyncio
import json
import os
import random


async def serve(reader, writer):
    while line := await reader.readline():
        entry = json.loads(line)
        await asyncio.sleep(0.032 + random.random() * 0.006)
        writer.write(json.dumps({"card": entry["card"], "open": True}).encode() + b"\n")
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
