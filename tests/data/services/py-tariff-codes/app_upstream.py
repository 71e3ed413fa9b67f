"""The tariff bureau: classifies goods and tells the measures on a code."""
import asyncio
import json
import os
import zlib

WAITS = {"/classify": 0.027, "/measures": 0.016, "/countries": 0.01}


def answer(path: str, content: dict) -> dict:
    if path == "/classify":
        seed = zlib.crc32(content["description"].encode())
        return {"code": f"{('61', '64', '85', '94')[seed % 4]}{seed % 10000:04d}", "confidence": 70 + seed % 30}
    if path == "/measures":
        return {"preferential": content["origin"] in ("NO", "CH"), "extra_percent": str(len(content["code"]) % 4),
                "names": ["third country duty", "supervision"]}
    return {"countries": ["CH", "CN", "IN", "NO", "TR", "US", "VN"]}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next((int(line.split(":")[1]) for line in head.lower().split("\r\n")
                           if line.startswith("content-length:")), 0)
            content = json.loads(await reader.readexactly(length) or b"{}")
            path = head.split(" ", 2)[1]
            await asyncio.sleep(WAITS[path])
            body = json.dumps(answer(path, content)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
