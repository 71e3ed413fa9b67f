"""A store of lines: each line asked is answered with one, after a while."""

import asyncio
import os

DELAY_S = 0.04


async def answer(reader, writer):
    try:
        while await reader.readline():
            await asyncio.sleep(DELAY_S)
            writer.write(b"42\n")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
