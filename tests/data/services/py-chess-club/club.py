"""Replays the games of a chess club."""
import asyncio
import json
import os

import tornado.web

FILES = "abcdefgh"


class Position:
    def __init__(self, squares: bytes, last: str):
        self.squares = squares
        self.last = last


class Clock:
    """Tells whoever subscribed that a second has gone by."""

    def __init__(self):
        self.listeners = []
        self.seconds = 0

    def subscribe(self, listener) -> None:
        self.listeners.append(listener)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.seconds += 1


clock = Clock()


class Replay:
    def __init__(self, game: int, moves: int):
        self.game = game
        self.positions: list[Position] = []
        self.started = clock.seconds
        self.elapsed = 0
        board = bytearray(b"rnbqkbnrpppppppp" + b"." * 32 + b"PPPPPPPPRNBQKBNR")
        for n in range(moves):
            a, b = (game * 7 + n * 11) % 64, (game * 13 + n * 29) % 64
            board[b], board[a] = board[a], 46
            self.positions.append(Position(bytes(board) * 8, f"{FILES[a % 8]}{a // 8 + 1}{FILES[b % 8]}{b // 8 + 1}"))
        clock.subscribe(self.tick)

    def tick(self, seconds: int) -> None:
        self.elapsed = seconds - self.started

    def summary(self) -> dict:
        return {"game": self.game, "moves": [p.last for p in self.positions], "pieces": 64 - self.positions[-1].squares[:64].count(b".")}


class ReplayHandler(tornado.web.RequestHandler):
    def post(self):
        try:
            asked = json.loads(self.request.body)
            game, moves = int(asked["game"]), int(asked.get("moves", 40))
        except (ValueError, KeyError, TypeError):
            raise tornado.web.HTTPError(400) from None
        if not 1 <= moves <= 200:
            raise tornado.web.HTTPError(422)
        self.write(Replay(game, moves).summary())


class Health(tornado.web.RequestHandler):
    def get(self):
        self.write({"status": "ok"})


async def main():
    tornado.web.Application([("/games/replay", ReplayHandler), ("/healthz", Health)], log_function=lambda _: None).listen(
        int(os.environ["PORT"]), "127.0.0.1")
    await clock.run()


asyncio.run(main())
