"""A threaded server of Python's standard library: `threads.py BEHAVIOUR [name=value ...]`.

`files=N` lowers its limit of open files, `backlog=N` the connections that may wait to be accepted
(it then serves one connection at a time and closes it). Tells its port on standard output.
"""

import resource
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

from behaviours import BEHAVIOURS

options = {name: float(value) for name, value in (word.split("=") for word in sys.argv[2:])}
files, backlog = options.pop("files", None), options.pop("backlog", None)
handle = BEHAVIOURS[sys.argv[1]](**options)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0" if backlog else "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        status = handle()
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


class Server(HTTPServer if backlog else ThreadingHTTPServer):
    request_queue_size = int(backlog or 512)
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


if files is not None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(files), int(files)))
server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
while True:
    try:
        server.serve_forever(0.05)
    except OSError:  # no file left to accept with
        pass
