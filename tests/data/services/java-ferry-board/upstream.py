import asyncio
import json
import os
import random


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            name = head.split(b" ", 2)[1].decode().rpartition("/")[2]
            await asyncio.sleep((0.004 + len(name) % 5 * 0.002) * random.uniform(0.9, 1.2))
            text = json.dumps({"berth": name, "fee": 11 + len(name), "free": len(name) % 3 > 0}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()

asyncio.run(main())
