"""Exchange desk of the bank: the ship's rate of a currency against the euro."""
import asyncio
import json
import os

RATES = {"EUR": 1.0, "NOK": 11.62, "SEK": 11.31, "GBP": 0.853, "USD": 1.081, "ISK": 149.4}


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            currency = head.split(b" ", 2)[1].decode().rsplit("/", 1)[1]
            await asyncio.sleep(0.028)
            status = "200 OK" if currency in RATES else "404 Not Found"
            body = json.dumps({"currency": currency, "rate": RATES.get(currency), "fee": 0.0125})
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
