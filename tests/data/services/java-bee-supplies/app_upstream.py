"""The warehouse and its carriers: stock of an article, freight of a parcel. Answers any number of callers at a time."""
import asyncio
import json
import os
from urllib.parse import parse_qs, urlsplit


async def answer(target):
    if target.path.startswith("/stock/"):
        article = target.path.rsplit("/", 1)[1]
        await asyncio.sleep(0.007)
        n = int(article[1:])
        return {"article": article, "pieces": n % 63, "depot": ("main", "north", "port")[n % 3], "bulky": n % 17 == 0}
    query = parse_qs(target.query)
    await asyncio.sleep(0.033)
    return {"cents": 390 + int(query["grams"][0]) // 40 + (220 if query["region"][0] == "island" else 0)}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            body = json.dumps(await answer(urlsplit(head.split(b" ", 2)[1].decode()))).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
