"""The archive of scores."""
import asyncio
import os
import random

NAMES = ["C", "D", "E", "F", "G", "A", "B", "^F", "^C"]
scores: dict[str, bytes] = {}


def score(number: str) -> bytes:
    if number not in scores:
        dice = random.Random(number)
        bars = [" ".join(f"{dice.choice(NAMES)}{dice.randint(4, 6)}/{dice.choice([4, 8, 8, 16])}" for _ in range(7))
                for _ in range(150)]
        scores[number] = " | ".join(bars).encode()
    return scores[number]


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            number = head.split(" ", 2)[1].rsplit("/", 1)[1]
            await asyncio.sleep(0.012)
            body = score(number) if number.isdigit() else b""
            status = b"200 OK" if body else b"404 Not Found"
            writer.write(b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
