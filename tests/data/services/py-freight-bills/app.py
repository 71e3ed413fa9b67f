"""Bills of the haulier, as customers see them."""
import json
import logging
from collections import deque

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

import billing
from layers import dressed

REPORTS = billing.report(customers=12, each=380)
urls = Map([Rule("/customers/<customer>/bill", endpoint="bill"), Rule("/customers", endpoint="customers"),
            Rule("/zones", endpoint="zones"), Rule("/audit", endpoint="audit"), Rule("/healthz", endpoint="healthz")])


class Recent(logging.Handler):
    """The last lines of the audit trail, for the desk that answers customers' questions."""

    def __init__(self, most: int):
        super().__init__()
        self.lines: deque[str] = deque(maxlen=most)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


recent = Recent(most=200)
recent.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
billing.log.addHandler(recent)
billing.log.setLevel(logging.INFO)
billing.log.propagate = False


def bill(request: Request, customer: str) -> dict:
    if customer not in REPORTS:
        raise NotFound()
    return {"customer": customer} | billing.bill(REPORTS[customer])


def customers(request: Request) -> dict:
    return {"customers": sorted(REPORTS)}


def zones(request: Request) -> dict:
    return {zone: str(rate) for zone, rate in billing.ZONES.items()}


def audit(request: Request) -> dict:
    return {"recent": list(recent.lines)}


def healthz(request: Request) -> dict:
    return {"status": "ok"}


VIEWS = {"bill": bill, "customers": customers, "zones": zones, "audit": audit, "healthz": healthz}


@Request.application
def plain_app(request: Request) -> Response:
    try:
        endpoint, values = urls.bind_to_environ(request.environ).match()
        return Response(json.dumps(VIEWS[endpoint](request, **values)), mimetype="application/json")
    except HTTPException as problem:
        return Response(json.dumps({"error": problem.name}), status=problem.code, mimetype="application/json")


application = dressed(plain_app)
