"""The neighbour that is asked."""

import asyncio
import os

DELAY_S = 0.3


async def answer(reader, writer):
    try:
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            await asyncio.sleep(DELAY_S)
            body = b'{"factor": 3, "day": "mon"}'
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
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
