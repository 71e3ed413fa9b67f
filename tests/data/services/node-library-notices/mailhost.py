"""The city's mail host: takes messages over SMTP, any number of sessions at a time."""
import asyncio
import os
import random

RELAY_SECONDS = 0.046


async def serve(reader, writer):
    async def say(line):
        writer.write(line.encode() + b"\r\n")
        await writer.drain()

    try:
        await say("220 mail.city.example ESMTP")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ", 1)[0].upper()
            if verb == "EHLO":
                await say("250-mail.city.example\r\n250-8BITMIME\r\n250 SIZE 4000000")
            elif verb == "DATA":
                await say("354 go ahead")
                await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(RELAY_SECONDS + random.random() * 0.008)
                await say(f"250 2.0.0 queued as {random.randrange(10**9):09d}")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 2.1.0 ok")
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
