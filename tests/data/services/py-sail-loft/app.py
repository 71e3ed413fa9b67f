"""Sail orders: each gets a cut plan and is announced to whoever follows the loft."""

import json
import os

import tornado.ioloop
import tornado.web


class Follower:
    def __init__(self, order, panels):
        self.order = order
        self.panels = panels

    def wants(self, kind):
        wide = any(len(panel["points"]) > self.order["width"] * 5 for panel in self.panels)
        return self.order["kind"] == kind and not wide


class Loft:
    def __init__(self):
        self.followers = []

    def follow(self, order, panels):
        follower = Follower(order, panels)
        self.followers.append(follower)
        return follower

    def announce(self, kind):
        return sum(1 for follower in self.followers if follower.wants(kind))


loft = Loft()


def cut(width, height):
    return [
        {"panel": n, "points": [[n * width / 40, y * height / 20] for y in range(20)]}
        for n in range(40)
    ]


class Health(tornado.web.RequestHandler):
    def get(self):
        self.write({"ok": True})


class Orders(tornado.web.RequestHandler):
    def post(self):
        order = json.loads(self.request.body)
        panels = cut(order["width"], order["height"])
        loft.follow(order, panels)
        self.write({"panels": len(panels), "followed_by": loft.announce(order["kind"])})


app = tornado.web.Application([("/healthz", Health), ("/orders", Orders)])
app.listen(int(os.environ["PORT"]), "127.0.0.1")
tornado.ioloop.IOLoop.current().start()
