import asyncio
import json
import os


async def serve(reader, writer):
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        if not head:
            break
        await asyncio.sleep(0.07)
        body = json.dumps({"minutes": 42}).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
            + str(len(body)).encode()
            + b"\r\n\r\n"
            + body
        )
        await writer.drain()


async def safely(reader, writer):
    try:
        await serve(reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(safely, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
