"""The biometrics service: judges photographs, many at a time."""
import asyncio
import json
import os


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next((int(line.split(":")[1]) for line in head.split("\r\n")
                           if line.startswith("content-length:")), 0)
            photo = json.loads(await reader.readexactly(length))["photo"]
            await asyncio.sleep(0.058 + len(photo) % 5 / 1000)
            body = json.dumps({"face": 0.94, "glare": 0.11, "tilt": 3.5, "engine": "fr-7"}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
