# The archive office's journal: takes one JSON line, writes it down and answers with its running number.
import asyncio
import os

number = 0


async def serve(reader, writer):
    global number
    try:
        while line := await reader.readline():
            number += 1
            await asyncio.sleep(0.004)
            writer.write(b"%d\n" % number)
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]))
    await server.serve_forever()

asyncio.run(main())
