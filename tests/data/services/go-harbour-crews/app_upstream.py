"""The registry of seamen's books: one book a question, any number at a time."""
import asyncio
import json
import os


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            book = head.split(b" ", 2)[1].decode().rsplit("/", 1)[-1]
            await asyncio.sleep(0.02 + sum(book.encode()) % 12 / 1000)
            answer = json.dumps({'book': book, 'valid': True, 'medical': '2024-09', 'visas': ['EU', 'ZA']})
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n{answer}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"])) as server:
        await server.serve_forever()


asyncio.run(main())
