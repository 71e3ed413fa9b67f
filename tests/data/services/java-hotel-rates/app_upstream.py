"""The channel manager of the hotels: the rate of a room for a night, any number at a time."""
import asyncio
import os
import zlib

LOOKUP_SECONDS = 0.04


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            answer = "up"
            if target.startswith("/rate"):
                await asyncio.sleep(LOOKUP_SECONDS)
                answer = str(6500 + zlib.crc32(target.encode()) % 9000)
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
