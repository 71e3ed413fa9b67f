"""The mail relay: takes any mail, after the checks that a relay makes."""
import asyncio
import os


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def say(text: str, after: float = 0.0) -> None:
        await asyncio.sleep(after)
        writer.write(text.encode() + b"\r\n")
        await writer.drain()

    try:
        await say("220 relay.example ESMTP", 0.012)
        while line := await reader.readline():
            verb = line.strip().upper()[:4]
            if verb == b"DATA":
                await say("354 go on")
                while (await reader.readline()) not in (b".\r\n", b""):
                    pass
                await say("250 queued", 0.035)
            elif verb == b"QUIT":
                await say("221 bye")
                break
            elif verb == b"RCPT":
                await say("250 ok", 0.015)
            else:
                await say("250 ok", 0.002)
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
