"""The front desk's register of member cards."""
import asyncio
import os

LEVELS = ["beginner", "regular", "patron"]


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            number = head.split(b" ", 2)[1].decode().rsplit("/", 1)[-1]
            await asyncio.sleep(0.018)
            n = int(number[-5:])
            body = f"member-{n};{LEVELS[n % 3]};2031-12-31\n"
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"])) as server:
        await server.serve_forever()


asyncio.run(main())
