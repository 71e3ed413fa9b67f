"""Medicine rounds of a care home: which doses are due for a resident, and on which trolley."""
import os
import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dateutil.rrule import rrule, rruleset, rrulestr
from flask import Blueprint, Flask, abort, jsonify, request
from waitress import serve

WINGS = ("north", "south", "garden")
PLANS = (
    ("FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0;BYSECOND=0", 1),
    ("FREQ=DAILY;BYHOUR=8;BYMINUTE=0;BYSECOND=0", 2),
    ("FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9;BYMINUTE=30;BYSECOND=0", 1),
    ("FREQ=DAILY;BYHOUR=7,13,19;BYMINUTE=15;BYSECOND=0", 1),
    ("FREQ=DAILY;INTERVAL=2;BYHOUR=21;BYMINUTE=0;BYSECOND=0", 3),
)
MEDICINES = ("amlodipine 5 mg", "metformin 500 mg", "alendronate 70 mg", "levodopa 100 mg", "senna 7.5 mg",
             "paracetamol 500 mg", "bisoprolol 2.5 mg", "omeprazole 20 mg")
TROLLEYS = [(time(6), "dawn"), (time(9), "morning"), (time(12), "noon"), (time(17), "evening"), (time(20, 30), "night")]


@dataclass(frozen=True)
class Prescription:
    number: str
    medicine: str
    tablets: int
    begun: datetime
    plan: str
    paused: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Resident:
    number: str
    name: str
    wing: str
    prescriptions: tuple[Prescription, ...]


def read_residents() -> dict[str, Resident]:
    chance = random.Random(31)
    residents = {}
    for n in range(1, 141):
        drugs = []
        for k in range(4 + n % 3):
            plan, tablets = PLANS[(n + k) % len(PLANS)]
            begun = datetime(2015 + (n * 7 + k) % 5, 1 + (n + k) % 12, 1 + n % 28, 6, 0)
            paused = tuple(datetime(2025, 11, chance.randint(1, 28), 8) for _ in range(k % 2))
            drugs.append(Prescription(f"RX{n:03d}-{k}", MEDICINES[(n * 3 + k) % len(MEDICINES)], tablets, begun, plan,
                                      paused))
        residents[f"R-{n}"] = Resident(f"R-{n}", f"Resident {n}", WINGS[n % 3], tuple(drugs))
    return residents


class Schedule:
    """The times at which one prescription is given."""

    def __init__(self, prescription: Prescription):
        self.prescription = prescription
        self._times = rruleset()
        rule = rrulestr(prescription.plan, dtstart=prescription.begun)
        assert isinstance(rule, rrule)
        self._times.rrule(rule)
        for pause in prescription.paused:
            self._times.exdate(pause)

    def doses(self, since: datetime, until: datetime) -> list[datetime]:
        return self._times.between(since, until, inc=True)

    def following(self, moment: datetime) -> datetime | None:
        return self._times.after(moment)


def trolley_for(moment: datetime) -> str:
    name = TROLLEYS[-1][1]
    for begins, called in TROLLEYS:
        if moment.time() >= begins:
            name = called
    return name


def round_sheet(resident: Resident, day: datetime) -> dict:
    ends = day + timedelta(days=1, seconds=-1)
    doses, tomorrow = [], {}
    for prescription in resident.prescriptions:
        schedule = Schedule(prescription)
        for moment in schedule.doses(day, ends):
            doses.append({"at": moment.strftime("%H:%M"), "trolley": trolley_for(moment), "rx": prescription.number,
                          "medicine": prescription.medicine, "tablets": prescription.tablets})
        upcoming = schedule.following(ends)
        tomorrow[prescription.number] = upcoming.isoformat() if upcoming else None
    doses.sort(key=lambda dose: (dose["at"], dose["medicine"]))
    return {"resident": resident.number, "name": resident.name, "wing": resident.wing,
            "day": day.date().isoformat(), "doses": doses, "next": tomorrow}


rounds = Blueprint("rounds", __name__)
RESIDENTS = read_residents()


def resident_or_404(number: str) -> Resident:
    return RESIDENTS.get(number) or abort(404)


def asked_day() -> datetime:
    try:
        return datetime.fromisoformat(request.args.get("day", "")) if "day" in request.args else datetime.combine(
            datetime.now().date(), time())
    except ValueError:
        abort(400, "day must be a date")


@rounds.get("/residents/<number>/round")
def resident_round(number):
    return jsonify(round_sheet(resident_or_404(number), asked_day()))


@rounds.get("/residents/<number>")
def resident_card(number):
    found = resident_or_404(number)
    return jsonify(number=found.number, name=found.name, wing=found.wing,
                   prescriptions=[{"rx": p.number, "medicine": p.medicine, "since": p.begun.date().isoformat()}
                                  for p in found.prescriptions])


@rounds.get("/wings/<wing>/residents")
def wing_residents(wing):
    if wing not in WINGS:
        abort(404)
    return jsonify([r.number for r in RESIDENTS.values() if r.wing == wing])


@rounds.get("/ping")
def ping():
    return jsonify(ok=True)


def create_app() -> Flask:
    app = Flask(__name__)
    app.register_blueprint(rounds)
    return app


if __name__ == "__main__":
    serve(create_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=6, _quiet=True)
