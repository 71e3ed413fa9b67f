"""The credit agency: grades of companies, a moment's look-up each."""
import asyncio
import os


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            name = head.split(b" ", 2)[1].decode().rsplit("/", 1)[-1]
            await asyncio.sleep(0.052)
            answer = '{"grade": "%s", "deposit_months": %d}' % ("ABC"[len(name) % 3], 2 + len(name) % 3)
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
