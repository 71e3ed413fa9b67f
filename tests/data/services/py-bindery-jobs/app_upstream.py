"""The stock system: what lies in the store, what it costs, what comes when."""
import asyncio
import json
import os
import zlib

WAITS = {"stock": 0.034, "prices": 0.026, "deliveries": 0.03}


def answer(kind, article):
    n = zlib.crc32(article.encode())
    if kind == "stock":
        return {"article": article, "on_hand": 500 + n % 900}
    if kind == "prices":
        return {"article": article, "price": 0.4 + n % 70 / 20}
    return {"article": article, "in_days": 2 + n % 9, "units": 400}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            kind, _, article = head.split(b" ", 2)[1].decode().strip("/").partition("/")
            await asyncio.sleep(WAITS.get(kind, 0))
            body = json.dumps(answer(kind, article)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]), backlog=200)
    await server.serve_forever()


asyncio.run(main())
