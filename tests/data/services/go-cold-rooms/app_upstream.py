"""The field gateway: asks a probe by radio, which takes one slot of the air, and answers with what it measured."""
import asyncio
import os
import random

SLOT = 0.046


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            verb, _, probe = line.decode().strip().partition(" ")
            if verb != "READ" or not probe.startswith("T"):
                writer.write(b"ERR unknown\n")
            else:
                await asyncio.sleep(SLOT + random.random() * 0.008)
                celsius = -1 + (int(probe[1:]) * 37 % 80) / 10 + random.random() * 0.4
                writer.write(f"OK {probe} {celsius:.2f} {70 + int(probe[1:]) % 30}\n".encode())
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
