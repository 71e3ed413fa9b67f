"""The probes' gateway: air temperature and humidity of a probe, any number at a time."""
import asyncio
import json
import os
import random
import zlib


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            probe = head.split(b" ", 2)[1].rsplit(b"/", 1)[-1]
            await asyncio.sleep(random.uniform(0.016, 0.03))
            n = zlib.crc32(probe)
            body = json.dumps({"probe": probe.decode(), "air": round(n % 70 / 10 - 2.5, 1), "humidity": 55 + n % 40}).encode()
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
