"""The public log of whale sightings from ferries and research vessels."""
import os
from urllib.parse import urlparse

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from waitress import serve

database = urlparse(os.environ["DATABASE_URL"])
settings.configure(
    SECRET_KEY="sightings",
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    LOGGING_CONFIG=None,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database.path.lstrip("/"),
        "USER": database.username,
        "HOST": database.hostname,
        "PORT": database.port,
        "CONN_MAX_AGE": None,
    }},
)
django.setup()

from django.db import models  # noqa: E402
from django.db.models import Count, Sum  # noqa: E402
from django.http import Http404, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

MAX_PER_PAGE = 100


class Species(models.Model):
    name = models.TextField()
    latin = models.TextField()

    class Meta:
        app_label = "log"
        db_table = "species"
        managed = False


class Sighting(models.Model):
    vessel_id = models.IntegerField()
    species = models.ForeignKey(Species, on_delete=models.PROTECT)
    seen_at = models.DateTimeField()
    lat = models.FloatField()
    lon = models.FloatField()
    animals = models.SmallIntegerField()
    remarks = models.TextField()
    verified = models.BooleanField()

    class Meta:
        app_label = "log"
        db_table = "sightings"
        managed = False

    def as_dict(self) -> dict:
        return {
            "id": self.id,
            "species": self.species.name,
            "latin": self.species.latin,
            "seen_at": self.seen_at.isoformat(),
            "position": degrees(self.lat, "NS") + " " + degrees(self.lon, "EW"),
            "animals": self.animals,
            "remarks": self.remarks,
        }


def degrees(value: float, letters: str) -> str:
    whole, rest = divmod(abs(value), 1)
    return f"{int(whole)}°{rest * 60:04.1f}'{letters[value < 0]}"


def number(request, name: str, default: int, most: int) -> int:
    try:
        return max(1, min(most, int(request.GET.get(name, default))))
    except ValueError:
        raise Http404(name) from None


def page_of(queryset, page: int, per_page: int) -> list:
    begin = (page - 1) * per_page
    return list(queryset[begin:begin + per_page + 1])


def sightings(request):
    page = number(request, "page", 1, 100_000)
    per_page = number(request, "per_page", 25, MAX_PER_PAGE)
    newest = Sighting.objects.filter(verified=True).select_related("species").order_by("-seen_at", "-id")
    found = page_of(newest, page, per_page)
    if not found:
        raise Http404("no such page")
    return JsonResponse({
        "page": page,
        "sightings": [one.as_dict() for one in found[:per_page]],
        "next": f"/sightings?page={page + 1}&per_page={per_page}" if len(found) > per_page else None,
    })


def sighting(request, key: int):
    found = Sighting.objects.select_related("species").filter(pk=key).first()
    if found is None:
        raise Http404("no such sighting")
    return JsonResponse(found.as_dict())


def vessel(request, key: int):
    rows = (Sighting.objects.filter(vessel_id=key).values("species__name")
            .annotate(times=Count("id"), animals=Sum("animals")).order_by("-times")[:10])
    return JsonResponse({"vessel": key, "species": list(rows)})


def healthz(request):
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("sightings", sightings),
    path("sightings/<int:key>", sighting),
    path("vessels/<int:key>", vessel),
    path("healthz", healthz),
]

if __name__ == "__main__":
    serve(get_wsgi_application(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=10, _quiet=True)
