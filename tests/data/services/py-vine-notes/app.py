"""Tasting notes, with the vineyard's rating of the day."""

from gevent import monkey

monkey.patch_all()

import json
import os
import threading
import urllib.request

from gevent.pywsgi import WSGIServer

RATINGS = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}/rating"
notes = {"count": 0, "last": None}
guard = threading.Lock()


def rating_of(wine):
    with urllib.request.urlopen(f"{RATINGS}?wine={wine}", timeout=10) as answer:
        return json.load(answer)["rating"]


def add_note(wine, text):
    with guard:
        rating = rating_of(wine)
        notes["count"] += 1
        notes["last"] = {"wine": wine, "text": text, "rating": rating}
        return dict(notes["last"], number=notes["count"])


def application(environ, start_response):
    if environ["PATH_INFO"] == "/healthz":
        body = b'{"ok": true}'
    else:
        asked = json.loads(environ["wsgi.input"].read() or b"{}")
        body = json.dumps(add_note(asked["wine"], asked["text"])).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


WSGIServer(("127.0.0.1", int(os.environ["PORT"])), application, log=None).serve_forever()
