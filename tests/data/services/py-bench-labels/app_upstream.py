"""Bench printers: take commands over a raw port and answer when the head has moved."""
import asyncio
import os
import random


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            if line.startswith(b"~HS"):
                await asyncio.sleep(0.006)
                writer.write(b"\x020,0,3,0\x03")
            elif line.startswith(b"~JP"):
                await asyncio.sleep(0.018 + random.random() * 0.005)
                writer.write(b"\x024\x03")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
