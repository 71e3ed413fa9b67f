"""Ship registry of a country's small harbours: a JSON interface for brokers and harbour masters."""
import hashlib
import logging
import os
from zoneinfo import ZoneInfo

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="registry",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TIME_ZONE="Europe/Copenhagen",
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=["app.AccessLog", "django.middleware.gzip.GZipMiddleware", "django.middleware.http.ConditionalGetMiddleware",
                "django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
from django.utils.text import slugify
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import HARBOURS, Trade, load_ships

SHIPS = load_ships()
ZONE = ZoneInfo("Europe/Copenhagen")
BY_NUMBER = {ship.number: ship for ship in SHIPS}
log = logging.getLogger("registry")


class AccessLog:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["X-Digest"] = hashlib.sha1(response.content).hexdigest()
        log.info("%s %s %s", request.method, request.path, response.status_code)
        return response


def survey_note(ship) -> str:
    last = max(ship.surveys, key=lambda survey: survey.held_at)
    when, until = last.held_at.astimezone(ZONE), ship.next_survey
    return f"{last.kind} survey on {when:%d %B %Y}, next by {until:%B %Y}"


class OwnerSerializer(serializers.Serializer):
    name = serializers.CharField()
    address = serializers.SerializerMethodField()
    email = serializers.EmailField()
    share = serializers.DecimalField(max_digits=5, decimal_places=2)

    def get_address(self, owner) -> str:
        return ", ".join(filter(None, (owner.street.strip(), owner.town.strip())))

    def to_representation(self, owner):
        shown = super().to_representation(owner)
        box, _, host = shown["email"].partition("@")
        shown["email"] = f"{box[:2]}{'*' * (len(box) - 2)}@{host}"
        return shown


class EngineSerializer(serializers.Serializer):
    maker = serializers.CharField()
    kilowatts = serializers.DecimalField(max_digits=7, decimal_places=1)
    horse_power = serializers.SerializerMethodField()
    built = serializers.IntegerField()
    hours_run = serializers.IntegerField(source="hours")

    def get_horse_power(self, engine) -> int:
        return round(float(engine.kilowatts) * 1.35962)


class SurveySerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["hull", "safety", "radio"])
    held_at = serializers.DateTimeField(default_timezone=ZONE)
    surveyor = serializers.CharField()
    passed = serializers.BooleanField()
    remarks = serializers.ListField(child=serializers.CharField())


class ShipSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    name = serializers.CharField()
    call_sign = serializers.CharField()
    trade = serializers.ChoiceField(choices=[(t.value, t.name.title()) for t in Trade])
    home_harbour = serializers.CharField(source="harbour")
    length_over_all = serializers.DecimalField(source="length", max_digits=6, decimal_places=2)
    beam = serializers.DecimalField(max_digits=6, decimal_places=2)
    gross_tonnage = serializers.DecimalField(source="tonnage", max_digits=8, decimal_places=1)
    keel_laid = serializers.DateField()
    next_survey = serializers.DateField()
    owners = OwnerSerializer(many=True)
    engines = EngineSerializer(many=True)
    surveys = SurveySerializer(many=True)

    def to_representation(self, ship):
        shown = super().to_representation(ship)
        shown["register_mark"] = f"{ship.harbour[:2].upper()} {ship.number}"
        shown["url"] = self.context["request"].build_absolute_uri(f"/ships/{ship.number}")
        shown["slug"] = slugify(f"{ship.name} {ship.call_sign}")
        shown["survey_note"] = survey_note(ship)
        return shown


class HarbourShips(APIView):
    def get(self, request, harbour: str):
        if harbour not in HARBOURS:
            raise NotFound()
        ships = [ship for ship in SHIPS if ship.harbour == harbour]
        trade = request.query_params.get("trade")
        if trade:
            ships = [ship for ship in ships if ship.trade == trade]
        ships.sort(key=lambda ship: (ship.next_survey, ship.name))
        return Response({"harbour": harbour.title(), "count": len(ships), "ships": ShipSerializer(ships, many=True, context={"request": request}).data})


class OneShip(APIView):
    def get(self, request, number: int):
        ship = BY_NUMBER.get(number)
        if ship is None:
            raise NotFound()
        return Response(ShipSerializer(ship, context={"request": request}).data)


class OwnerCheck(APIView):
    def post(self, request):
        owner = OwnerSerializer(data=request.data)
        owner.is_valid(raise_exception=True)
        return Response(owner.validated_data, status=201)


urlpatterns = [
    path("harbours/<str:harbour>/ships", HarbourShips.as_view()),
    path("ships/<int:number>", OneShip.as_view()),
    path("owners/check", OwnerCheck.as_view()),
    path("status", lambda request: HttpResponse("ok")),
]
application = get_wsgi_application()
