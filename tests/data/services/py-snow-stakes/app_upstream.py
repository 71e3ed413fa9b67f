"""The avalanche office: today's danger levels of a range."""
import asyncio
import json
import os

LEVELS = {"west": [2, 3, 3, 4], "east": [1, 2, 2, 2]}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            name = path.rsplit("/", 1)[1]
            await asyncio.sleep(0.006)
            text = json.dumps({"range": name, "levels": LEVELS.get(name, [])}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
