"""The land registry's layers: outlines of a plot in one layer, made in some 24 ms, any number at a time."""
import asyncio
import json
import os

DELAY = {"parcels": 0.024, "relief": 0.028, "water": 0.021, "rights": 0.019}


def shapes(plot, layer):
    seed = sum(map(ord, plot + layer))
    return [[[(seed * (k + 3) + n * 17) % 400, (seed * (n + 5) + k * 29) % 300] for n in range(14)] for k in range(18)]


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            parts = head.split(" ", 2)[1].strip("/").split("/")
            layer = parts[-1]
            await asyncio.sleep(DELAY.get(layer, 0.02))
            body = json.dumps({"layer": layer, "shapes": shapes(parts[0], layer)}).encode()
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
