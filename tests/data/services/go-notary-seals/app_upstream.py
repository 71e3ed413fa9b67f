"""The signing appliance: signs at once, any number together; a countersignature asks a time stamp authority first."""
import asyncio
import hashlib
import json
import os
import random


async def stamp(path: str, body: dict) -> tuple[int, dict]:
    if path == "/sign":
        await asyncio.sleep(random.uniform(0.018, 0.026))
        return 200, {"stamp": hashlib.sha1(body["digest"].encode()).hexdigest()}
    if path == "/countersign":
        await asyncio.sleep(random.uniform(0.13, 0.19))
        return 200, {"stamp": hashlib.sha1(body["stamp"].encode()).hexdigest()}
    return 404, {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ", 2)[1]
            length = next((int(line.split(":")[1]) for line in head.lower().split("\r\n")
                           if line.startswith("content-length:")), 0)
            status, content = await stamp(path, json.loads(await reader.readexactly(length)))
            body = json.dumps(content).encode()
            writer.write(b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
