"""The card processor: charges a card after asking the bank, any number of charges at a time."""
import asyncio
import json
import os
import random


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
            charge = json.loads(await reader.readexactly(length) or b"{}")
            await asyncio.sleep(0.036 + random.random() * 0.01)
            refused = str(charge.get("card", "")).endswith("0000")
            body = json.dumps({} if refused else {"receipt": f"R{random.randrange(10**9):09d}"})
            status = "402 Payment Required" if refused else "201 Created"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
