"""Call sheets of a theatre: who must be where and when, as JSON for the app or as a calendar."""
import functools
import hashlib
import html
import logging
import os
import re
import string
import textwrap
import unicodedata
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, json, request
from itsdangerous import Signer
from markupsafe import Markup, escape
from marshmallow import Schema, ValidationError, fields, post_load, validate

log = logging.getLogger("calls")
HOME = ZoneInfo("Europe/Vienna")
CALENDAR_IDS = uuid.UUID("6f1d54a0-4d5e-4c8e-9a43-5f1c1f0f7c11")
ROOMS = {"MS": "Main stage", "RS": "Rehearsal stage", "BA": "Ballet hall", "CH": "Choir room", "FI": "Fitting room 2"}
RATES = {"soloist": Decimal("41.50"), "choir": Decimal("23.80"), "dancer": Decimal("26.10"), "extra": Decimal("14.00")}
SUMMARY = string.Template("$piece: $scene ($kind, $minutes min)")
SENSITIVE = re.compile(r"\+\d{2}[\d ]{6,}\d")
MARKS = ((re.compile(r"\*\*(.+?)\*\*"), r"<b>\1</b>"), (re.compile(r"_(.+?)_"), r"<i>\1</i>"),
         (re.compile(r"\[(\w+)\]"), r'<span class="cue">\1</span>'))
signer = Signer(os.environ.get("CALENDAR_KEY", "stage door"))


class Call:
    def __init__(self, **values):
        self.__dict__.update(values)
        self.ends = self.starts + timedelta(minutes=self.minutes)


class CallSchema(Schema):
    number = fields.String(required=True, validate=validate.Regexp(r"C\d{4}$"))
    piece = fields.String(required=True, validate=validate.Length(1, 80))
    scene = fields.String(required=True)
    kind = fields.String(validate=validate.OneOf(list(RATES)))
    room = fields.String(validate=validate.OneOf(list(ROOMS)))
    starts = fields.DateTime(required=True)
    minutes = fields.Integer(validate=validate.Range(5, 600))
    note = fields.String(load_default="")

    @post_load
    def build(self, data, **_):
        return Call(**data)


class Phones(logging.Filter):
    def filter(self, record):
        record.msg, record.args = SENSITIVE.sub("(number)", record.getMessage()), ()
        return True


def read_plan(day: date) -> list[dict]:
    pieces = ("Die Fledermaus", "Rusalka", "Così fan tutte", "Don Giovanni", "Œdipe")
    plan = []
    for n in range(168):
        begins = datetime.combine(day, time(9 + n % 12, n % 4 * 15))
        plan.append({"number": f"C{n:04d}", "piece": pieces[n % 5], "scene": f"Act {1 + n % 3}, scene {1 + n % 7}",
                     "kind": list(RATES)[n % 4], "room": list(ROOMS)[n % 5], "starts": begins.isoformat(),
                     "minutes": 30 + n % 5 * 15, "note": f"**Bring** the score & _water_; ask Ms. Novák <{n}> at "
                                                         f"+43 1 514 {n:03d} 99 about [cue{n}] and the costume."})
    return plan


def checked(plan: list[dict]) -> list[Call]:
    try:
        return CallSchema(many=True).load(plan)
    except ValidationError as error:
        abort(422, str(error))


def slug(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", flat).strip("-")


def marked_up(note: str) -> Markup:
    text = str(escape(note))
    for pattern, replacement in MARKS:
        text = pattern.sub(replacement, text)
    return Markup(text)


def plain_note(note: Markup) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", note))


def zoned(moment: datetime) -> datetime:
    return moment.replace(tzinfo=HOME).astimezone(ZoneInfo("UTC"))


def fee(call: Call) -> Decimal:
    hours = Decimal(call.minutes) / 60
    late = Decimal("1.25") if call.ends.hour >= 21 else Decimal(1)
    return (RATES[call.kind] * hours * late).quantize(Decimal("0.01"))


def subject(call: Call) -> str:
    return SUMMARY.substitute(piece=call.piece, scene=call.scene, kind=call.kind, minutes=call.minutes)


def ical_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")


def folded(line: str) -> str:
    return "\r\n ".join(line[i:i + 73] for i in range(0, len(line), 73))


def clashes(call: Call, calls: list[Call]) -> list[str]:
    return [other.number for other in calls
            if other.room == call.room and other is not call and other.starts < call.ends and call.starts < other.ends]


def ical_event(call: Call, note: str, identity: str) -> list[str]:
    return [folded(line) for line in (
        "BEGIN:VEVENT", f"UID:{identity}", f"DTSTART:{zoned(call.starts):%Y%m%dT%H%M%SZ}",
        f"DTEND:{zoned(call.ends):%Y%m%dT%H%M%SZ}", f"SUMMARY:{ical_text(subject(call))}",
        f"LOCATION:{ical_text(ROOMS[call.room])}", f"DESCRIPTION:{ical_text(note)}", "END:VEVENT")]


def call_sheet(calls: list[Call]) -> tuple[list[dict], str]:
    entries, lines = [], ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for call in sorted(calls, key=lambda call: (call.starts, slug(call.piece), call.number)):
        note = marked_up(call.note)
        readable = plain_note(note)
        identity = str(uuid.uuid5(CALENDAR_IDS, f"{call.number}/{call.starts.isoformat()}"))
        log.info("call %s for %s: %s", call.number, call.kind, readable)
        entries.append({
            "id": identity, "call": call.number, "title": subject(call), "room": ROOMS[call.room],
            "slug": slug(f"{call.piece} {call.scene}"), "starts": zoned(call.starts).isoformat(),
            "local": call.starts.strftime("%a %d %b, %H:%M"), "fee": str(fee(call)), "note": note,
            "short": textwrap.shorten(readable, 48, placeholder="..."), "clashes": clashes(call, calls),
            "link": signer.sign(f"/calls/{call.number}").decode(),
        })
        lines += ical_event(call, readable, identity)
    return entries, "\r\n".join([*lines, "END:VCALENDAR"])


def sealed(view):
    @functools.wraps(view)
    def wrapped(*args, **kwargs):
        content = view(*args, **kwargs)
        body = json.dumps(content, sort_keys=True)
        tag = hashlib.sha256(body.encode()).hexdigest()
        return Response(body, mimetype="application/json", headers={"ETag": f'"{tag}"'})
    return wrapped


app = Flask(__name__)
log.addFilter(Phones())
log.addHandler(logging.StreamHandler(open(os.devnull, "w")))
log.handlers[0].setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
log.setLevel(logging.INFO)


def asked_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


@app.get("/days/<day>/calls")
@sealed
def day_calls(day):
    calls = checked(read_plan(asked_day(day)))
    entries, calendar = call_sheet(calls)
    total = sum((Decimal(entry["fee"]) for entry in entries), Decimal(0))
    return {"day": day, "calls": entries, "fees": str(total), "calendar": calendar}


@app.get("/days/<day>/rooms/<room>")
@sealed
def room_calls(day, room):
    calls = [call for call in checked(read_plan(asked_day(day))) if call.room == room]
    return {"room": ROOMS.get(room) or abort(404), "calls": [subject(call) for call in calls]}


@app.get("/rates")
@sealed
def rates():
    return {kind: str(rate) for kind, rate in RATES.items() if request.args.get("kind", kind) == kind}


@app.get("/up")
def up():
    return {"up": True}
