"""The identity provider: gives out its signing keys, composed afresh for each call."""
import asyncio
import json
import os
import random

KEY = {"kty": "OKP", "crv": "Ed25519", "x": "A2NtdIprAboQsdpx_T96WF8J8yPW9GFmTPyvcNWO9ok", "kid": "2025-02", "alg": "EdDSA", "use": "sig"}


async def serve(reader, writer):
    try:
        while True:
            path = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ", 2)[1]
            status, content = 200, {"issuer": "https://id.albums.example"}
            if path.endswith("/jwks.json"):
                await asyncio.sleep(random.uniform(0.15, 0.21))
                content = {"keys": [KEY]}
            body = json.dumps(content).encode()
            writer.write(b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nCache-Control: public, max-age=3600\r\n"
                         b"Content-Length: %d\r\n\r\n" % (status, len(body)) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
