"""The practice's mail host: takes mail over SMTP and forgets it."""
import asyncio
import os


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def say(line: str) -> None:
        writer.write(line.encode() + b"\r\n")
        await writer.drain()

    try:
        await asyncio.sleep(0.006)
        await say("220 mailhost.example ESMTP")
        while line := await reader.readline():
            verb = line.decode("latin-1").strip().upper()
            if verb.startswith(("EHLO", "HELO")):
                await say("250 mailhost.example")
            elif verb.startswith("RCPT"):
                await asyncio.sleep(0.005)
                await say("250 2.1.5 ok")
            elif verb == "DATA":
                await say("354 go ahead")
                while (await reader.readline()) not in (b".\r\n", b""):
                    pass
                await asyncio.sleep(0.012)
                await say("250 2.0.0 queued")
            elif verb == "QUIT":
                await say("221 2.0.0 bye")
                break
            else:
                await say("250 2.0.0 ok")
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
