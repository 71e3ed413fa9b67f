"""Building permits: what the office has to answer, and until when."""
import os
import sys
from datetime import date

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("SECRET_KEY", "not-for-production"),
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "permits.NoStore"],
    USE_TZ=True,
)

import django  # noqa: E402
from django.http import Http404, JsonResponse  # noqa: E402
from django.urls import path, register_converter  # noqa: E402
from django.utils.dateparse import parse_date  # noqa: E402

import permits  # noqa: E402

django.setup()


class DistrictConverter:
    regex = "[a-z]+"

    def to_python(self, value: str) -> str:
        if value not in permits.DISTRICTS:
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DistrictConverter, "district")


def asked_day(request) -> date:
    try:
        return parse_date(request.GET.get("on", "")) or permits.TODAY
    except ValueError:
        raise Http404("no such day") from None


def agenda(request, district: str):
    on = asked_day(request)
    lines = [permits.line(permit, on) for permit in permits.open_permits(district, on)]
    lines.sort(key=lambda item: (item["due"], item["number"]))
    late = sum(item["days_left"] < 0 for item in lines)
    return JsonResponse({"district": district, "on": on, "open": len(lines), "late": late, "permits": lines})


def permit(request, number: str):
    found = permits.find(number)
    if found is None:
        raise Http404(number)
    return JsonResponse(permits.line(found, asked_day(request)))


def closed_days(request, year: int):
    return JsonResponse({"year": year, "closed": permits.CALENDAR.closed_in(year)})


def health(request):
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("districts/<district:district>/agenda", agenda),
    path("permits/<str:number>", permit),
    path("calendar/<int:year>", closed_days),
    path("health", health),
]

if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application
    from waitress import serve
    sys.exit(serve(get_wsgi_application(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, _quiet=True))
