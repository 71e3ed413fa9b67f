"""An event loop of Python's asyncio: `loop.py BEHAVIOUR [name=value ...]`. Tells its port."""

import asyncio
import random
import resource
import sys
import time

ANSWER = b"HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\nok"
options = {name: float(value) for name, value in (word.split("=") for word in sys.argv[2:])}
kind, ms = sys.argv[1], options.get("ms", 10.0)
slots = asyncio.Semaphore(int(options.get("slots", 1)))
source = random.Random(11)
kept: list[bytes] = []
under_way = 0


async def handle() -> int:
    global under_way
    if kind == "cpu":
        end = time.process_time() + ms / 1000
        while time.process_time() < end:
            pass
    elif kind == "pool":
        async with slots:
            spread = options.get("spread", 0.0)
            factor = source.lognormvariate(-spread * spread / 2, spread) if spread else 1.0
            await asyncio.sleep(ms * factor / 1000)
    elif kind == "limit":
        if under_way >= options["most"]:
            return int(options.get("status", 503))
        under_way += 1
        await asyncio.sleep(ms / 1000)
        under_way -= 1
    elif kind == "growing":
        kept.append(b"x" * int(options["kb"] * 1000))
        await asyncio.sleep(ms / 1000)
    elif kind == "healthy":
        await asyncio.sleep(ms / 1000)
    else:
        sys.exit(f"no behaviour {kind!r}")
    return 200


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(ANSWER % await handle())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if "files" in options:
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(options["files"]),) * 2)
asyncio.run(main())
