"""Hire of canoes; the weather comes from a neighbour, and every enquiry is noted."""

import http.client
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

local = threading.local()
enquiries = []


def weather(river):
    if not hasattr(local, "link"):
        local.link = http.client.HTTPConnection("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
    local.link.request("GET", f"/weather/{river}")
    return json.loads(local.link.getresponse().read())


def note(river, forecast):
    enquiries.append({"river": river, "forecast": dict(forecast), "boats": [f"{river}-{n}" for n in range(900)]})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/healthz":
            body, status = b"ok", 200
        elif path == "/canoes":
            forecast = weather("ure")
            note("ure", forecast)
            body, status = json.dumps({"free": 12 - len(enquiries) % 5, "forecast": forecast}).encode(), 200
        else:
            body, status = b"no such page", 404
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
