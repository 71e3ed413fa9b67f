"""The plant gateway: hands out what each inverter last told it."""
import asyncio
import json
import os
import random
import zlib

PEAK = 8200


def reading(number: str) -> dict:
    seed = zlib.crc32(number.encode())
    power = PEAK * (0.35 + seed % 400 / 1000)
    return {"inverter": number, "watts": round(power), "volts": 610 + seed % 40, "celsius": 31 + seed % 18,
            "today_wh": 9000 + seed % 14000, "status": "derated" if seed % 17 == 3 else "feeding"}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ", 2)[1]
            parts = path.strip("/").split("/")
            if len(parts) == 3 and parts[0] == "inverters":
                await asyncio.sleep(random.uniform(0.024, 0.038))
                status, content = 200, reading(parts[1])
            elif parts[0] == "sun":
                await asyncio.sleep(0.012)
                status, content = 200, {"irradiance": 640, "cloud": 0.2}
            else:
                status, content = 404, {}
            body = json.dumps(content).encode()
            writer.write(b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                         % (status, len(body)) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()


asyncio.run(main())
