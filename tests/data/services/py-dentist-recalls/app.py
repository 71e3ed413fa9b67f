"""Recall desk of a group of dental practices: whom to call for a check-up."""
import os
from datetime import date
from urllib.parse import urlsplit

import django
from django.conf import settings

database = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    DEBUG=False,
    SECRET_KEY=os.environ.get("SECRET_KEY", "recall-desk"),
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": database.path[1:], "USER": database.username,
                           "HOST": database.hostname, "PORT": database.port, "CONN_MAX_AGE": None}},
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import Http404, HttpResponseBadRequest, JsonResponse  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from waitress import serve  # noqa: E402

from models import Patient, Practice, Visit  # noqa: E402

CALLS_A_DAY = 30
HYGIENE_MONTHS = 6
YOUNG_MONTHS = 9


def wanted_day(request) -> date:
    text = request.GET.get("on")
    return date.fromisoformat(text) if text else date.today()


def age(patient: Patient, on: date) -> int:
    return on.year - patient.born.year - ((on.month, on.day) < (patient.born.month, patient.born.day))


def urgency(months: int) -> str:
    if months >= 24:
        return "lost"
    return "late" if months >= 12 else "due"


def call_line(patient: Patient, on: date) -> dict:
    months = (on - patient.last_seen).days // 30
    return {"patient": patient.id, "name": patient.name, "phone": patient.phone, "age": age(patient, on),
            "last_seen": patient.last_seen, "last": patient.last_kind, "months": months, "urgency": urgency(months)}


def recalls(request, practice: int):
    """The call list of a day: those who were longest away come first."""
    try:
        on = wanted_day(request)
        months = int(request.GET.get("months", HYGIENE_MONTHS))
    except ValueError:
        return HttpResponseBadRequest("on is a date, months a number")
    found = get_object_or_404(Practice, pk=practice)
    patients = Patient.objects.filter(practice=found).due_for_recall(on, months)[:CALLS_A_DAY]
    lines = [call_line(patient, on) for patient in patients]
    return JsonResponse({"practice": found.name, "on": on, "calls": lines,
                         "lost": sum(line["urgency"] == "lost" for line in lines)})


def patient_card(request, patient: int):
    found = get_object_or_404(Patient.objects.select_related("practice"), pk=patient)
    visits = Visit.objects.filter(patient=found).order_by("-at")[:12]
    return JsonResponse({"name": found.name, "practice": found.practice.name, "age": age(found, date.today()),
                         "interval": YOUNG_MONTHS if age(found, date.today()) < 18 else HYGIENE_MONTHS,
                         "visits": [{"at": visit.at, "kind": visit.kind} for visit in visits]})


def practice_list(request):
    return JsonResponse({"practices": [{"id": p.id, "name": p.name, "town": p.town} for p in Practice.objects.order_by("id")]})


def search(request, practice: int):
    name = request.GET.get("name", "").strip()
    if not name:
        raise Http404
    found = Patient.objects.filter(practice_id=practice, name=name)[:10]
    return JsonResponse({"patients": [{"id": p.id, "name": p.name, "born": p.born} for p in found]})


def healthz(request):
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("practices", practice_list),
    path("practices/<int:practice>/recalls", recalls),
    path("practices/<int:practice>/patients", search),
    path("patients/<int:patient>", patient_card),
    path("healthz", healthz),
]

if __name__ == "__main__":
    serve(get_wsgi_application(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
