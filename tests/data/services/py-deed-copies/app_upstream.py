"""The archive of deeds: lists and scans, many readers at a time."""
import asyncio
import os
import random


async def serve(reader, writer):
    try:
        while line := (await reader.readline()).decode().split():
            if line[0] == "LIST":
                await asyncio.sleep(0.006 + random.random() * 0.002)
                writer.write("OK {}\r\n".format("|".join(f"{line[1]}/{n}" for n in range(1, 4))).encode())
            else:
                await asyncio.sleep(0.022 + random.random() * 0.008)
                writer.write(b"OK 14|820344|Notary Pell\r\n")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
