"""Festival programmes as pages: concerts by day, in the visitor's language."""
import functools
import hashlib
import json
import logging
import random
import re
import time
import unicodedata
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import nh3
from babel.dates import format_date, format_time
from babel.numbers import format_currency
from flask import Flask, Response, abort, g, jsonify, render_template, request
from marshmallow import Schema, fields, post_dump, validate

log = logging.getLogger("programme")
app = Flask(__name__)
INSTRUMENTS = ("piano", "bass", "drums", "trumpet", "alto", "vibes")
WORDINGS = {
    "de": {"concerts": "{n} Konzerte", "last_seats": "nur noch {n} Plätze", "full": "voll", "reduced": "ermäßigt",
           "piano": "Klavier", "bass": "Bass", "drums": "Schlagzeug", "trumpet": "Trompete", "alto": "Altsaxophon", "vibes": "Vibraphon"},
    "en": {"concerts": "{n} concerts", "last_seats": "only {n} seats left", "full": "full", "reduced": "reduced",
           **{name: name for name in INSTRUMENTS}},
}


@dataclass
class Player:
    name: str
    instrument: str


@dataclass
class Concert:
    number: int
    title: str
    stage: str
    starts: datetime
    minutes: int
    about: str
    sold: int
    seats: int
    players: list[Player] = field(default_factory=list)
    prices: dict[str, int] = field(default_factory=dict)

    @property
    def ends(self) -> datetime:
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def left(self) -> int:
        return self.seats - self.sold


@dataclass
class Festival:
    code: str
    name: str
    concerts: list[Concert]


class PlayerSchema(Schema):
    name = fields.Str(required=True, validate=validate.Length(min=1, max=80))
    instrument = fields.Str(required=True, validate=validate.OneOf(INSTRUMENTS))


class ConcertSchema(Schema):
    number = fields.Int()
    title = fields.Function(lambda concert: tidy(concert.title))
    stage = fields.Str()
    starts = fields.Raw()
    ends = fields.Raw()
    left = fields.Int()
    late = fields.Method("is_late")
    day = fields.Method("day_of")
    about = fields.Str()
    players = fields.Nested(PlayerSchema, many=True)
    prices = fields.Dict(keys=fields.Str(), values=fields.Int())

    def is_late(self, concert: Concert) -> bool:
        return concert.starts.hour >= 21

    def day_of(self, concert: Concert) -> str:
        return (concert.starts - timedelta(hours=4)).date().isoformat()

    @post_dump
    def order_players(self, data, **_):
        data["players"].sort(key=lambda player: (INSTRUMENTS.index(player["instrument"]), player["name"]))
        return data


def tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text.strip())
    text = re.sub(r"\s+([,.!?])", r"\1", text)
    return re.sub(r"\bw/\s*", "with ", text)


@app.template_filter("slug")
def slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@app.template_filter("money")
def money(cents: int) -> str:
    return format_currency(cents / 100, "EUR", locale=g.lang)


@app.template_filter("longday")
def longday(moment: datetime) -> str:
    return format_date(moment, "full", locale=g.lang)


@app.template_filter("clock")
def clock(moment: datetime) -> str:
    return format_time(moment, "short", locale=g.lang)


@app.template_filter("safe_html")
def safe_html(text: str):
    from markupsafe import Markup
    return Markup(nh3.clean(text, tags={"p", "em", "strong", "a"}))


@app.template_global("t")
def translated(key: str, **values) -> str:
    return WORDINGS[g.lang].get(key, key).format(**values)


@app.before_request
def choose_language():
    g.begun = time.perf_counter()
    wanted = request.args.get("lang") or request.accept_languages.best_match(list(WORDINGS)) or "en"
    g.lang = wanted if wanted in WORDINGS else "en"


@app.after_request
def squeeze(answer: Response) -> Response:
    if answer.mimetype == "text/html":
        text = re.sub(r">\s+<", "><", answer.get_data(as_text=True))
        answer.set_data(re.sub(r"[ \t]{2,}", " ", text))
    return answer


@app.after_request
def tag(answer: Response) -> Response:
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:20])
    return answer.make_conditional(request)


def structured_data(festival: Festival, shows: list[dict]) -> str:
    """What search engines read."""
    return json.dumps([
        {"@type": "MusicEvent", "name": show["title"], "startDate": show["starts"].isoformat(), "superEvent": festival.name,
         "performer": [{"@type": "Person", "name": player["name"]} for player in show["players"]],
         "offers": [{"category": k, "price": v / 100, "priceCurrency": "EUR"} for k, v in show["prices"].items()]}
        for show in shows], ensure_ascii=False)


@functools.cache
def festivals() -> dict[str, Festival]:
    rnd = random.Random(1959)
    found = {}
    for code, count in (("harbour", 96), ("old-mill", 24)):
        concerts = []
        for n in range(count):
            players = [Player(f"{rnd.choice('ABCDEFG')}. {rnd.choice(('Moor', 'Lindqvist', 'Oyelaran', 'Šimek', 'Brandt'))}", i)
                       for i in rnd.sample(INSTRUMENTS, rnd.randrange(3, 6))]
            starts = datetime(2025, 7, 3, 15) + timedelta(days=n % 6, minutes=30 * (n // 6))
            about = f"<p>Music of the <em>{1940 + n}s</em>, played by {len(players)} , with <a href='/a/{n}'>notes</a>.</p><script>x({n})</script>"
            concerts.append(Concert(n, f"{players[0].name}  w/ friends , set {n}", rnd.choice(("Quay", "Crane", "Hold")), starts, 75, about,
                                    rnd.randrange(60, 200), 210, players, {"full": 3200, "reduced": 2400}))
        found[code] = Festival(code, f"{code.title()} Jazz", concerts)
    return found


def festival_or_404(code: str) -> Festival:
    return festivals().get(code) or abort(404)


@app.get("/festivals/<festival>/programme")
def programme(festival):
    found = festival_or_404(festival)
    shows = ConcertSchema(many=True).dump(found.concerts)
    shows.sort(key=lambda show: (show["day"], show["starts"], slug(show["title"])))
    page = render_template("programme.html", festival=found, concerts=shows, lang=g.lang)
    page = page.replace("</head>", f'<script type="application/ld+json">{structured_data(found, shows)}</script></head>')
    log.info("programme %s: %d concerts, %d ms", festival, len(shows), (time.perf_counter() - g.begun) * 1000)
    return Response(page, headers={"X-Checksum": f"{zlib.crc32(page.encode()):08x}"}, mimetype="text/html")


@app.get("/festivals/<festival>/concerts/<int:number>")
def concert(festival, number):
    concerts = festival_or_404(festival).concerts
    if number >= len(concerts):
        abort(404)
    return jsonify(ConcertSchema(exclude=["starts", "ends"]).dump(concerts[number]))


@app.get("/health")
def health():
    return jsonify(status="ok")
