"""The vehicle register of the country: a line asks, a line of JSON answers; any number of sessions."""
import asyncio
import json
import os
import random


def vehicle(plate: str) -> dict:
    n = sum(plate.encode())
    return {"plate": plate, "keeper": f"K{n * 7919 % 99991}", "colour": ("red", "grey", "blue", "white")[n % 4],
            "permits": ("", "H", "M", "R")[n // 4 % 4], "disabled": n % 31 == 0}


async def answer(line: str):
    verb, _, what = line.partition(" ")
    if verb == "HELLO":
        await asyncio.sleep(0.15)
        return f"welcome {what}"
    if verb == "VEHICLE":
        await asyncio.sleep(0.028 + random.random() * 0.006)
        return vehicle(what) if not what.startswith("XX") else None
    await asyncio.sleep(0.024 + random.random() * 0.006)
    return sum(what.encode()) % 3


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            writer.write(json.dumps(await answer(line.decode().strip())).encode() + b"\n")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
