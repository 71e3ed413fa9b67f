"""Weather, lifts and the avalanche bulletin of the mountain service."""
import asyncio
import json
import os
import random

ANSWERS = {
    "weather": (0.009, {"wind": 34, "snow_cm": 12}),
    "lifts": (0.006, {f"l{i}": i != 2 for i in range(1, 6)}),
    "avalanche": (0.24, {"line": 2200, "above": 3, "below": 2, "faces": ["N", "NE", "NW"], "text": "drifting snow " * 60}),
}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            takes, answer = ANSWERS[head.split(b" ", 2)[1].decode().split("/")[1]]
            await asyncio.sleep(takes * random.uniform(0.85, 1.3))
            body = json.dumps(answer)
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"])) as server:
        await server.serve_forever()


asyncio.run(main())
