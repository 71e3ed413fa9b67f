import asyncio
import json
import os

RATES = {"EUR": 1.0, "SEK": 11.42, "NOK": 11.7, "DKK": 7.46}


async def talk(r, w):
    try:
        while True:
            head = await r.readuntil(b"\r\n\r\n")
            await asyncio.sleep(0.004)
            code = head.split(b" ")[1].rsplit(b"/", 1)[1].decode()
            body = json.dumps({"code": code, "rate": RATES.get(code, 1.0)}).encode()
            w.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await w.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        w.close()


async def main():
    async with await asyncio.start_server(talk, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]), backlog=256) as s:
        await s.serve_forever()

asyncio.run(main())
