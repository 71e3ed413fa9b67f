"""The calendar server of the workshop: a line in, a line out, one connection per question."""
import asyncio
import json
import os
import random


async def serve(reader, writer):
    try:
        line = (await reader.readline()).decode().split()
        if len(line) == 3:
            rnd = random.Random(" ".join(line))
            await asyncio.sleep(random.uniform(0.044, 0.056))
            hours = sorted(rnd.sample(range(8, 19), rnd.randint(2, 6)))
            writer.write(json.dumps({"who": line[1], "day": line[2], "busy": hours}).encode() + b"\n")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]), backlog=256)
    async with server:
        await server.serve_forever()


asyncio.run(main())
