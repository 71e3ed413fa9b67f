"""The depots' stock servers, all behind one address."""
import asyncio
import os
import random
from urllib.parse import parse_qs, urlsplit

DEPOTS = {"leuven": 7, "gent": 3, "hasselt": 11, "mons": 5}


def stock(depot: str, goods: list[str]) -> str:
    lines = []
    for name in goods:
        amount = sum(map(ord, name)) * DEPOTS[depot] % 900
        lines.append(f"{name};{amount};{amount // 3}")
    return "\n".join(lines)


async def serve(reader, writer) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            url = urlsplit(head.split(" ", 2)[1])
            depot = url.path.strip("/").split("/")[0]
            await asyncio.sleep(random.uniform(0.026, 0.034))
            known = depot in DEPOTS
            body = stock(depot, parse_qs(url.query).get("goods", [""])[0].split(",")).encode() if known else b""
            writer.write(b"HTTP/1.1 %d OK\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n"
                         % (200 if known else 404, len(body)) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()


asyncio.run(main())
