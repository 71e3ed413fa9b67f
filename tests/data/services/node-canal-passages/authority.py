"""The waterways authority's information desk."""
import asyncio
import json
import os
import random
from urllib.parse import parse_qs, urlsplit


def levels(canal, query):
    return {"gauges": [{"at": f"km {k * 5}", "metres": round(1.9 + (k * 7 + len(canal)) % 9 / 10, 2)} for k in range(6)]}


def chambers(canal, query):
    return {"chambers": [{"number": n, "opens": "06:00", "closes": "19:30" if n % 3 else "18:00"} for n in range(1, 10)]}


def weather(canal, query):
    return {"wind": "SW 4", "gusts": 38, "fog": canal == "zk"}


def closures(canal, query):
    return {"closures": [{"chamber": 5, "until": "04:45", "why": "gate greased"}]}


def moorings(canal, query):
    return {"free": [f"{canal}-quay-{n}" for n in (2, 3, 7, 11, 19)]}


def dues(canal, query):
    return {"cents": 1250 + int(query["tons"][0]) * 9}


DESKS = {"/levels": (levels, 38), "/chambers": (chambers, 29), "/weather": (weather, 45), "/closures": (closures, 33),
         "/moorings": (moorings, 41), "/dues": (dues, 26)}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = urlsplit(head.split(b" ", 2)[1].decode())
            desk, typical = DESKS[target.path]
            query = parse_qs(target.query)
            await asyncio.sleep(random.gauss(typical, 3) / 1000)
            body = json.dumps(desk(query["canal"][0], query)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
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
