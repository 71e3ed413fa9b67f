"""The town's information service: a sentence on a topic, or the seats of an event that are sold."""
import asyncio
import json
import os
from urllib.parse import parse_qs, urlsplit

PAUSE = {"weather": 0.009, "trams": 0.006, "parking": 0.007, "dinner": 0.008, "sold": 0.01}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = urlsplit(head.split(b" ", 2)[1].decode())
            query = parse_qs(target.query)
            topic, _, event = target.path.strip("/").partition("/")
            await asyncio.sleep(PAUSE.get(topic, 0))
            if topic == "sold":
                seats = int(query["of"][0])
                body = json.dumps([n for n in range(seats) if n * 7919 % 10 < 6])
            else:
                body = json.dumps(f"{topic}: nothing out of the ordinary on the day of {query.get('event', ['?'])[0]}")
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
