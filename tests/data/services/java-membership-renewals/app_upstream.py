"""The card processor of the clubs: charges a fee, any number at a time."""
import asyncio
import itertools
import os

CHARGE_SECONDS = 0.045
numbers = itertools.count(51_000)


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            answer = "up"
            if b" /charges" in head.split(b"\r\n", 1)[0]:
                await asyncio.sleep(CHARGE_SECONDS)
                answer = f"ch_{next(numbers)}"
            writer.write(
                f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(answer)}\r\n\r\n{answer}".encode()
            )
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
