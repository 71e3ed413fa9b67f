"""Label sheets of a museum: the labels of a room's objects in the visitors' languages, ready for the printer."""
import os
from dataclasses import dataclass

from cheroot import wsgi
from flask import Flask, Response, abort, jsonify, request
from jinja2 import BaseLoader, Environment, TemplateNotFound

import texts


class TextStore:
    """What the curators wrote; a text's version goes up with each change."""

    def __init__(self, found: dict[str, str]):
        self._texts = dict(found)
        self._versions = dict.fromkeys(found, 1)

    def read(self, name: str) -> tuple[str, int] | None:
        text = self._texts.get(name)
        return None if text is None else (text, self._versions[name])

    def write(self, name: str, text: str) -> int:
        self._texts[name] = text
        self._versions[name] = self._versions.get(name, 0) + 1
        return self._versions[name]

    def version(self, name: str) -> int:
        return self._versions.get(name, 0)

    def names(self) -> list[str]:
        return sorted(self._texts)


class TextLoader(BaseLoader):
    def __init__(self, store: TextStore):
        self.store = store

    def get_source(self, environment, template):
        found = self.store.read(template)
        if found is None:
            raise TemplateNotFound(template)
        text, version = found
        return text, None, lambda: self.store.version(template) == version


@dataclass
class Sheet:
    room: int
    languages: list[str]
    labels: list[str]

    def html(self) -> str:
        head = f"<header>Room {self.room}, {len(self.labels)} labels, {'/'.join(self.languages)}</header>"
        return "<!doctype html><html><body>\n" + head + "\n".join(self.labels) + "\n</body></html>"


class Labels:
    def __init__(self, store: TextStore, things: list[dict]):
        self.environment = Environment(loader=TextLoader(store), cache_size=32, trim_blocks=True, lstrip_blocks=True)
        self.by_room: dict[int, list[dict]] = {}
        for thing in things:
            self.by_room.setdefault(thing["room"], []).append(thing)

    def label(self, thing: dict, language: str) -> str:
        return self.environment.get_template(f"{thing['kind']}.{language}").render(thing=thing)

    def sheet(self, room: int, languages: list[str], limit: int) -> Sheet:
        things = self.by_room[room][:limit]
        labels = [self.label(thing, language) for language in languages for thing in things]
        return Sheet(room, languages, labels)


store = TextStore(texts.label_texts())
labels = Labels(store, texts.objects())
app = Flask(__name__)


def asked_languages() -> list[str]:
    asked = request.args.get("languages", "en").split(",")
    if any(language not in texts.LANGUAGES for language in asked):
        abort(422)
    return asked


@app.get("/rooms/<int:room>/labels")
def room_labels(room: int):
    if room not in labels.by_room:
        abort(404)
    sheet = labels.sheet(room, asked_languages(), request.args.get("limit", 60, type=int))
    return Response(sheet.html(), mimetype="text/html")


@app.get("/rooms/<int:room>")
def room(room: int):
    things = labels.by_room.get(room) or abort(404)
    return jsonify([{"number": t["number"], "title": t["title"], "kind": t["kind"]} for t in things])


@app.get("/texts")
def text_names():
    return jsonify(store.names())


@app.put("/texts/<name>")
def write_text(name: str):
    if store.read(name) is None:
        abort(404)
    labels.environment.parse(request.get_data(as_text=True))
    return jsonify(name=name, version=store.write(name, request.get_data(as_text=True)))


@app.get("/ok")
def ok():
    return "ok"


if __name__ == "__main__":
    server = wsgi.Server(("127.0.0.1", int(os.environ["PORT"])), app, numthreads=12)
    try:
        server.start()
    except KeyboardInterrupt:
        server.stop()
