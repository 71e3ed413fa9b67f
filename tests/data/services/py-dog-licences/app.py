"""The town's register of dogs: licences, tags and the yearly tax."""
import os
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

import django
from django.conf import settings

database = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    DEBUG=False, SECRET_KEY="town-hall", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=False,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.http.ConditionalGetMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": database.path.lstrip("/"),
                           "USER": database.username, "PASSWORD": database.password or "", "HOST": database.hostname,
                           "PORT": database.port, "CONN_MAX_AGE": 600}},
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.http import Http404, JsonResponse  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.http import require_GET  # noqa: E402

FIRST_DOG, FURTHER_DOG, LISTED_BREED = Decimal("84.00"), Decimal("132.00"), Decimal("480.00")


class Owner(models.Model):
    name = models.TextField()
    street = models.TextField()
    exempt = models.BooleanField(default=False)

    class Meta:
        app_label, db_table = "register", "owners"


class Dog(models.Model):
    owner = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="dogs")
    name = models.TextField()
    breed = models.TextField()
    born = models.DateField()
    chip = models.CharField(max_length=15)

    class Meta:
        app_label, db_table = "register", "dogs"


class Licence(models.Model):
    dog = models.ForeignKey(Dog, on_delete=models.CASCADE, related_name="licences")
    year = models.IntegerField()
    tag = models.CharField(max_length=10)
    paid = models.BooleanField()
    issued = models.DateField()

    class Meta:
        app_label, db_table = "register", "licences"


class Breed(models.Model):
    name = models.TextField(primary_key=True)
    listed = models.BooleanField()

    class Meta:
        app_label, db_table = "register", "breeds"


def listed_breeds() -> set[str]:
    return set(Breed.objects.filter(listed=True).values_list("name", flat=True))


def tax_for(owner: Owner, dogs: list[Dog]) -> Decimal:
    if owner.exempt:
        return Decimal(0)
    listed = listed_breeds()
    due = Decimal(0)
    for place, dog in enumerate(sorted(dogs, key=lambda dog: dog.born)):
        due += LISTED_BREED if dog.breed in listed else (FURTHER_DOG if place else FIRST_DOG)
    return due


def licence_json(licence: Licence) -> dict:
    return {"year": licence.year, "tag": licence.tag, "paid": licence.paid, "issued": licence.issued.isoformat()}


def dog_json(dog: Dog) -> dict:
    return {"id": dog.pk, "name": dog.name, "breed": dog.breed, "chip": dog.chip,
            "age": date.today().year - dog.born.year}


@require_GET
def tag(request, number):
    """Who belongs to the tag that was found on a stray?"""
    found = list(Licence.objects.filter(tag=number).select_related("dog__owner").order_by("-year"))
    if not found:
        raise Http404
    latest = found[0]
    owner = latest.dog.owner
    return JsonResponse({
        "tag": number,
        "valid": latest.paid and latest.year >= 2025,
        "dog": dog_json(latest.dog),
        "owner": {"name": owner.name, "street": owner.street},
        "licences": [licence_json(licence) for licence in found],
    })


@require_GET
def owner_tax(request, owner):
    person = get_object_or_404(Owner, pk=owner)
    dogs = list(person.dogs.all())
    return JsonResponse({"owner": person.name, "dogs": [dog_json(dog) for dog in dogs],
                         "tax": str(tax_for(person, dogs))})


@require_GET
def dog(request, dog):
    found = get_object_or_404(Dog, pk=dog)
    return JsonResponse({**dog_json(found), "licences": [licence_json(licence) for licence in
                                                         found.licences.order_by("year")]})


@require_GET
def breeds(request):
    return JsonResponse({"breeds": list(Breed.objects.order_by("name").values("name", "listed"))})


def up(request):
    return JsonResponse({"up": True})


urlpatterns = [
    path("tags/<str:number>", tag),
    path("owners/<int:owner>/tax", owner_tax),
    path("dogs/<int:dog>", dog),
    path("breeds", breeds),
    path("up", up),
]

application = get_wsgi_application()
