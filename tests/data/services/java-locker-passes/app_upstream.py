"""The bath house's cellar: the key-value store (a part of the Redis protocol) and the lock controller (HTTP) on one port."""
import asyncio
import os
import zlib

DATA = {}
PROGRAM_SECONDS = 0.046


def command(words):
    name, key = words[0].upper(), words[1] if len(words) > 1 else ""
    if name == "HGETALL":
        return b"*4\r\n$5\r\nstate\r\n$6\r\nactive\r\n$4\r\nname\r\n$5\r\nMarta\r\n"
    if name == "SETEX":
        if len(DATA) > 5000:
            DATA.clear()
        DATA[key] = words[3]
        return b"+OK\r\n"
    if name == "GET":
        value = DATA.get(key)
        return b"$-1\r\n" if value is None else f"${len(value)}\r\n{value}\r\n".encode()
    if name == "INCR":
        DATA[key] = str(int(DATA.get(key, 0)) + 1)
        return f":{DATA[key]}\r\n".encode()
    return b"+PONG\r\n" if name == "PING" else b"+OK\r\n"


async def resp(reader, writer):
    while True:
        count = int((await reader.readline()).strip().lstrip(b"*"))
        words = []
        for _ in range(count):
            size = int((await reader.readline())[1:])
            words.append((await reader.readexactly(size + 2))[:-2].decode())
        writer.write(command(words))
        await writer.drain()
        if await reader.readexactly(1) != b"*":
            return


async def http(reader, writer):
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        target = head.split(b" ", 2)[1]
        await asyncio.sleep(PROGRAM_SECONDS)
        body = f"{1 + zlib.crc32(target) % 240}\n"
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()


async def serve(reader, writer):
    try:
        first = await reader.readexactly(1)
        await (resp if first == b"*" else http)(reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
