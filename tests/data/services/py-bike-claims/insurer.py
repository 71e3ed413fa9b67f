"""The insurer: hands out tokens and tells partners about policies."""
import asyncio
import hashlib
import itertools
import json
import os

granted = itertools.count(1)
tokens: set[str] = set()


async def answer(method: str, path: str, token: str) -> tuple[str, dict]:
    if (method, path) == ("POST", "/oauth/token"):
        await asyncio.sleep(0.31)
        new = hashlib.sha256(b"grant %d" % next(granted)).hexdigest()
        tokens.add(new)
        return "200 OK", {"access_token": new, "token_type": "bearer", "expires_in": 3600}
    if token not in tokens:
        return "401 Unauthorized", {}
    await asyncio.sleep(0.008)
    match path.strip("/").split("/"):
        case ["policies", policy, "cover"]:
            return "200 OK", {"policy": policy, "covers": ["theft", "damage"], "excess": 100, "limit": 3000,
                              "handler": f"desk {int(policy[1:]) % 7}"}
        case ["policies", _, "claims", claim]:
            return "200 OK", {"claim": claim, "stage": ["reported", "assessed", "approved", "paid"][int(claim[3:]) % 4]}
    return "404 Not Found", {}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            method, path, _ = first.split(" ", 2)
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
            await reader.readexactly(int(headers.get("content-length", 0)))
            status, content = await answer(method, path, headers.get("authorization", "").removeprefix("Bearer "))
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
