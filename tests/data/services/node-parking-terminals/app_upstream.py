"""The payment host of the garages: one line in, one line out, a session per connection."""
import asyncio
import os
import random


async def session(reader, writer):
    try:
        while line := await reader.readline():
            word, *rest = line.decode().split()
            if word == "HELLO":
                answer = "READY"
            elif word == "AUTH":
                await asyncio.sleep(0.034 + random.random() * 0.006)
                answer = f"OK {random.randrange(10**6):06d} {rest[0]}"
            elif word == "SETTLE":
                await asyncio.sleep(0.022 + random.random() * 0.004)
                answer = f"DONE {rest[0]}"
            else:
                answer = "ERR"
            writer.write(answer.encode() + b"\n")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(session, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
