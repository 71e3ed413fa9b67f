"""The freight exchange: quotes a price for a shipment."""
import asyncio
import json
import os
from urllib.parse import parse_qs, urlsplit


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            query = parse_qs(urlsplit(head.split(" ", 2)[1]).query)
            kg = float(query.get("kg", ["100"])[0])
            await asyncio.sleep(0.05)
            body = json.dumps({"carrier": "Nordfracht", "price": round(40 + kg * 0.31, 2)}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()


asyncio.run(main())
