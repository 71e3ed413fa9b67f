"""The tax office's register of VAT numbers, as XML-RPC."""
import os
import random
import time
from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer


class Handler(SimpleXMLRPCRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = -1


class Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True
    request_queue_size = 64


def check(country: str, number: str) -> dict:
    time.sleep(random.uniform(0.19, 0.28))
    return {"valid": number.isdigit() and int(number) % 7 != 0, "country": country, "since": "2011-03-01"}


server = Server(("127.0.0.1", int(os.environ["PORT"])), requestHandler=Handler, logRequests=False)
server.register_function(check, "vat.check")
server.serve_forever()
