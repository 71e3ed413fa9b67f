"""Gateway of the tank hall: gives each flow meter as a device file."""
import http.server
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

folder = tempfile.mkdtemp(prefix="tank-hall-")
meters = [{"tank": n, "device": os.path.join(folder, f"meter{n}")} for n in range(1, 7)]


def tick(device, pause):
    pipe = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    while True:
        time.sleep(pause * random.uniform(0.8, 1.2))
        try:
            os.write(pipe, b"%.1f;%.2f\n" % (random.uniform(0, 400), random.uniform(3, 6)))
        except BlockingIOError:
            pass


class Desk(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(meters).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def leave(*_):
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


signal.signal(signal.SIGTERM, leave)
for meter in meters:
    os.mkfifo(meter["device"])
    threading.Thread(target=tick, args=(meter["device"], 0.12), daemon=True).start()
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["UPSTREAM_PORT"])), Desk).serve_forever()
