"""The signing unit that the tax office prescribes: signs any number of slips at a time, each in about 32 ms."""
import asyncio
import hashlib
import json
import os


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
            content = await reader.readexactly(length)
            await asyncio.sleep(0.032)
            body = json.dumps({"signature": hashlib.sha256(content).hexdigest(), "unit": "SU-2"}).encode()
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
