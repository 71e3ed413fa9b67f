"""The control room of the ropeways: values on request, and a long poll that answers when a state changes."""
import asyncio
import os
import random


async def answer(target):
    kind, _, number = target.strip("/").partition("/")
    if kind == "changes":
        await asyncio.sleep(random.uniform(12, 18))
        return f"ropeway={number};state={random.choice(['running', 'slow', 'stopped'])}"
    await asyncio.sleep(0.038)
    return f"ropeway={number};wind={random.randint(4, 60)};speed={random.choice([25, 35, 50])};cabins={40 + int(number or 0)}"


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            body = await answer(head.split(b" ", 2)[1].decode())
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
