"""The group's gateway: stock lists of the yards, each after a look into the yard's own books."""
import asyncio
import os
import zlib

MODELS = ["LTM 1030", "AC 45", "GMK 3060", "LTM 1090", "ATF 60", "RT 540"]


def stock(code, day):
    seed = zlib.crc32(f"{code}{day}".encode())
    lines = []
    for i, model in enumerate(MODELS):
        tonnes = 20 + (seed >> i) % 70
        lines.append(f"{model};{tonnes};{12 + (seed >> (i + 3)) % 30};{380 + tonnes * 9.5:.2f}")
    return "\n".join(lines) + "\n"


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            body = "up\n"
            if target.startswith("/yards/"):
                code = target.split("/")[2]
                await asyncio.sleep(0.022 + zlib.crc32(code.encode()) % 17 / 1000)
                body = stock(code, target.split("day=")[-1])
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
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
