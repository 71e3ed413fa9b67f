"""Identity provider of the building group."""
import asyncio, json, os, random
from urllib.parse import parse_qs


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            size = next((int(h.split(":")[1]) for h in head.split("\r\n") if h.lower().startswith("content-length")), 0)
            form = parse_qs((await reader.readexactly(size)).decode()) if size else {}
            await asyncio.sleep(0.22 + random.random() * 0.07)
            token = form.get("token", [""])[0]
            body = {"active": token.startswith("op-"), "sub": token[3:], "scope": "permits:read permits:write", "exp": 4102444800}
            data = json.dumps(body).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(data) + data)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()

asyncio.run(main())
