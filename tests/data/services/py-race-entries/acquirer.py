"""The bank that collects fees: authorises a debit."""
import asyncio
import itertools
import json
import os

numbers = itertools.count(70001)


async def answer(method: str, path: str, body: bytes) -> tuple[str, dict]:
    if (method, path) != ("POST", "/authorisations"):
        return "404 Not Found", {}
    order = json.loads(body)
    await asyncio.sleep(0.042)
    if not order["iban"][:2].isalpha():
        return "402 Payment Required", {"reason": "unknown account"}
    return "201 Created", {"id": f"A{next(numbers)}", "amount": order["amount"]}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, path, _ = head.split(" ", 2)
            length = next((int(line.split(":")[1]) for line in head.lower().split("\r\n")
                           if line.startswith("content-length:")), 0)
            status, content = await answer(method, path, await reader.readexactly(length))
            out = json.dumps(content).encode()
            writer.write(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(out)}\r\n\r\n".encode() + out)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
