"""Radon in dwellings: reads the exposed detectors of a dwelling and says what to do about it."""
import argparse
import http.client
import json
import math
import os

from klein import Klein
from twisted.internet import defer, reactor, threads
from twisted.web.server import Site

LABORATORY = ("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
REFERENCE_LEVEL = 300.0
EFFICIENCY = 2.37
FLOORS = {"cellar": 0.2, "ground": 1.0, "first": 0.9, "attic": 0.7}
ADVICE = ((100, "nothing to do"), (300, "air more often"), (1000, "seal the cellar"), (math.inf, "ventilate by a fan"))


class LaboratoryError(Exception):
    pass


class Laboratory:
    """The laboratory's record service. The library that they hand out is a blocking one."""

    def __init__(self, address, timeout=5):
        self._host, self._port = address
        self._timeout = timeout

    def _get(self, path):
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            if answer.status != 200:
                raise LaboratoryError(f"{path}: {answer.status}")
            return json.loads(answer.read())
        except OSError as error:
            raise LaboratoryError(str(error)) from error
        finally:
            connection.close()

    def exposure(self, dwelling, floor):
        return self._get(f"/exposures/{dwelling}/{floor}")


def concentration(exposure):
    """Becquerel in a cubic metre, from the tracks that were counted."""
    density = exposure["tracks"] / exposure["area"]
    return density / (EFFICIENCY * exposure["days"] / 100)


def yearly_mean(levels):
    weights = sum(FLOORS[floor] for floor in levels)
    return sum(FLOORS[floor] * level for floor, level in levels.items()) / weights


def dose(level, smoker):
    return round(level * 7000 * 0.4 * 9e-6 * (1.8 if smoker else 1.0), 2)


def advice(level):
    return next(text for limit, text in ADVICE if level < limit)


class Assessments:
    def __init__(self, laboratory):
        self._laboratory = laboratory
        self.done = 0

    @defer.inlineCallbacks
    def levels(self, dwelling, floors):
        waiting = [threads.deferToThread(self._laboratory.exposure, dwelling, floor) for floor in floors]
        exposures = yield defer.gatherResults(waiting, consumeErrors=True)
        return {floor: concentration(exposure) for floor, exposure in zip(floors, exposures)}

    @defer.inlineCallbacks
    def assess(self, dwelling, floors, smoker):
        levels = yield self.levels(dwelling, floors)
        mean = yearly_mean(levels)
        self.done += 1
        return {
            "dwelling": dwelling,
            "floors": {floor: round(level, 1) for floor, level in levels.items()},
            "mean": round(mean, 1),
            "over": mean > REFERENCE_LEVEL,
            "dose": dose(mean, smoker),
            "advice": advice(max(levels.values())),
        }


class Desk:
    app = Klein()

    def __init__(self, assessments):
        self._assessments = assessments

    @staticmethod
    def _reply(request, content, status=200):
        request.setResponseCode(status)
        request.setHeader("content-type", "application/json")
        return json.dumps(content).encode()

    @app.route("/dwellings/<dwelling>/assessment", methods=["POST"])
    @defer.inlineCallbacks
    def assessment(self, request, dwelling):
        try:
            form = json.loads(request.content.read())
            floors, smoker = list(form["floors"]), bool(form.get("smoker", False))
        except (ValueError, KeyError, TypeError):
            return self._reply(request, {"error": "floors are wanted"}, 400)
        if not floors or any(floor not in FLOORS for floor in floors):
            return self._reply(request, {"error": "no such floor"}, 422)
        try:
            found = yield self._assessments.assess(dwelling, floors, smoker)
        except defer.FirstError as error:
            return self._reply(request, {"error": error.subFailure.getErrorMessage()}, 502)
        return self._reply(request, found, 201)

    @app.route("/floors")
    def floors(self, request):
        return self._reply(request, {"floors": FLOORS, "reference": REFERENCE_LEVEL})

    @app.route("/advice/<int:level>")
    def advice_for(self, request, level):
        return self._reply(request, {"level": level, "advice": advice(level), "dose": dose(level, False)})

    @app.route("/count")
    def count(self, request):
        return self._reply(request, {"done": self._assessments.done})

    @app.route("/alive")
    def alive(self, request):
        return b"alive\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warn"))
    parser.add_argument("--threads", type=int, default=len(FLOORS))
    return parser.parse_args()


def main():
    options = arguments()
    reactor.suggestThreadPoolSize(options.threads)
    desk = Desk(Assessments(Laboratory(LABORATORY)))
    reactor.listenTCP(int(os.environ["PORT"]), Site(desk.app.resource()), interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
