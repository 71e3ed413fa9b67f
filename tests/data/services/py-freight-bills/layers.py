"""WSGI layers that every service of the house wears."""
import gzip
import hashlib
import itertools
import json
import re
import time

WORD = re.compile(r"_([a-z])")


class Layer:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        caught = {}

        def catch(status, headers, exc_info=None):
            caught["status"], caught["headers"] = status, headers

        body = b"".join(self.app(environ, catch))
        status, headers, body = self.after(environ, caught["status"], caught["headers"], body)
        headers = [(k, v) for k, v in headers if k.lower() != "content-length"] + [("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [body]

    def after(self, environ, status, headers, body):
        return status, headers, body


class RequestNumber(Layer):
    numbers = itertools.count(1)

    def after(self, environ, status, headers, body):
        return status, headers + [("X-Request", f"fb-{next(self.numbers):08d}")], body


class Timing(Layer):
    def __call__(self, environ, start_response):
        environ["house.begun"] = time.perf_counter()
        return super().__call__(environ, start_response)

    def after(self, environ, status, headers, body):
        took = (time.perf_counter() - environ["house.begun"]) * 1000
        return status, headers + [("Server-Timing", f"app;dur={took:.1f}")], body


class CamelCase(Layer):
    """The web shop's people want camelCase."""

    def after(self, environ, status, headers, body):
        return status, headers, json.dumps(self.renamed(json.loads(body))).encode()

    def renamed(self, value):
        if isinstance(value, dict):
            return {WORD.sub(lambda m: m[1].upper(), k): self.renamed(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.renamed(v) for v in value]
        return value


class NoNulls(Layer):
    def after(self, environ, status, headers, body):
        return status, headers, json.dumps(self.stripped(json.loads(body))).encode()

    def stripped(self, value):
        if isinstance(value, dict):
            return {k: self.stripped(v) for k, v in value.items() if v is not None}
        if isinstance(value, list):
            return [self.stripped(v) for v in value]
        return value


class Entity(Layer):
    def after(self, environ, status, headers, body):
        return status, headers + [("ETag", f'"{hashlib.sha256(body).hexdigest()[:20]}"')], body


class Compressed(Layer):
    def after(self, environ, status, headers, body):
        if len(body) < 1000 or "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", ""):
            return status, headers, body
        return status, headers + [("Content-Encoding", "gzip")], gzip.compress(body, 4)


def dressed(app):
    for layer in (CamelCase, NoNulls, Entity, Compressed, Timing, RequestNumber):
        app = layer(app)
    return app
