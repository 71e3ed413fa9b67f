"""Which features are switched on for whom: the rules of a tenant are computed anew for each asker, some 200 ms."""
import asyncio
import json
import os
import random

RULES = {"online-payment": True, "winter-discount": True, "water-metering": False, "new-letter": True}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b" /switches" in head.split(b"\r\n", 1)[0]:
                await asyncio.sleep(random.uniform(0.17, 0.25))
            body = json.dumps(RULES).encode()
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
