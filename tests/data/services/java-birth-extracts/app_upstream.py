"""The county's archive: entries of the register, any number at a time."""
import asyncio
import os

NAMES = ["Ada", "Berta", "Carl", "Dora", "Emil", "Frida", "Gustav", "Hanna"]


def entry(volume, number):
    child, mother, father = (NAMES[(number * k + len(volume)) % len(NAMES)] for k in (3, 5, 7))
    return f"{child} Holm|{1900 + number % 90}-{1 + number % 12:02d}-{1 + number % 28:02d}|Skive|{mother} Holm|{father} Holm\n"


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            body = "up\n"
            if target.startswith("/register/"):
                _, _, volume, number = target.split("/")
                await asyncio.sleep(0.038)
                body = entry(volume, int(number))
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
