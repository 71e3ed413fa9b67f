"""Mints vouchers that shops can check offline."""
import asyncio
import base64
import hashlib
import itertools
import json
import os

import tornado.web

ROUNDS = 60_000
serial = itertools.count(100_000)


def seal(secret: str, number: int, value: int) -> str:
    digest = hashlib.pbkdf2_hmac("sha256", secret.encode(), f"{number}:{value}".encode(), ROUNDS)
    return base64.b32encode(digest[:10]).decode()


class Vouchers(tornado.web.RequestHandler):
    async def post(self):
        try:
            sent = json.loads(self.request.body)
            value, secret = int(sent["value"]), str(sent["secret"])
        except (ValueError, KeyError, TypeError):
            raise tornado.web.HTTPError(400) from None
        if not 1 <= value <= 500:
            raise tornado.web.HTTPError(422)
        number = next(serial)
        self.set_status(201)
        self.write({"number": number, "value": value, "seal": seal(secret, number, value)})


class Check(tornado.web.RequestHandler):
    async def get(self, number, value):
        loop = asyncio.get_running_loop()
        expected = await loop.run_in_executor(None, seal, self.get_query_argument("secret"), int(number), int(value))
        self.write({"valid": expected == self.get_query_argument("seal")})


class Status(tornado.web.RequestHandler):
    def get(self):
        self.write({"ok": True})


async def main():
    app = tornado.web.Application([("/vouchers", Vouchers), (r"/vouchers/(\d+)/(\d+)", Check), ("/status", Status)],
                                  log_function=lambda _: None)
    app.listen(int(os.environ["PORT"]), "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
