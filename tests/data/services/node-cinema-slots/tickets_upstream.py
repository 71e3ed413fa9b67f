"""Ticketing: how full the halls of a cinema are."""
import asyncio, json, os


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            cinema = int("".join(c for c in head.split(" ")[1] if c.isdigit()) or 0)
            await asyncio.sleep(0.004)
            data = json.dumps({str(h): (cinema * 13 + h * 29) % 100 for h in range(1, 9)}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(data) + data)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()

asyncio.run(main())
