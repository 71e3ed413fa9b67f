"""The bank's gateway: says whether a mandate covers an amount."""
import asyncio
import itertools
import json
import os
import random

codes = itertools.count(70000)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length:")[1].split("\r\n")[0])
            wanted = json.loads(await reader.readexactly(length))
            await asyncio.sleep(0.035 + random.random() * 0.015)
            granted = wanted["amount"] < 5000
            body = json.dumps({"granted": granted, "code": f"Z{next(codes)}", "reason": None if granted else "limit"}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
