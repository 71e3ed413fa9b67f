"""A shared pottery studio: takes pieces for firing and shows the board that hangs beside the kilns."""
import os
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import falcon

from kilns import GLAZES, Board, Journal, Piece, Studio


class Pieces:
    def __init__(self, studio: Studio, board: Board):
        self.studio = studio
        self.board = board

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = req.get_media()
        try:
            piece = Piece(str(body["potter"]), str(body["what"]), body["glaze"], float(body["litres"]))
        except (TypeError, KeyError, ValueError):
            raise falcon.HTTPBadRequest(title="potter, what, glaze and litres are needed") from None
        if piece.glaze not in GLAZES or not 0 < piece.litres <= 60:
            raise falcon.HTTPUnprocessableEntity(title="unknown glaze or size")
        kiln = self.studio.place(piece)
        row = next(row for row in self.board.rows() if row["kiln"] == kiln)
        resp.status = falcon.HTTP_201
        resp.media = {"ticket": piece.ticket, "kiln": kiln, "filled": row["filled"], "fires_next": row["fires_next"]}


class WallBoard:
    def __init__(self, board: Board):
        self.board = board

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"kilns": self.board.rows()}


class Kiln:
    def __init__(self, studio: Studio):
        self.studio = studio

    def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        try:
            resp.media = self.studio.contents(name)
        except KeyError:
            raise falcon.HTTPNotFound(title="no such kiln") from None


class Glazes:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = GLAZES


class Health:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"status": "ok"}


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class QuietHandler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, *args) -> None:
        pass


def make_app() -> falcon.App:
    studio = Studio(Journal(os.environ.get("JOURNAL", "journal.txt")))
    board = Board(studio)
    app = falcon.App()
    app.add_route("/pieces", Pieces(studio, board))
    app.add_route("/board", WallBoard(board))
    app.add_route("/kilns/{name}", Kiln(studio))
    app.add_route("/glazes", Glazes())
    app.add_route("/healthz", Health())
    return app


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ["PORT"])), QuietHandler)
    server.set_app(make_app())
    server.serve_forever()
