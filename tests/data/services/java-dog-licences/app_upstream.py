"""The county's till: books a fee and gives the number of the receipt."""
import asyncio
import itertools
import json
import os

numbers = itertools.count(700001)


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next((int(l.split(":")[1]) for l in head.split("\r\n") if l.startswith("content-length:")), 0)
            await reader.readexactly(length)
            await asyncio.sleep(0.024)
            body = json.dumps({"receipt": f"T{next(numbers)}"}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
