"""Letters of a choir's office to its singers. The letters go to an outbox that the mail relay empties."""
import json
import os
import re
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from outbox import Letter, Outbox

FIRST = "Anna Bruno Clara David Elsa Fritz Greta Hugo Ida Jonas Karin Leo Mara Nils Olga Paul".split()
LAST = "Amsler Bach Carl Dorn Ender Frei Gut Haas Iten Jost Kern Lenz Moser Nagel Ott Peter".split()
GROUPS = {"soprano": 26, "alto": 22, "tenor": 15, "bass": 17}
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class BadRequest(Exception):
    status = HTTPStatus.BAD_REQUEST


class NotFound(Exception):
    status = HTTPStatus.NOT_FOUND


@dataclass(frozen=True)
class Singer:
    number: int
    first: str
    last: str
    group: str
    absent: bool

    @property
    def address(self) -> str:
        return f'"{self.first} {self.last}" <{self.first}.{self.last}.{self.number}@singers.example>'.lower()


def register() -> dict[str, list[Singer]]:
    singers, number = {}, 0
    for group, count in GROUPS.items():
        singers[group] = []
        for n in range(count):
            number += 1
            singers[group].append(Singer(number, FIRST[number % 16], LAST[number * 7 % 16], group, n % 14 == 9))
    return singers


class Office:
    def __init__(self, singers: dict[str, list[Singer]], outbox: Outbox):
        self._singers = singers
        self._outbox = outbox

    def group(self, name: str) -> list[Singer]:
        if name == "all":
            return [singer for group in self._singers.values() for singer in group]
        if name not in self._singers:
            raise NotFound(f"no group {name}")
        return self._singers[name]

    @staticmethod
    def fill(text: str, singer: Singer) -> str:
        values = {"first": singer.first, "last": singer.last, "group": singer.group}
        return PLACEHOLDER.sub(lambda m: values.get(m[1], m[0]), text)

    def write_to(self, group: str, subject: str, text: str) -> dict:
        readers = [s for s in self.group(group) if not s.absent]
        letters = [Letter(s.address, self.fill(subject, s), self.fill(text, s)) for s in readers]
        keys = self._outbox.enqueue(letters)
        return {"group": group, "letters": len(keys), "bytes": sum(len(letter.text) for letter in letters)}

    def preview(self, group: str, text: str) -> dict:
        first = self.group(group)[0]
        return {"to": first.address, "text": self.fill(text, first)}

    def roster(self, group: str) -> list[dict]:
        return [{"name": f"{s.first} {s.last}", "absent": s.absent} for s in self.group(group)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 32768
    disable_nagle_algorithm = True
    office: Office

    def log_message(self, *args) -> None:
        pass

    def body(self) -> dict:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            return json.loads(raw)
        except ValueError:
            raise BadRequest("the body is not JSON") from None

    def field(self, body: dict, name: str) -> str:
        value = body.get(name)
        if not isinstance(value, str) or not value.strip():
            raise BadRequest(f"{name} is missing")
        return value

    def reply(self, status: HTTPStatus, content) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def route(self, method: str):
        match method, urlsplit(self.path).path.strip("/").split("/"):
            case "GET", ["healthz"]:
                return HTTPStatus.OK, {"status": "ok"}
            case "GET", ["groups", group]:
                return HTTPStatus.OK, self.office.roster(group)
            case "POST", ["groups", group, "preview"]:
                return HTTPStatus.OK, self.office.preview(group, self.field(self.body(), "text"))
            case "POST", ["groups", group, "letters"]:
                body = self.body()
                return HTTPStatus.ACCEPTED, self.office.write_to(group, self.field(body, "subject"), self.field(body, "text"))
        raise NotFound("no such path")

    def answer(self, method: str) -> None:
        try:
            self.reply(*self.route(method))
        except (BadRequest, NotFound) as error:
            self.reply(error.status, {"error": str(error)})

    def do_GET(self) -> None:
        self.answer("GET")

    def do_POST(self) -> None:
        self.answer("POST")


def main() -> None:
    Handler.office = Office(register(), Outbox(os.environ.get("OUTBOX", "outbox")))
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
    server.serve_forever()


if __name__ == "__main__":
    main()
