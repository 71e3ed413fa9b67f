import os
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import JsonResponse
from django.urls import path

where = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    DEBUG=False,
    SECRET_KEY="bills",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=False,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": where.path.lstrip("/"),
            "USER": where.username or "postgres",
            "PASSWORD": where.password or "",
            "HOST": where.hostname,
            "PORT": where.port,
            "CONN_MAX_AGE": 600,
        }
    },
)
django.setup()


class Reading(models.Model):
    meter = models.IntegerField()
    district = models.IntegerField()
    litres = models.IntegerField()
    note = models.TextField()
    taken_on = models.DateField()

    class Meta:
        app_label = "bills"
        db_table = "readings"


def summary(request):
    district = int(request.GET.get("district", 1))
    months = {}
    for reading in Reading.objects.filter(district=district):
        months[reading.taken_on.month] = months.get(reading.taken_on.month, 0) + reading.litres
    return JsonResponse({"district": district, "months": months})


def health(request):
    return JsonResponse({"ok": True})


urlpatterns = [path("healthz", health), path("bills/summary", summary)]
application = get_wsgi_application()

if __name__ == "__main__":
    from waitress import serve

    serve(application, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
