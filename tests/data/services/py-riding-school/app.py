"""Riding school: which ponies of a yard can still be ridden on a day."""
import os
from datetime import date
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpResponseBadRequest, JsonResponse
from django.urls import path
from waitress import serve

database = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    DEBUG=False,
    SECRET_KEY="riding-school",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database.path.lstrip("/"),
        "USER": database.username,
        "HOST": database.hostname,
        "PORT": database.port,
        "CONN_MAX_AGE": 600,
    }},
)
django.setup()

from models import Lesson, Pony, Yard  # noqa: E402


def day_of(request) -> date:
    return date.fromisoformat(request.GET["on"]) if "on" in request.GET else date.today()


def yard_or_404(yard_id: int) -> Yard:
    try:
        return Yard.objects.get(pk=yard_id)
    except Yard.DoesNotExist:
        raise Http404 from None


def ponies_for_day(yard: Yard):
    return yard.ponies.filter(retired=False).prefetch_related("lessons", "checks")


def rating(pony: Pony, day: date) -> str:
    check = pony.last_check()
    if check is not None and not check.sound:
        return "lame"
    if check is None or (day - check.day).days > 60:
        return "check due"
    return "fit"


def pony_line(pony: Pony, day: date) -> dict:
    state = rating(pony, day)
    return {
        "name": pony.name,
        "height": pony.height_cm,
        "max_rider_kg": pony.weight_limit,
        "state": state,
        "ridden": pony.ridden_minutes(day),
        "left": pony.rest_minutes(day) if state != "lame" else 0,
    }


def yard_day(request, yard_id: int):
    try:
        day = day_of(request)
    except ValueError:
        return HttpResponseBadRequest("no such day")
    yard = yard_or_404(yard_id)
    lines = [pony_line(pony, day) for pony in ponies_for_day(yard)]
    return JsonResponse({
        "yard": yard.name,
        "day": day.isoformat(),
        "free": sum(line["left"] >= 45 for line in lines),
        "ponies": lines,
    })


def pony_page(request, pony_id: int):
    pony = Pony.objects.filter(pk=pony_id).select_related("yard").first()
    if pony is None:
        raise Http404
    return JsonResponse({"name": pony.name, "yard": pony.yard.name, "height": pony.height_cm})


def rider_lessons(request, rider: str):
    lessons = Lesson.objects.filter(rider=rider).select_related("pony").order_by("-day", "starts")[:30]
    return JsonResponse({"rider": rider, "lessons": [
        {"pony": x.pony.name, "day": x.day.isoformat(), "starts": x.starts.isoformat("minutes"), "minutes": x.minutes}
        for x in lessons]})


def healthz(request):
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("yards/<int:yard_id>/day", yard_day),
    path("ponies/<int:pony_id>", pony_page),
    path("riders/<str:rider>/lessons", rider_lessons),
    path("healthz", healthz),
]

if __name__ == "__main__":
    serve(get_wsgi_application(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, _quiet=True)
