"""Marks the rhymes of a poem that readers send in."""

import re

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

settings.configure(
    DEBUG=False,
    SECRET_KEY="poems",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)
django.setup()

REFRAIN = re.compile(r"\b(\w{3,} \w+ \w+)\b.*?\b\1 (?:again|once more)\b", re.IGNORECASE)
POEM = (
    "the sea was wet as wet could be the sands were dry as dry you could not see a cloud because "
    "no cloud was in the sky no birds were flying overhead there were no birds to fly the walrus "
    "and the carpenter were walking close at hand they wept like anything to see such quantities of sand if this were only "
    "cleared away they said it would be grand if seven maids with seven mops swept it for half a year "
    "do you suppose the walrus said that they could get it clear i doubt it said the carpenter"
)


def healthz(request):
    return JsonResponse({"ok": True})


def words_of(text):
    return re.findall(r"[a-z]+", text.lower())


def refrains(text):
    return [found.group(1) for found in REFRAIN.finditer(text)]


def rhymes(request):
    text = request.GET.get("text", " ".join([POEM] * 11))
    words = words_of(text)
    return JsonResponse({"words": len(words), "refrains": refrains(text)[:5]})


urlpatterns = [path("healthz", healthz), path("rhymes", rhymes)]
application = get_wsgi_application()
