"""Yearly statements of a power supplier, by district."""
import secrets

from django.conf import settings

settings.configure(DEBUG=False, SECRET_KEY=secrets.token_hex(16), ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True,
                   MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware",
                               "django.middleware.http.ConditionalGetMiddleware",
                               "django.middleware.clickjacking.XFrameOptionsMiddleware"])

import django  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import Http404, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

from layers import ReadingStore, StatementService  # noqa: E402

django.setup()
SERVICE = StatementService(ReadingStore())


def district_statement(request, district: int):
    found = SERVICE.statement(district)
    if not found["lines"]:
        raise Http404
    return JsonResponse(found)


def up(request):
    return JsonResponse({"up": True})


urlpatterns = [path("districts/<int:district>/statement", district_statement), path("up", up)]
application = get_wsgi_application()
