"""Two exchange desks behind one gateway; Zurich is very busy today."""
import asyncio
import os

WAIT = {"zurich": 6.0, "mumbai": 0.009}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            _, _, desk, _, currency = head.split(b" ", 2)[1].decode().split("/")
            await asyncio.sleep(WAIT[desk])
            answer = f"{0.5 + sum(map(ord, currency)) / 400:.4f}\n"
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(answer)}\r\n\r\n{answer}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"])) as server:
        await server.serve_forever()


asyncio.run(main())
