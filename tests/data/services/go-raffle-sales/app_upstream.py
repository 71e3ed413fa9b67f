"""The payment provider: authorizes cards, any number at a time."""
import asyncio
import json
import os

charges = 0


async def serve(reader, writer):
    global charges
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            order = json.loads(await reader.readexactly(length) or b"{}")
            await asyncio.sleep(0.056)
            charges += 1
            body = json.dumps({"charge": f"ch_{charges}", "cents": order.get("cents"), "status": "ok"}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
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
