"""The hall's print server: takes cards, any number of connections at a time."""
import asyncio
import os


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := await reader.readline():
            await asyncio.sleep(0.052)
            writer.write(b"ACCEPTED\n" if line.startswith(b"PRINT ") else b"ERROR\n")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
