"""The controller of the racks: says which lift brings a set, any number at a time."""
import asyncio
import os


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(0.048)
            answer = '{"lift": %d, "seconds": %d}' % (len(head) % 3 + 1, 40)
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n{answer}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"])) as server:
        await server.serve_forever()


asyncio.run(main())
