"""The federation's old web host, which keeps the document types of the trade."""
import asyncio
import os
import random

DTD = """<!ELEMENT waybill (haulier, from, to, stack+)>
<!ATTLIST waybill number CDATA #REQUIRED dated CDATA #REQUIRED>
<!ELEMENT haulier (#PCDATA)>
<!ELEMENT from (#PCDATA)>
<!ELEMENT to (#PCDATA)>
<!ELEMENT stack (log*)>
<!ATTLIST stack species CDATA #REQUIRED grade (A|B|C|D) "B" moisture CDATA "35">
<!ELEMENT log EMPTY>
<!ATTLIST log cm CDATA #REQUIRED dia CDATA #REQUIRED bark CDATA "1">
"""


async def serve(reader, writer):
    try:
        while True:
            target = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
            await asyncio.sleep(random.uniform(0.16, 0.23))
            known = target.endswith("/waybill-2.dtd")
            body = DTD if known else "not here"
            status = "200 OK" if known else "404 Not Found"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Type: application/xml-dtd\r\nCache-Control: no-cache\r\n"
                         f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    await server.serve_forever()


asyncio.run(main())
