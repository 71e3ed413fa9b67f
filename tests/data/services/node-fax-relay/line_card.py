"""Line card of the telephone exchange: takes a page, answers when the far end has acknowledged it."""
import asyncio, json, os, random


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            job = json.loads(line)
            await asyncio.sleep(0.045 + random.random() * 0.015)
            writer.write(json.dumps({"job": job["job"], "ack": True, "speed": 14400}).encode() + b"\n")
            await writer.drain()
    except (ConnectionError, ValueError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]), limit=1 << 20)
    await server.serve_forever()

asyncio.run(main())
