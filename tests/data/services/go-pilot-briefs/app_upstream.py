"""The port's information desk: ships, weather, tides, berths, tugs, notices and traffic."""
import asyncio
import json
import os
from urllib.parse import parse_qs, urlsplit

WAITS = {"ships": 0.034, "wind": 0.046, "tides": 0.028, "berths": 0.037, "tugs": 0.052, "notices": 0.041, "traffic": 0.044}


def answer(what, key):
    n = sum(map(ord, key)) % 17
    return {
        "ships": {"imo": key, "name": f"Vessel {n}", "length": 120 + n * 6, "draught": 6.5 + n * 0.2},
        "wind": {"knots": 9 + n, "from": n * 20},
        "tides": {"high": f"{n % 12:02}:40", "height": 3.1 + n * 0.1, "stream": 0.4 + n * 0.05},
        "berths": {"berth": key, "depth": 9.5 + n * 0.1, "length": 240, "side": "port" if n % 2 else "starboard"},
        "tugs": [{"name": f"Tug {i}", "bollard": 40 + i * 5, "free": (i + n) % 3 > 0} for i in range(6)],
        "notices": [f"Buoy {i} unlit" for i in range(n % 4)],
        "traffic": [{"ship": f"V{i}", "passes": f"{8 + i}:10"} for i in range(n % 5)],
    }.get(what)


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = urlsplit(head.split(b" ", 2)[1].decode())
            what = target.path.strip("/").split("/")[0]
            await asyncio.sleep(WAITS.get(what, 0))
            body = json.dumps(answer(what, parse_qs(target.query).get("key", ["x"])[0])).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
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
