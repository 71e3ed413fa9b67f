"""The customs office's tariff host: a question a line, an answer a line, for any number of callers at a time."""
import asyncio
import os
from zlib import crc32

LOOKUP_SECONDS = 0.038
PAPERS = ("EUR.1", "phyto", "origin", "CITES")


def tariff(heading, country):
    n = crc32(f"{heading}{country}".encode())
    papers = ",".join(PAPERS[i] for i in range(4) if n >> i & 1)
    return f"OK;{n % 140 / 10};{n % 60 / 100};{papers}"


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            word, *rest = line.decode("ascii").split()
            await asyncio.sleep(LOOKUP_SECONDS)
            answer = tariff(*rest) if word == "TARIFF" and len(rest) == 2 else "ERR;what"
            writer.write(answer.encode() + b"\r\n")
            await writer.drain()
    except (ConnectionError, ValueError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
