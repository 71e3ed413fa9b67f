"""Choir folders: puts together what a singer takes along for a programme."""
import os

import falcon
from cheroot.wsgi import Server

from library import VOICES, archive, open_score

PULSE = {"Byrd": 66, "Schuetz": 72, "Lassus": 70, "Mendelssohn": 84, "Rheinberger": 76, "Stanford": 80, "Part": 54}


def make_programmes(ids: list[str]) -> dict[str, list[str]]:
    return {
        "advent": ids[5:22],
        "evensong": ids[40:52],
        "spring-tour": ids[60:104:2] + ids[3:60:3],
        "wedding": ids[110:118],
    }


PROGRAMMES = make_programmes(archive.names())


def programme_or_404(name: str) -> list[str]:
    if name not in PROGRAMMES:
        raise falcon.HTTPNotFound(description=name)
    return PROGRAMMES[name]


def voice_of(req: falcon.Request) -> str:
    voice = req.get_param("voice", default="soprano")
    if voice not in VOICES:
        raise falcon.HTTPInvalidParam("no such voice", "voice")
    return voice


def minutes(score: dict) -> float:
    bars = len(score["voices"]["soprano"])
    return round(bars * 4 / PULSE.get(score["composer"], 69), 1)


def first_note(bars: list[dict]) -> dict:
    note = bars[0]["notes"][0]
    return {"pitch": note["pitch"], "on": note["syllable"]}


def folder_page(score: dict, voice: str) -> dict:
    low, high = score["range"][voice]
    return {"score": score["id"], "title": score["title"], "composer": score["composer"], "minutes": minutes(score),
            "low": low, "high": high, "begins": first_note(score["voices"][voice]),
            "breaths": [bar["bar"] for bar in score["voices"][voice] if bar["breath"]]}


def hard_spots(bars: list[dict]) -> list[int]:
    """Bars that begin more than an octave away from where the last one ended."""
    spots, last = [], None
    for bar in bars:
        begin = bar["notes"][0]["pitch"]
        if last is not None and abs(begin - last) > 12:
            spots.append(bar["bar"])
        last = bar["notes"][-1]["pitch"]
    return spots


class Folder:
    def on_get(self, req: falcon.Request, resp: falcon.Response, name: str) -> None:
        voice = voice_of(req)
        pages = [folder_page(open_score(score_id), voice) for score_id in programme_or_404(name)]
        resp.media = {"programme": name, "voice": voice, "minutes": round(sum(page["minutes"] for page in pages), 1),
                      "lowest": min(page["low"] for page in pages), "highest": max(page["high"] for page in pages), "pages": pages}


class Score:
    def on_get(self, req: falcon.Request, resp: falcon.Response, score_id: str) -> None:
        if score_id not in archive.names():
            raise falcon.HTTPNotFound()
        score, voice = open_score(score_id), voice_of(req)
        resp.media = {**folder_page(score, voice), "hard": hard_spots(score["voices"][voice])}


class Programmes:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {name: len(ids) for name, ids in PROGRAMMES.items()}


class Hello:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = "hello"


def make_app() -> falcon.App:
    app = falcon.App()
    app.add_route("/programmes", Programmes())
    app.add_route("/programmes/{name}/folder", Folder())
    app.add_route("/scores/{score_id}", Score())
    app.add_route("/hello", Hello())
    return app


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ["PORT"])), make_app(), numthreads=8, server_name="folders")
    try:
        server.start()
    except KeyboardInterrupt:
        server.stop()
