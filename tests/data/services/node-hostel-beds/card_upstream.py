"""Acquirer: holds a deposit on a guest's card."""
import asyncio, json, os, random


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            size = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0)
            if size:
                await reader.readexactly(size)
            await asyncio.sleep(0.018 + random.random() * 0.006)
            body = json.dumps({"hold": "h%08x" % random.getrandbits(32)}).encode()
            writer.write(b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()

asyncio.run(main())
