"""Finds the alumni of a university."""
import os
from urllib.parse import urlsplit

import django
from django.conf import settings

url = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    SECRET_KEY="local", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True, MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    INSTALLED_APPS=[], DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "HOST": url.hostname, "PORT": url.port, "USER": url.username,
                           "NAME": url.path[1:], "CONN_MAX_AGE": 600}},
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.http import Http404, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402


class Person(models.Model):
    name = models.TextField()
    email = models.TextField(unique=True)
    year = models.IntegerField()

    class Meta:
        app_label, db_table, managed = "alumni", "person", False


class Meeting(models.Model):
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="meetings")
    city = models.TextField()
    day = models.DateField()

    class Meta:
        app_label, db_table, managed = "alumni", "meeting", False


def people(request):
    found = Person.objects.filter(email__iexact=request.GET.get("email", "")).first()
    if found is None:
        raise Http404
    meetings = [{"city": m.city, "day": m.day} for m in found.meetings.order_by("-day")[:10]]
    return JsonResponse({"name": found.name, "year": found.year, "meetings": meetings})


def year(request, number):
    return JsonResponse({"people": list(Person.objects.filter(year=number).order_by("name").values_list("name", flat=True)[:50])})


def healthz(request):
    return JsonResponse({"ok": True})


urlpatterns = [path("people", people), path("years/<int:number>", year), path("healthz", healthz)]
application = get_wsgi_application()
