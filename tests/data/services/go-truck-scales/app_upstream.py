"""The controller of the weighbridge lanes: a line in, a line out, in the order of each connection."""
import asyncio
import os


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            command, lane, *_ = line.decode().split() + ["0", "0"]
            await asyncio.sleep(0.011)
            if command == "AXLES":
                answer = "AX 7120 8840 8790 9015"
            elif command == "GROSS":
                answer = f"GR {33765 + int(lane) * 20} KG S"
            else:
                answer = "OK"
            writer.write(answer.encode() + b"\r\n")
            await writer.drain()
    except (ConnectionError, ValueError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
