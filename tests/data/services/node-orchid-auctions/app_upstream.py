"""The bank's desk for reference rates."""
import asyncio
import json
import os

RATES = {"SEK": 11.42, "NOK": 11.71, "DKK": 7.46, "CHF": 0.94, "GBP": 0.84, "USD": 1.08}


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            currency = head.split(" ", 2)[1].rsplit("/", 1)[1][:3]
            await asyncio.sleep(0.018)
            body = json.dumps({"currency": currency, "rate": RATES.get(currency), "fixing": "14:15"}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
